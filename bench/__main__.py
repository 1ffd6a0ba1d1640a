"""`python -m bench [NAME ...]`: start servers of our own, measure, print the table, write `bench/results.json`.

Without a name everything but what is measured `ON_REQUEST`.
"""

from __future__ import annotations

import os
import sys

from bench import (
    backlog,
    collect,
    command,
    engine_growth,
    entries,
    growth,
    imports,
    instances,
    latency,
    longpoll,
    page,
    path,
    project,
    queries,
    rebuild,
    relay,
    write,
)
from bench.harness import report
from observe.garbage import collect_seldom
from settings import START_ONE_HERE
from tests.system.running import temporary_home
from workers.console import Progress
from workers.system import lifecycle
from workers.system.record import free_port

BENCHMARKS = {
    "write": write.run,
    "collect": collect.run,
    "relay": relay.run,
    "backlog": backlog.run,
    "project": project.run,
    "rebuild": rebuild.run,
    "path": path.run,
    "latency": latency.run,
    "command": command.run,
    "longpoll": longpoll.run,
    "page": page.run,
    "growth": growth.run,
    "entries": entries.run,
    "definitions": instances.read,
    "instances": instances.run,
    "engine_growth": engine_growth.run,
}
ON_REQUEST = {"path_growth": path.grow, "queries": queries.run, "imports": imports.run}


def main(names: list[str]) -> None:
    """Run the benchmarks named, all of them when none is."""
    results = []
    # As our processes do; the baselines have it, too.
    collect_seldom()
    with temporary_home() as home:
        mine = {name: value for name, value in os.environ.items() if not name.startswith("TASKPOOL_")}
        wanted = {"TASKPOOL_HOME": str(home), "TASKPOOL_PORT": str(free_port()), "TASKPOOL_SQL_URL": START_ONE_HERE}
        try:
            settings = lifecycle.start_servers(mine | wanted, Progress())
            for name in names or list(BENCHMARKS):
                print(f"{name} …", file=sys.stderr)
                results += (BENCHMARKS | ON_REQUEST)[name](settings)
        finally:
            lifecycle.down(home)
    report(results)


if __name__ == "__main__":
    main(sys.argv[1:])
