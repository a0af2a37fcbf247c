"""The sandbox's page, and what its script asks for."""

import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.kill.bot_process import BotFailed
from tests.wechat_sandbox.players import Player
from tests.wechat_sandbox.sandbox import Sandbox

PICTURE_LIMIT = 10 * 1024 * 1024  # bytes ("接收普通消息": image)

_FOLDER = Path(__file__).parent / "page"
_POLICY = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
]
_HEADERS = {
    "Content-Security-Policy": "; ".join(_POLICY),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Pages:
    """One page for each person that is played."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        environment = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined)
        self._template = environment.get_template("sandbox.html")

    def app(self) -> Starlette:
        """All of it."""
        return Starlette(
            routes=[
                Route("/", self._page),
                Route("/log", self._log),
                Route("/act", self._act, methods=["POST"]),
                Route("/picture", self._picture, methods=["POST"]),
                Route("/picture/{person:int}/{number:int}", self._shown),
                Route("/account", self._account, methods=["POST"]),
                Route("/{name}", self._file),
            ]
        )

    async def _page(self, request: Request) -> Response:
        if "person" not in request.query_params:
            return RedirectResponse("/?person=1")
        sandbox = self._sandbox
        html = self._template.render(
            person=self._player(request),
            people=sandbox.players.values(),
            account=sandbox,
            menu=sandbox.menu,
            places=sandbox.spots,
            codes=sandbox.codes,
        )
        return Response(html, media_type="text/html", headers=_HEADERS)

    async def _file(self, request: Request) -> Response:
        media_type = {"sandbox.css": "text/css", "sandbox.js": "text/javascript"}.get(request.path_params["name"])
        if media_type is None:
            raise HTTPException(404)
        content = (_FOLDER / request.path_params["name"]).read_bytes()
        return Response(content, media_type=media_type, headers=_HEADERS)

    async def _log(self, request: Request) -> Response:
        player, after = self._player(request), int(request.query_params.get("after", "0"))
        entries = [
            entry.told(f"/picture/{player.number}/{number}")
            for number, entry in enumerate(player.entries)
            if number >= after
        ]
        return JSONResponse({"after": after, "entries": entries}, headers=_HEADERS)

    async def _shown(self, request: Request) -> Response:
        entries = self._player(request).entries
        number = request.path_params["number"]
        if number >= len(entries) or not entries[number].picture:
            raise HTTPException(404)
        return Response(entries[number].picture, media_type="image/jpeg", headers=_HEADERS)

    # --- what is done

    async def _act(self, request: Request) -> Response:
        await self._acted(self._player(request), await _read(request))
        return JSONResponse({})

    async def _acted(self, player: Player, what: dict[str, Any]) -> None:
        match what:
            case {"act": "says", "text": str(text)}:
                await player.says(text)
            case {"act": "taps", "choice": int(choice)}:
                await player.taps(choice)
            case {"act": "clicks", "key": str(key), "label": str(label)}:
                await player.clicks(key, label)
            case {"act": "scans", "payload": str(payload), "label": str(label)}:
                await player.scans(payload, label)
            case {"act": "shares", "place": int(place)} if 0 <= place < len(self._sandbox.spots):
                await player.shares(self._sandbox.spots[place])
            case {"act": "answers", "path": "/wechat/agree" | "/wechat/agree/duty" as path, "agrees": bool(agrees)}:
                await player.answers(path, agrees=agrees)
            case {"act": "follows" | "unfollows" | "falls_silent" | "repeats" as named}:
                await getattr(player, named)()
            case _:
                raise HTTPException(400, "网页和沙盒不是同一个版本，请刷新网页。")

    async def _picture(self, request: Request) -> Response:
        # No other site's page may send this type without asking first.
        if not request.headers.get("content-type", "").startswith("image/"):
            raise HTTPException(400, "这不是图片。")
        content = await request.body()
        if not 0 < len(content) <= PICTURE_LIMIT:
            raise HTTPException(400, "图片最大 10 MB。")
        await self._player(request).sends_picture(content)
        return JSONResponse({})

    async def _account(self, request: Request) -> Response:
        sandbox, wanted = self._sandbox, await _read(request)
        now = {"active": sandbox.active, "secure": sandbox.secure}
        if not wanted.keys() <= now.keys() or not all(isinstance(value, bool) for value in wanted.values()):
            raise HTTPException(400, "网页和沙盒不是同一个版本，请刷新网页。")
        try:
            await sandbox.change(**(now | wanted))
        except BotFailed as failed:
            return PlainTextResponse(f"程序没有启动：{failed}", 500)
        return JSONResponse({})

    def _player(self, request: Request) -> Player:
        """Who the request is about."""
        given = request.path_params.get("person") or request.query_params.get("person", "")
        player = self._sandbox.players.get(int(given)) if str(given).isdecimal() else None
        if player is None:
            raise HTTPException(404)
        return player


async def _read(request: Request) -> dict[str, Any]:
    # No other site's page may send this type without asking first.
    if request.headers.get("content-type") != "application/json":
        raise HTTPException(400, "网页和沙盒不是同一个版本，请刷新网页。")
    try:
        found = json.loads(await request.body())
    except ValueError:
        raise HTTPException(400, "网页和沙盒不是同一个版本，请刷新网页。") from None
    return found if isinstance(found, dict) else {}
