"""A PostgreSQL server of our own: it refuses to run as root, and its user must be able to enter its data folder."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy import make_url

from settings import POSTGRESQL, InvalidSetting, Settings, Values
from workers.system.secrecy import let_pass

USER = "postgres"
VERSIONS = Path("/usr/lib/postgresql")

Start = tuple[tuple[str, ...], dict[str, str], str | None]


def start(home: Path, values: Values) -> Start:
    """Make the cluster if there is none; give the command, its environment and the user that runs it."""
    user = USER if os.geteuid() == 0 else None
    data = _data_folder(home, values, user)
    programs = _programs(data)
    if not (data / "PG_VERSION").exists():
        _create_cluster(programs, data, values["TASKPOOL_POSTGRESQL_PASSWORD"], user)
    options = {
        "listen_addresses": "127.0.0.1",
        "port": values["TASKPOOL_POSTGRESQL_PORT"],
        "unix_socket_directories": "",
        "max_connections": "200",
    }
    settings = (part for name, value in options.items() for part in ("-c", f"{name}={value}"))
    return (str(programs / "postgres"), "-D", str(data), *settings), {"LC_ALL": "C.UTF-8"}, user


def create_database(settings: Settings) -> None:
    """Create the database of the system's own URL; does nothing when it is there."""
    import psycopg  # noqa: PLC0415 - slow to import, and most systems have no such server

    url = make_url(settings.sql_url or "").set(drivername="postgresql", database="postgres")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True, connect_timeout=2) as connection:
        if not connection.execute("select 1 from pg_database where datname = 'taskpool'").fetchone():
            connection.execute("create database taskpool")


def _data_folder(home: Path, values: Values, user: str | None) -> Path:
    data = home / "data" / POSTGRESQL
    if user:
        for folder in (home, home / "data"):
            folder.mkdir(parents=True, exist_ok=True)
            let_pass(folder, user)
        if not all(_may_be_entered(parent) for parent in home.parents):
            data = Path("/var/tmp") / f"taskpool-{values['TASKPOOL_SYSTEM_ID'][:10]}-{POSTGRESQL}"  # noqa: S108
            (home / "data" / "postgresql.elsewhere").write_text(f"{data}\n")
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if user:
        _give_to(user, data)
    return data


def _give_to(user: str, data: Path) -> None:
    account = pwd.getpwnam(user)
    if data.is_symlink() or data.stat().st_uid not in (0, account.pw_uid):
        raise InvalidSetting(f"{data} belongs to somebody else; choose another TASKPOOL_HOME")
    os.chown(data, account.pw_uid, account.pw_gid)
    data.chmod(0o700)


def _may_be_entered(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IXOTH)


def _programs(data: Path) -> Path:
    version = data / "PG_VERSION"
    wanted = version.read_text().strip() if version.exists() else "*"
    found = sorted(VERSIONS.glob(f"{wanted}/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise InvalidSetting(f"PostgreSQL is missing below {VERSIONS}: install it, or set TASKPOOL_SQL_URL to a server")
    return found[-1].parent


def _create_cluster(programs: Path, data: Path, password: str, user: str | None) -> None:
    # A cluster that was interrupted while it was made is not empty, and initdb refuses it.
    subprocess.run(["find", str(data), "-mindepth", "1", "-delete"], check=True)  # noqa: S603, S607
    account = pwd.getpwnam(user) if user else None
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(password)
        file.flush()
        if account:
            os.chown(file.name, account.pw_uid, account.pw_gid)
        options = ("--username=taskpool", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8")
        subprocess.run(  # noqa: S603 - our own arguments
            [str(programs / "initdb"), "-D", str(data), *options, f"--pwfile={file.name}"],
            check=True,
            cwd="/",
            user=user,
            group=account and account.pw_gid,
            extra_groups=[] if account else None,
        )
