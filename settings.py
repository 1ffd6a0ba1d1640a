"""What differs between deployments: frozen dataclasses, read from the environment once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEMO, PRODUCTION = "demo", "production"
HOSTED = "hosted"


class InvalidSetting(Exception):
    """A setting is missing or wrong; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the processes of one system need to find each other."""

    home: Path
    """Data, logs, ports and `run/NAME.pid`; two systems never share one."""
    host: str
    port: int
    profile: str
    """`demo` has demo accounts and example applications; `production` refuses demo passwords."""
    secret_key: str
    """Signs sessions and cursors; generated once into the home in the demo profile."""
    amqp_url: str
    mongo_url: str
    mongo_database: str
    redis_url: str
    sql_url: str | None
    """None: one SQLite file per application below the home; otherwise a PostgreSQL URL, one schema per application."""
    applications: tuple[str, ...] = ("approval", "invoicing")
    """Process applications with a Python process of their own; all others are hosted."""

    def database_url(self, application: str) -> str:
        """Where the application keeps its log, outbox and engine state."""
        return self.sql_url or f"sqlite:///{self.home / 'data' / 'sql' / application}.db"

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read once at start; ports and secrets that `up` has chosen come from the home. Raises `InvalidSetting`."""
        raise NotImplementedError
