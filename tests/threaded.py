"""A stand-in for a platform, as a server in a thread of its own."""

import asyncio
import socket
import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

import uvloop

from tests.bot_api.http_server import Connection


class Threaded(ABC):
    """Use it as a context manager, from any thread. It can be stopped and started again: what it knows and its `port`
    stay, as after an outage of the real one."""

    def __init__(self, port: int) -> None:
        self.port = port

    def start(self) -> Self:
        """Binds the port and serves until `stop`; raises `OSError` if the port is taken."""
        listener = socket.create_server(("127.0.0.1", self.port), backlog=1024)
        self.port = listener.getsockname()[1]
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(listener,), name=type(self).__name__, daemon=True)
        self._thread.start()
        self._ready.wait()
        return self

    def stop(self) -> None:
        """Cuts all connections and ends the thread."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """Without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    @abstractmethod
    async def _serve(self, listener: socket.socket) -> None:
        """Serve until `_until_stopped` is over."""

    async def _until_stopped(self) -> None:
        self._ready.set()
        await self._stopping.wait()

    def _run(self, listener: socket.socket) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._begun(listener))

    async def _begun(self, listener: socket.socket) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        await self._serve(listener)


async def cut_off(server: asyncio.Server, connections: set[Connection]) -> None:
    """Nothing more is answered."""
    server.close()
    while connections:
        for connection in list(connections):
            connection.abort()
        await asyncio.sleep(0)
    await server.wait_closed()
