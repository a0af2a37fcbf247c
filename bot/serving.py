"""Run the program until somebody stops it."""

import asyncio
import errno
import os
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager

import structlog
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.channels.webchat_frames import FRAME_LIMIT
from bot.web import web_app
from bot.wiring import Program

STOP_WITHIN = 7.0  # seconds for what is in hand at the end
CLOSE_WITHIN = 2  # seconds for open requests after that
WAITING_ROOM = 1024  # connections that are not taken yet
HEAD_LIMIT = 256 * 1024  # bytes of a request beside its body; browsers send some thousand
LONGEST_FRAME_TAKES = 60.0  # seconds on a bad line; a browser answers no ping while it sends

_WHY = {
    errno.EADDRINUSE: "port {port} of {host} is taken: set MINSHENG_HTTP_PORT to another one",
    errno.EACCES: "this user may not listen on port {port}: set MINSHENG_HTTP_PORT to one above 1023",
    errno.EADDRNOTAVAIL: "{host} is no address of this machine: set MINSHENG_HTTP_HOST to one that is",
}

log = structlog.get_logger(__name__)


class CannotListen(Exception):
    """The sentence says why, and what to do."""


class _Server(uvicorn.Server):
    """A server that leaves signals to us: the program stops first, the server after it."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class _Protocol(HttpToolsProtocol):
    """Refuses a request whose address or headers have no end: they would be kept, however many."""

    _beside = 0  # bytes of the request that were not of its body

    def data_received(self, data: bytes) -> None:
        self._beside += len(data)
        super().data_received(data)
        if self._beside > HEAD_LIMIT:
            self.send_400_response("Too much before or after the body.")

    def on_message_begin(self) -> None:
        self._beside = 0
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        self._beside -= len(body)
        super().on_body(body)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises CannotListen."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise CannotListen(f"{host!r} is no address: set MINSHENG_HTTP_HOST to one, such as 127.0.0.1") from None
    try:
        return socket.create_server(address[:2], family=family, backlog=WAITING_ROOM)
    except OSError as error:
        sentence = _WHY.get(error.errno or 0, "port {port} of {host} cannot be listened on ({strerror})")
        raise CannotListen(sentence.format(host=host, port=port, strerror=error.strerror)) from error


async def serve(program: Program, listener: socket.socket, on_ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; `on_ready` is called when people can write."""
    config = uvicorn.Config(
        web_app(program),
        http=_Protocol,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=CLOSE_WITHIN,
        ws_max_size=FRAME_LIMIT,
        ws_ping_timeout=LONGEST_FRAME_TAKES,
    )
    server = _Server(config)
    stopped = _stop_signal()
    await program.start()
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    on_ready()
    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    log.info("stopping")
    in_time = await _stop(program)
    server.should_exit = True
    await serving
    log.info("stopped")
    if not in_time:
        os._exit(0)  # whoever still waits for a network or a database would wait on


async def _stop(program: Program) -> bool:
    """Whether everything came to its end in time; nothing is lost if not, but some of it is done again."""
    try:
        async with asyncio.timeout(STOP_WITHIN):
            await program.stop()
    except TimeoutError:
        log.warning("stopped_in_the_middle", within=STOP_WITHIN)
        return False
    return True


def _stop_signal() -> asyncio.Future[None]:
    """Done at the first SIGINT or SIGTERM; the second one ends the process at once."""
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[None] = loop.create_future()

    def stop() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        stopped.set_result(None)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    return stopped
