"""The real program as a process of its own, which tests start, stop and kill."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import httpx

PROJECT = Path(__file__).parents[2]
PATIENCE = 30.0  # seconds for a start; a slow machine needs three
POLL = 0.01  # seconds between two looks


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Our own, with these settings of the program and no others. Which lines run is not measured: it slows a start, and
    who is killed does not tell."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MINSHENG_", "COVERAGE_"))}
    return inherited | dict(settings)


class BotFailed(Exception):
    """The program did not start; the message ends with the last lines of its log."""


class BotProcess:
    """`python -m bot run` on a loopback port that stays its own, however often it is killed and started again.

    `settings` are its environment, beyond what this process has. Use it as a context manager: at its end nothing
    is left running.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        # Bound but not listening, this socket keeps the port from every other program, also while the bot is down.
        self._reservation = socket.socket()
        self._reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reservation.bind(("127.0.0.1", 0))
        self.port: int = self._reservation.getsockname()[1]
        self._log = folder / f"bot-{self.port}.log"
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._reservation.close()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    @property
    def process_id(self) -> int:
        """Of the process that runs."""
        assert self._process
        return self._process.pid

    def start(self) -> None:
        """Return at once; see `ready`."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"],
                cwd=PROJECT,
                env=environment({**self._settings, "MINSHENG_HTTP_PORT": str(self.port)}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,  # else it would hear the Ctrl-C that ends the tests
            )

    async def command(self, *arguments: str) -> float:
        """Run another command with the same settings; how many seconds it took. Raises BotFailed."""
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *arguments),
            cwd=PROJECT,
            env=environment(self._settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        if process.returncode:
            raise BotFailed(said.decode(errors="replace")[-2000:])
        return time.monotonic() - began

    async def ready(self) -> None:
        """`wait_until_ready` for a running loop."""
        await asyncio.to_thread(self.wait_until_ready)

    def wait_until_ready(self) -> None:
        """Return when it says that it is ready. Raises BotFailed."""
        deadline = time.monotonic() + PATIENCE
        # verify=False only saves the loading of certificates.
        with httpx.Client(base_url=f"http://{self.address}", trust_env=False, verify=False) as client:
            while not _is_ready(client):
                if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                    raise BotFailed(self.log[-2000:])
                time.sleep(POLL)

    def kill(self) -> None:
        """End it as a power failure would, whatever it is doing."""
        process, self._process = self._process, None
        if process:
            process.kill()
            process.wait()

    async def stop(self) -> float:
        """End it politely; how many seconds it took. Raises BotFailed when it did not end well."""
        process, self._process = self._process, None
        assert process
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        try:
            code = await asyncio.to_thread(process.wait, PATIENCE)
        finally:
            process.kill()
            process.wait()
        if code:
            raise BotFailed(f"ended with {code}:\n{self.log[-2000:]}")
        return time.monotonic() - began

    @property
    def log(self) -> str:
        """All that it wrote, over all its lives."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    @property
    def log_size(self) -> int:
        """How many bytes that is."""
        return self._log.stat().st_size

    @property
    def complaints(self) -> Iterator[str]:
        """What it logged as an error, and what it did not mean to log at all."""
        for line in self.log.splitlines():
            event = _event(line)
            if event is None or event["level"] in ("error", "critical"):
                yield line


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def _event(line: str) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "level" in event else None
