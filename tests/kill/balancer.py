"""One address before several replicas, as a load balancer gives: whoever answers takes the connection."""

import asyncio
import itertools
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

_PIECE = 64 * 1024


class Balancer:
    """Hands connections on to the backends (host:port) in turn, passing over those that are down."""

    def __init__(self, backends: Sequence[str]) -> None:
        self._backends = itertools.cycle([backend.rsplit(":", 1) for backend in backends])
        self._count = len(backends)
        self._open: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=1024)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    def cut(self) -> None:
        """Break every connection that is open now."""
        for connection in self._open:
            connection.cancel()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(self._serve(reader, writer))
        self._open.add(connection)
        connection.add_done_callback(self._open.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for host, port in itertools.islice(self._backends, self._count):
                with suppress(OSError):
                    there_reader, there_writer = await asyncio.open_connection(host, int(port))
                    await asyncio.gather(_pass_on(reader, there_writer), _pass_on(there_reader, writer))
                    return
        finally:
            writer.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until one side is gone; then the other goes, too."""
    try:
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.transport.abort()
