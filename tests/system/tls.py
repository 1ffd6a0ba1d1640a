"""Servers that speak TLS only, with certificates made here."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from workers.system import postgresql
from workers.system.record import free_port
from workers.system.servers import Launch, mongodb, rabbitmq

PASSWORD = "k7Jq2mXw9pLz"


class Authority:
    """Signs certificates for hosts; who trusts `file` believes them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._key, self._name = folder, ec.generate_private_key(ec.SECP256R1()), _name("authority")
        made = _certificate(self._name, self._key.public_key(), self._name)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.file = folder / "authority.pem"
        self.file.write_bytes(_pem(made.sign(self._key, hashes.SHA256())))

    def certify(self, name: str, address: str = "127.0.0.1") -> tuple[Path, Path]:
        """The files of a certificate and its key for a server at this address."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = _certificate(_name(name), key.public_key(), self._name)
        names: list[x509.GeneralName] = [x509.IPAddress(ip_address(address))]
        if address == "127.0.0.1":
            names.append(x509.DNSName("localhost"))
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
        certificate, secret = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        certificate.write_bytes(_pem(made.sign(self._key, hashes.SHA256())))
        text = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        secret.touch(0o600)
        secret.write_bytes(text)
        return certificate, secret


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(subject: x509.Name, key: ec.EllipticCurvePublicKey, issuer: x509.Name) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    made = made.serial_number(x509.random_serial_number())
    return made.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))


def _pem(made: x509.Certificate) -> bytes:
    return made.public_bytes(serialization.Encoding.PEM)


def _rabbitmq(home: Path, authority: Authority, files: tuple[Path, Path]) -> tuple[Launch, str]:
    names = ("AMQP", "AMQP_MANAGEMENT", "EPMD", "ERLANG")
    values = {f"TASKPOOL_{name}_PORT": str(free_port()) for name in names}
    secrets = ("TASKPOOL_AMQP_PASSWORD", "TASKPOOL_ERLANG_COOKIE", "TASKPOOL_SYSTEM_ID")
    values |= dict.fromkeys(secrets, f"{PASSWORD}tls")
    launch, port = rabbitmq(home, values), free_port()
    config = home / "data" / "rabbitmq" / "rabbitmq.conf"
    config.write_text(
        config.read_text()
        + f"listeners.ssl.1 = 127.0.0.1:{port}\nssl_options.cacertfile = {authority.file}\n"
        + f"ssl_options.certfile = {files[0]}\nssl_options.keyfile = {files[1]}\n"
    )
    return launch, f"amqps://taskpool:{PASSWORD}tls@127.0.0.1:{port}/%2F"


def _mongodb(home: Path, _: Authority, files: tuple[Path, Path]) -> tuple[Launch, str]:
    port, both = free_port(), home / "both.pem"
    both.touch(0o600)
    both.write_text(files[0].read_text() + files[1].read_text())
    launch = mongodb(home, {"TASKPOOL_MONGO_PORT": str(port), "TASKPOOL_MONGO_PASSWORD": PASSWORD})
    options = ("--tlsMode", "requireTLS", "--tlsCertificateKeyFile", str(both))
    url = f"mongodb://operator:{PASSWORD}@127.0.0.1:{port}/?replicaSet=rs0&authSource=admin&tls=true"
    return Launch((*launch.command, *options)), url


def _redis(_: Path, authority: Authority, files: tuple[Path, Path]) -> tuple[Launch, str]:
    port = free_port()
    options = {
        "bind": "127.0.0.1",
        "port": "0",
        "tls-port": str(port),
        "save": "",
        "requirepass": PASSWORD,
        "tls-cert-file": str(files[0]),
        "tls-key-file": str(files[1]),
        "tls-ca-cert-file": str(authority.file),
        "tls-auth-clients": "no",
    }
    command = ("redis-server", *(part for name, value in options.items() for part in (f"--{name}", value)))
    return Launch(command), f"rediss://:{PASSWORD}@127.0.0.1:{port}/0"


def _postgresql(home: Path, _: Authority, files: tuple[Path, Path]) -> tuple[Launch, str]:
    port = free_port()
    values = {"TASKPOOL_POSTGRESQL_PORT": str(port), "TASKPOOL_POSTGRESQL_PASSWORD": PASSWORD}
    command, environment, user = postgresql.start(home, {**values, "TASKPOOL_SYSTEM_ID": "tls"})
    data = Path(command[command.index("-D") + 1])
    for file, name in zip(files, ("server.crt", "server.key"), strict=True):
        (data / name).write_bytes(file.read_bytes())
        (data / name).chmod(0o600)
        if user:
            account = pwd.getpwnam(user)
            os.chown(data / name, account.pw_uid, account.pw_gid)
    access = data / "pg_hba.conf"
    access.write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")
    url = f"postgresql+psycopg://taskpool:{PASSWORD}@127.0.0.1:{port}/taskpool?sslmode=verify-full&sslrootcert=system"
    return Launch((*command, "-c", "ssl=on"), environment, user), url


SERVERS: dict[str, Callable[[Path, Authority, tuple[Path, Path]], tuple[Launch, str]]] = {
    "TASKPOOL_AMQP_URL": _rabbitmq,
    "TASKPOOL_MONGO_URL": _mongodb,
    "TASKPOOL_REDIS_URL": _redis,
    "TASKPOOL_SQL_URL": _postgresql,
}


@contextmanager
def serving(setting: str, home: Path, authority: Authority, address: str = "127.0.0.1") -> Iterator[str]:
    """One server with a certificate for this address while the block runs; gives its URL, as the setting takes it."""
    home.mkdir(parents=True, exist_ok=True)
    launch, url = SERVERS[setting](home, authority, authority.certify(setting.lower(), address))
    environment = {**os.environ, **launch.environment}
    mapper = subprocess.Popen(launch.beside, env=environment) if launch.beside else None
    log = (home / "log").open("wb")
    account = pwd.getpwnam(launch.user) if launch.user else None
    server = subprocess.Popen(
        launch.command,
        env=environment,
        stdout=log,
        stderr=log,
        cwd="/",
        user=launch.user,
        group=account and account.pw_gid,
        extra_groups=[] if account else None,
    )
    try:
        yield url
    finally:
        for process in (server, mapper):
            if process:
                process.terminate()
                process.wait(timeout=60)
        log.close()
