"""Run the program until somebody stops it."""

import asyncio
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager

import structlog
import uvicorn

from bot.channels.webchat_frames import FRAME_LIMIT
from bot.web import web_app
from bot.wiring import Program

STOP_WITHIN = 10  # seconds that open requests get at the end

log = structlog.get_logger(__name__)


class PortTaken(Exception):
    """Another program listens there."""


class _Server(uvicorn.Server):
    """A server that leaves signals to us: the program stops first, the server after it."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises PortTaken."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        raise PortTaken(f"port {port} of {host} is taken; set MINSHENG_HTTP_PORT to another one") from error
    listener.listen(1024)
    return listener


async def serve(program: Program, listener: socket.socket, on_ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; `on_ready` is called when people can write."""
    config = uvicorn.Config(
        web_app(program),
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=STOP_WITHIN,
        ws_max_size=FRAME_LIMIT, proxy_headers=False,
    )
    server = _Server(config)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await program.start()
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    on_ready()
    await asyncio.wait({serving, asyncio.create_task(stopped.wait())}, return_when=asyncio.FIRST_COMPLETED)
    log.info("stopping")
    await program.stop()
    server.should_exit = True
    await serving
    log.info("stopped")
