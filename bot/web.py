"""The web server: what the channels serve, and what an operator looks at."""

import asyncio
from math import nan

import structlog
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.logs import described
from bot.wiring import Program
from storage.database import reading
from storage.messages import Messages
from storage.migrations import is_current

BODY_LIMIT = 16 * 1024 * 1024  # bytes; each channel has a lower one of its own
DATABASE_ANSWERS_WITHIN = 5.0  # seconds

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}

log = structlog.get_logger(__name__)


class _SafeHeaders:
    """Gives every response the headers that forbid most, where it does not say itself what it needs."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarded if scope["type"] == "http" else send)


def web_app(program: Program) -> Starlette:
    """Every route of the program."""

    async def healthz(_: Request) -> Response:
        """The process answers."""
        return JSONResponse({"alive": True})

    async def readyz(_: Request) -> Response:
        """The database answers and fits. Redis is told of, but replicas do without, if slower."""
        database, redis = await asyncio.gather(_fits(program), program.coordination.answers())
        return JSONResponse({"database": database, "redis": redis}, 200 if database else 503)

    async def metrics(_: Request) -> Response:
        page = program.metrics.page(*await _outbox_depth(program))
        return Response(page, media_type="text/plain; version=0.0.4")

    async def home(request: Request) -> Response:
        return RedirectResponse(f"/chat?{request.url.query}" if request.url.query else "/chat")

    async def fault(_: Request, error: Exception) -> Response:
        program.metrics.faults.labels(type(error).__name__).inc()
        log.error("web_fault", where=described(error))
        return PlainTextResponse("Internal Server Error", 500)

    routes: list[BaseRoute] = [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
        Route("/", home),
        Route("/chat/", home),
    ]
    routes += program.board.routes()
    for channel in program.channels.values():
        routes += channel.routes()
    app = Starlette(
        routes=routes,
        middleware=[Middleware(_SafeHeaders)],
        exception_handlers={Exception: fault},
        max_body_size=BODY_LIMIT,
    )
    app.router.redirect_slashes = False  # it would send people to whatever host a request names
    return app


async def _fits(program: Program) -> bool:
    try:
        async with asyncio.timeout(DATABASE_ANSWERS_WITHIN):
            return await asyncio.to_thread(is_current, program.engine)
    except Exception:  # noqa: BLE001  # whatever it is, the load balancer wants a no
        return False


async def _outbox_depth(program: Program) -> tuple[float, float]:
    """How many rows wait and the age of the oldest; neither is a number while the database does not answer."""

    def depth() -> tuple[int, float]:
        with reading(program.engine) as unit:
            return Messages(unit, program.clock()).outbox_depth()

    try:
        async with asyncio.timeout(DATABASE_ANSWERS_WITHIN):
            return await asyncio.to_thread(depth)
    except Exception:  # noqa: BLE001  # the other figures are worth having just then
        return nan, nan
