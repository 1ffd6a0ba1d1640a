"""What differs between deployments: frozen dataclasses, read from the environment once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from domain.identity import APPLICATION_NAME, is_application_name
from domain.senders import user_of

DEMO, PRODUCTION = "demo", "production"
HOSTED = "hosted"
KEY_BYTES = 32
MOST_PROXIES = 9
REQUEST_LINE_BYTES = 64 * 1024
"""Of an address with all that the schemas allow in it; gunicorn's own limit is less than one long search."""
KEY_HOURS = 24
"""How long an `Idempotency-Key` is known at least."""
STARTTLS = ("required", "offered", "never")
MOST_WEBHOOKS = 5
APPLICATION_SECRET = "TASKPOOL_AMQP_APPLICATION_SECRET"  # noqa: S105 - its name

RABBITMQ, MONGODB, REDIS, POSTGRESQL = "rabbitmq", "mongodb", "redis", "postgresql"
SERVER_URLS = {RABBITMQ: "TASKPOOL_AMQP_URL", MONGODB: "TASKPOOL_MONGO_URL", REDIS: "TASKPOOL_REDIS_URL"}
MONGODB_OPERATOR, WEB_USER, PROJECTOR_USER = "operator", "web", "projector"
"""Users of a MongoDB server of our own."""
START_ONE_HERE = "postgresql"
"""As `TASKPOOL_SQL_URL`: not an address, but the wish for a PostgreSQL server of this system's own."""

Values = Mapping[str, str]


class InvalidSetting(Exception):
    """A setting is missing or wrong; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How many hours what is over is kept. What is unsent is always kept."""

    inbox: float = 48.0
    """Messages handled; outlasts every command and every `Idempotency-Key`, or a repeat would be carried out twice."""
    received: float = 7 * 24.0
    """Records of outside engines that have been applied; a repeat after that counts as new."""
    commands: float = 7 * 24.0
    """Answered commands; not shorter than the inbox, so that what the engine remembers can still be answered."""
    tasks: float = 90 * 24.0
    """Ended tasks and process instances; a stub remains that keeps late events from bringing one back."""
    history: float = 365 * 24.0
    """What happened to tasks, and what operators did about parked aggregates."""
    dead: float = 90 * 24.0
    """Dead letters nobody has decided about; the event or the outcome of the command is in its log."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one unit of work of an engine may use before it is ended from outside."""

    seconds: float = 5.0
    """While the engine is at work; waiting for locks does not count."""
    megabytes: float = 512.0
    """Resident memory beyond what its process held when it began."""

    @property
    def bytes(self) -> int:
        """The same in bytes."""
        return int(self.megabytes * 1024 * 1024)


@dataclass(frozen=True, slots=True)
class Notifying:
    """How people are told of their tasks outside the list; without a way nothing of it runs."""

    smtp_url: str = field(default="", repr=False)
    """`smtp://user:password@host:port?from=address`, or `smtps://`; `starttls=required`, `offered` or `never`."""
    webhooks: tuple[str, ...] = field(default=(), repr=False)
    """Where every notice to a person is posted."""
    change_webhooks: tuple[str, ...] = field(default=(), repr=False)
    """Where every event of a task is posted."""
    webhook_secret: str = field(default="", repr=False)
    """Signs what is posted."""
    templates: Path | None = None
    """A folder whose files are used instead of the ones of the same name here."""
    due_soon_hours: float = 24.0
    locale: str = "en"
    """The language of mail to people who have not opened the page yet, and where it is spoken: `de-CH`."""

    @property
    def tells_people(self) -> bool:
        """Whether there is a way to people."""
        return bool(self.smtp_url or self.webhooks)

    @property
    def tells_changes(self) -> bool:
        """Whether there is an address that hears of every event of a task."""
        return bool(self.change_webhooks)

    @property
    def is_on(self) -> bool:
        """Whether anybody is told anything."""
        return self.tells_people or self.tells_changes


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the processes of one system need to find each other."""

    home: Path
    """Data, logs, ports and `run/NAME.pid`; two systems never share one."""
    host: str
    port: int
    profile: str
    """`demo` has demo accounts and example applications; `production` refuses demo passwords."""
    secret_key: str = field(repr=False)
    """Signs the tokens of pages and what browsers keep; generated once into the home in the demo profile."""
    amqp_url: str = field(repr=False)
    mongo_url: str = field(repr=False)
    mongo_database: str
    redis_url: str = field(repr=False)
    sql_url: str | None = field(repr=False)
    """None: one SQLite file per application below the home; otherwise a PostgreSQL URL, one schema per application."""
    applications: tuple[str, ...] = ("approval", "invoicing")
    """Process applications with a Python process of their own; all others are hosted."""
    modules: Values = field(default_factory=dict)
    """Where each application's `ProcessApplication` is found, as `module:attribute`."""
    operator_token: str = field(default="", repr=False)
    """Bearer token of the command line, an operator; empty: nobody has one."""
    users_file: Path | None = None
    """Accounts of the production profile."""
    signing_key: str = field(default="", repr=False)
    """The web's Ed25519 key, with which it signs commands; 32 bytes in base64, generated into the home."""
    verifying_keys: tuple[str, ...] = ()
    """Public keys of other webs whose commands engines believe: while one is rotated, or on another machine."""
    personal_keys: tuple[str, ...] = field(default=(), repr=False)
    """Keep the keys of people whose data is sealed: the first wraps them, all unwrap; generated into the home."""
    held_per_person: int = 50
    """Polls and streams one person may hold open in one web process."""
    metrics_token: str = field(default="", repr=False)
    """Bearer token that may read `/metrics` and the reasons of `/readyz` in production; operators may, too."""
    requests_per_address: int = 500
    """Requests one address may have open in one web process, held ones included."""
    session_idle_hours: float = 12.0
    """After so long without anything done by its person a session of the page ends."""
    session_hours: float = 7 * 24.0
    """After so long it ends whatever they do."""
    guesses_per_minute: int = 10
    """Wrong passwords for one name from one address; ten times as many for one address, or one name in ten minutes."""
    assigning_groups: tuple[str, ...] = ()
    """Who alone may give others' and open tasks to somebody, beside operators; none: everybody they are offered to."""
    proxies: int = 0
    """So many proxies stand in front of the web and are believed about scheme, host and address."""
    flower_password: str = field(default="", repr=False)
    """Of the user `flower`; generated into the home."""
    flower_port: int = 5555
    """Flower listens on the loopback interface only."""
    amqp_management_url: str | None = field(default=None, repr=False)
    """RabbitMQ's HTTP API with its user and password, when the server is ours."""
    application_secret: str = field(default="", repr=False)
    """The passwords of the applications' broker users come from it; empty: all use the platform's user."""
    retention: Retention = Retention()
    budget: Budget = Budget()
    outbox_limit: int = 200_000
    """Events waiting to be published beyond which nothing new is begun."""
    own_servers: tuple[str, ...] = ()
    """Roles of the servers that `taskpool up` starts; the others were there already."""
    notifying: Notifying = Notifying()
    public_address: str = ""
    """Where people reach the list, in what leaves the system; empty: as from this machine."""

    @property
    def url(self) -> str:
        """Where a person on this machine finds the task list."""
        return f"http://{reachable(self.host)}:{self.port}"

    @property
    def public_url(self) -> str:
        """Where people reach the task list, without a slash at the end."""
        return self.public_address.rstrip("/") or self.url

    @property
    def flower_url(self) -> str:
        """Where Flower answers."""
        return f"http://127.0.0.1:{self.flower_port}"

    def database_url(self, application: str) -> str:
        """Where the application keeps its log, outbox and engine state."""
        return self.sql_url or f"sqlite:///{self.home / 'data' / 'sql' / application}.db"

    def application_amqp_url(self, application: str) -> str:
        """How an application reaches the broker: as a user of its own where the broker is ours."""
        if not self.application_secret:
            return self.amqp_url
        parts = urlsplit(self.amqp_url)
        user = f"{quote(user_of(application), safe='')}:{self.application_password(application)}"
        return parts._replace(netloc=f"{user}@{parts.netloc.rpartition('@')[2]}").geturl()

    def application_password(self, application: str) -> str:
        """The password of an application's broker user, the same as long as the home lives."""
        return hmac.new(self.application_secret.encode(), application.encode(), hashlib.sha256).hexdigest()

    def views_url(self, user: str) -> str:
        """How `WEB_USER` or `PROJECTOR_USER` reaches the views: as a user of its own where MongoDB is ours."""
        parts = urlsplit(self.mongo_url)
        if MONGODB not in self.own_servers or not parts.password:
            return self.mongo_url
        place = parts.netloc.rpartition("@")[2]
        return parts._replace(netloc=f"{user}:{self.views_password(user)}@{place}").geturl()

    def views_password(self, user: str) -> str:
        """The password of a user of our MongoDB, the same as long as the home lives."""
        secret = urlsplit(self.mongo_url).password or ""
        return hmac.new(secret.encode(), user.encode(), hashlib.sha256).hexdigest()

    def module_of(self, application: str) -> str:
        """`module:attribute` of the application's `ProcessApplication`; raises `InvalidSetting`."""
        try:
            return self.modules[application]
        except KeyError:
            raise InvalidSetting(
                f"{application} is not among TASKPOOL_APPLICATIONS ({', '.join(self.modules)})"
            ) from None

    @classmethod
    def from_env(cls, env: Values) -> Settings:
        """Read once at start; ports and secrets that `up` has chosen come from the home. Raises `InvalidSetting`."""
        home = home_of(env)
        return from_values(home, {**remembered(home), **given(env)})


def current() -> Settings:
    """The settings of this process's environment; raises `InvalidSetting`."""
    return Settings.from_env(os.environ)


def running() -> Settings:
    """Find a system from its home alone: the environment may be meant for another."""
    home = home_of(os.environ)
    return Settings.from_env({"TASKPOOL_HOME": str(home)} if record_of(home).exists() else os.environ)


def given(env: Values) -> dict[str, str]:
    """Only what is ours and not empty: an empty variable is an unset one."""
    return {name: value for name, value in env.items() if name.startswith("TASKPOOL_") and value}


def home_of(env: Values) -> Path:
    """Absolute, so that it names the system from every working directory."""
    return Path(env.get("TASKPOOL_HOME") or ".taskpool").expanduser().resolve()


def record_of(home: Path) -> Path:
    """Name the file in which `up` writes down what it decided, as settings."""
    return home / "run" / "system.json"


def remembered(home: Path) -> dict[str, str]:
    """Read what the last `up` decided; nothing before the first."""
    try:
        record = json.loads(record_of(home).read_text())
    except FileNotFoundError:
        return {}
    except (ValueError, OSError) as error:
        raise InvalidSetting(
            f"{record_of(home)} cannot be read ({error}); run `taskpool down`, then remove it"
        ) from error
    return {str(name): str(value) for name, value in record.items()}


def reachable(host: str) -> str:
    """Turn an address to listen on into one to connect to."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - a look-up, not a binding
    return everywhere.get(host, f"[{host}]" if ":" in host else host)


def from_values(home: Path, values: Values) -> Settings:
    """Turn complete values into settings; what only `up` can choose has each server's usual port."""
    profile = _profile(values)
    users = values.get("TASKPOOL_USERS")
    settings = Settings(
        home=home,
        host=values.get("TASKPOOL_HOST", "127.0.0.1"),
        port=port_in(values, "TASKPOOL_PORT", 8080),
        profile=profile,
        secret_key=values.get("TASKPOOL_SECRET_KEY", ""),
        amqp_url=values.get("TASKPOOL_AMQP_URL") or _own_amqp_url(values),
        mongo_url=values.get("TASKPOOL_MONGO_URL") or _own_mongo_url(values),
        mongo_database=values.get("TASKPOOL_MONGO_DATABASE", "taskpool"),
        redis_url=values.get("TASKPOOL_REDIS_URL") or _own_redis_url(values),
        sql_url=_sql_url(values),
        applications=tuple(_modules(values)),
        modules=_modules(values),
        signing_key=_key("TASKPOOL_SIGNING_KEY", values.get("TASKPOOL_SIGNING_KEY", "")),
        verifying_keys=tuple(
            _key("TASKPOOL_VERIFYING_KEYS", key.strip())
            for key in values.get("TASKPOOL_VERIFYING_KEYS", "").split(",")
            if key.strip()
        ),
        personal_keys=tuple(
            _key("TASKPOOL_PERSONAL_KEYS", key.strip())
            for key in values.get("TASKPOOL_PERSONAL_KEYS", "").split(",")
            if key.strip()
        ),
        held_per_person=int(_positive(values, "TASKPOOL_HELD_PER_PERSON", 50)),
        metrics_token=values.get("TASKPOOL_METRICS_TOKEN", ""),
        requests_per_address=int(_positive(values, "TASKPOOL_REQUESTS_PER_ADDRESS", 500)),
        session_idle_hours=_positive(values, "TASKPOOL_SESSION_IDLE_HOURS", 12.0),
        session_hours=_positive(values, "TASKPOOL_SESSION_HOURS", 7 * 24.0),
        guesses_per_minute=int(_positive(values, "TASKPOOL_GUESSES_PER_MINUTE", 10)),
        assigning_groups=tuple(_listed(values, "TASKPOOL_ASSIGNING_GROUPS")),
        proxies=_proxies(values),
        flower_password=values.get("TASKPOOL_FLOWER_PASSWORD", ""),
        operator_token=values.get("TASKPOOL_OPERATOR_TOKEN", ""),
        users_file=Path(users).expanduser().resolve() if users else None,
        flower_port=port_in(values, "TASKPOOL_FLOWER_PORT", 5555),
        amqp_management_url=None if values.get("TASKPOOL_AMQP_URL") else _own_management_url(values),
        application_secret="" if values.get("TASKPOOL_AMQP_URL") else values.get(APPLICATION_SECRET, ""),
        retention=_retention(values),
        budget=Budget(
            _positive(values, "TASKPOOL_BUDGET_SECONDS", Budget().seconds),
            _positive(values, "TASKPOOL_BUDGET_MEGABYTES", Budget().megabytes),
        ),
        outbox_limit=int(_positive(values, "TASKPOOL_OUTBOX_LIMIT", 200_000)),
        own_servers=own_servers(values),
        notifying=_notifying(values),
        public_address=_web_address("TASKPOOL_PUBLIC_URL", values.get("TASKPOOL_PUBLIC_URL", "")),
    )
    if profile == PRODUCTION:
        _refuse_demo_secrets(settings)
    return settings


def own_servers(values: Values) -> tuple[str, ...]:
    """List the roles that no setting says are somewhere else."""
    servers = [role for role, variable in SERVER_URLS.items() if not values.get(variable)]
    return (*servers, POSTGRESQL) if values.get("TASKPOOL_SQL_URL") == START_ONE_HERE else tuple(servers)


def port_in(values: Values, name: str, default: int) -> int:
    """Read a port number, or say in one line what is wrong with it."""
    text = values.get(name, str(default))
    if not text.isdecimal() or not 0 < int(text) < 65536:  # noqa: PLR2004 - the range of ports
        raise InvalidSetting(f"{name} must be a port number between 1 and 65535, not {text!r}")
    return int(text)


def _key(name: str, text: str) -> str:
    try:
        if text and len(base64.b64decode(text, validate=True)) != KEY_BYTES:
            raise ValueError(text)
    except ValueError:
        raise InvalidSetting(f"{name} must be {KEY_BYTES} bytes in base64 each") from None
    return text


def _proxies(values: Values) -> int:
    text = values.get("TASKPOOL_PROXIES", "0")
    if not text.isdecimal() or int(text) > MOST_PROXIES:
        raise InvalidSetting(f"TASKPOOL_PROXIES must be how many proxies stand in front, 0 to {MOST_PROXIES}: {text!r}")
    return int(text)


def _retention(values: Values) -> Retention:
    usual = Retention()
    retention = Retention(
        inbox=_positive(values, "TASKPOOL_KEEP_INBOX_HOURS", usual.inbox),
        received=_positive(values, "TASKPOOL_KEEP_RECEIVED_HOURS", usual.received),
        commands=_positive(values, "TASKPOOL_KEEP_COMMANDS_HOURS", usual.commands),
        tasks=_positive(values, "TASKPOOL_KEEP_TASKS_HOURS", usual.tasks),
        history=_positive(values, "TASKPOOL_KEEP_HISTORY_HOURS", usual.history),
        dead=_positive(values, "TASKPOOL_KEEP_DEAD_HOURS", usual.dead),
    )
    # A key is known for a day, and a command forgotten by its engine must not be shown as carried out by the views.
    if not KEY_HOURS + 1 <= retention.inbox <= retention.commands:
        raise InvalidSetting(
            f"TASKPOOL_KEEP_INBOX_HOURS is at least {KEY_HOURS + 1}, TASKPOOL_KEEP_COMMANDS_HOURS at least as long"
        )
    return retention


def _notifying(values: Values) -> Notifying:
    templates = values.get("TASKPOOL_NOTICE_TEMPLATES")
    found = Notifying(
        smtp_url=_smtp_url(values.get("TASKPOOL_SMTP_URL", "")),
        webhooks=_webhooks(values, "TASKPOOL_WEBHOOKS"),
        change_webhooks=_webhooks(values, "TASKPOOL_CHANGE_WEBHOOKS"),
        webhook_secret=values.get("TASKPOOL_WEBHOOK_SECRET", ""),
        templates=Path(templates).expanduser().resolve() if templates else None,
        due_soon_hours=_positive(values, "TASKPOOL_DUE_SOON_HOURS", Notifying().due_soon_hours),
        locale=_mail_locale(values.get("TASKPOOL_MAIL_LOCALE", Notifying().locale)),
    )
    if found.templates is not None and not found.templates.is_dir():
        raise InvalidSetting(f"TASKPOOL_NOTICE_TEMPLATES: there is no folder {found.templates}")
    return found


def _mail_locale(tag: str) -> str:
    if not re.fullmatch(r"(en|de)(-[A-Z]{2})?", tag):
        raise InvalidSetting(f"TASKPOOL_MAIL_LOCALE must be en or de, or with a country as de-CH, not {tag[:80]!r}")
    return tag


def _listed(values: Values, name: str) -> list[str]:
    return [part.strip() for part in values.get(name, "").split(",") if part.strip()]


def _webhooks(values: Values, name: str) -> tuple[str, ...]:
    found = tuple(_web_address(name, url) for url in _listed(values, name))
    if len(found) > MOST_WEBHOOKS:
        raise InvalidSetting(f"{name}: at most {MOST_WEBHOOKS}")
    if found and len(values.get("TASKPOOL_WEBHOOK_SECRET", "")) < 16:  # noqa: PLR2004 - too short to sign anything
        raise InvalidSetting(f"{name} needs TASKPOOL_WEBHOOK_SECRET, of at least 16 characters")
    return found


def _smtp_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        said = parse_qs(parts.query)
        fine = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
        fine = fine and said.get("starttls", ["offered"])[0] in STARTTLS and "@" in said.get("from", [""])[0]
    except ValueError:
        fine = False
    if url and not fine:
        raise InvalidSetting(
            "TASKPOOL_SMTP_URL must be smtp://USER:PASSWORD@HOST:PORT?from=ADDRESS or smtps://…, "
            f"with starttls={', '.join(STARTTLS)} where it is said"
        )
    return url


def _web_address(name: str, url: str) -> str:
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if url and not (fine and url.isprintable() and " " not in url):
        raise InvalidSetting(f"{name} must be http:// or https:// with a host, not {url[:200]!r}")
    return url


def _positive(values: Values, name: str, default: float) -> float:
    text = values.get(name, str(default))
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise InvalidSetting(f"{name} must be a positive number, not {text!r}")
    return number


def _profile(values: Values) -> str:
    profile = values.get("TASKPOOL_PROFILE", DEMO)
    if profile not in (DEMO, PRODUCTION):
        raise InvalidSetting(f"TASKPOOL_PROFILE must be {DEMO} or {PRODUCTION}, not {profile!r}")
    return profile


def _modules(values: Values) -> dict[str, str]:
    """Read `name=module:attribute, …`; a bare name means `examples.<name>.application:application`."""
    listed = [part.strip() for part in values.get("TASKPOOL_APPLICATIONS", "approval,invoicing").split(",")]
    parts = [part.partition("=") for part in listed if part]
    for name in (part[0].strip() for part in parts):
        if not is_application_name(name) or name == HOSTED:
            raise InvalidSetting(
                f"TASKPOOL_APPLICATIONS: an application cannot be called {name[:80]!r}; names match "
                f"{APPLICATION_NAME}, and {HOSTED!r} is the host's own"
            )
    return {
        name.strip(): module.strip() or f"examples.{name.strip()}.application:application" for name, _, module in parts
    }


def _own_amqp_url(values: Values) -> str:
    return f"amqp://{_amqp_user(values)}@127.0.0.1:{port_in(values, 'TASKPOOL_AMQP_PORT', 5672)}/%2F"


def _own_management_url(values: Values) -> str:
    return f"http://{_amqp_user(values)}@127.0.0.1:{port_in(values, 'TASKPOOL_AMQP_MANAGEMENT_PORT', 15672)}"


def _amqp_user(values: Values) -> str:
    password = values.get("TASKPOOL_AMQP_PASSWORD")
    return f"taskpool:{password}" if password else "guest:guest"


def _own_mongo_url(values: Values) -> str:
    password = values.get("TASKPOOL_MONGO_PASSWORD")
    user, source = (f"{MONGODB_OPERATOR}:{password}@", "&authSource=admin") if password else ("", "")
    return f"mongodb://{user}127.0.0.1:{port_in(values, 'TASKPOOL_MONGO_PORT', 27017)}/?replicaSet=rs0{source}"


def _own_redis_url(values: Values) -> str:
    password = values.get("TASKPOOL_REDIS_PASSWORD")
    user = f":{password}@" if password else ""
    return f"redis://{user}127.0.0.1:{port_in(values, 'TASKPOOL_REDIS_PORT', 6379)}/0"


def _sql_url(values: Values) -> str | None:
    url = values.get("TASKPOOL_SQL_URL")
    if url != START_ONE_HERE:
        return url
    port = port_in(values, "TASKPOOL_POSTGRESQL_PORT", 5432)
    return f"postgresql+psycopg://taskpool:{values.get('TASKPOOL_POSTGRESQL_PASSWORD', '')}@127.0.0.1:{port}/taskpool"


def _refuse_demo_secrets(settings: Settings) -> None:
    if len(settings.secret_key) < 16:  # noqa: PLR2004 - too short to sign anything
        raise InvalidSetting(
            "TASKPOOL_SECRET_KEY is missing or shorter than 16 characters; the production profile needs one"
        )
    if settings.notifying.is_on and not settings.public_address:
        raise InvalidSetting("TASKPOOL_PUBLIC_URL is missing; links in mail and webhooks lead there")
    for url in (settings.amqp_url, settings.mongo_url, settings.redis_url, settings.sql_url or ""):
        parts = urlsplit(url)
        if parts.password and parts.password == parts.username:
            raise InvalidSetting(
                f"the password of {parts.username} at {parts.hostname} is a demo password (the name itself)"
            )
