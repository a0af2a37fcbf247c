"""The web server: what the channels serve, and what an operator looks at."""

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.wiring import Program
from storage.database import reading
from storage.messages import Messages
from storage.migrations import is_current


def web_app(program: Program) -> Starlette:
    """Every route of the program."""

    async def healthz(_: Request) -> Response:
        """The process answers."""
        return JSONResponse({"alive": True})

    async def readyz(_: Request) -> Response:
        """The database answers and fits; Redis too, where one is set."""
        try:
            database = await asyncio.to_thread(is_current, program.engine)
        except Exception:  # whatever it is, the load balancer wants a no
            database = False
        redis = await program.coordination.answers()
        ready = {"database": database, "redis": redis}
        return JSONResponse(ready, 200 if all(ready.values()) else 503)

    async def metrics(_: Request) -> Response:
        def depth() -> tuple[int, float]:
            with reading(program.engine) as unit:
                return Messages(unit, program.clock()).outbox_depth()

        page = program.metrics.page(*await asyncio.to_thread(depth))
        return Response(page, media_type="text/plain; version=0.0.4")

    async def home(_: Request) -> Response:
        return RedirectResponse("/chat")

    routes: list[BaseRoute] = [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
        Route("/", home),
    ]
    for channel in program.channels.values():
        routes += channel.routes()
    return Starlette(routes=routes)
