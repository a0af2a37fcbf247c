"""What is read of us in WeChat's browser: files and messages by signed links, and where people agree to notices."""

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels import wechat_texts as texts
from bot.channels.wechat_http import NetworkError, WeChatError
from bot.channels.wechat_response import AGREE
from bot.channels.wechat_ticket import page_signature
from handlers.messages import File, NoticeKind
from handlers.texts.phrase import Phrase
from storage.domain.file_kinds import GIF, JPEG, PNG, WEBP
from storage.waiting import Carried

if TYPE_CHECKING:
    from jinja2 import Environment

LINKS_LAST = timedelta(days=3)  # as long as WeChat itself keeps a file ("新增临时素材")
WAITING_LASTS = timedelta(days=14)
_AGREE: Mapping[str, NoticeKind] = {AGREE: NoticeKind.PROPOSAL, f"{AGREE}/duty": NoticeKind.DUTY}
_FILES, _WAITING = "/wechat/files", "/wechat/waiting"
_FOLDER = Path(__file__).parent / "wechat_page"
_SHOWN = frozenset(kind.media_type for kind in (JPEG, PNG, WEBP, GIF))  # by every browser, and run by none
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_OURS = "img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
# Nobody is known on that page, nor is anything of theirs told. WeChat's script builds its button out of frames of its
# own (webcompt:), evaluates and styles. Under a policy on frames, even the one of its documents, the button stays away,
# as its users report ("wx-open-launch-app 对网站csp有要求"): so there is none, and no default that would be one.
_WITH_BUTTON = (
    "script-src 'unsafe-eval' https://res.wx.qq.com '{script}'; style-src 'unsafe-inline'; object-src 'none'; "
    "worker-src 'none'; connect-src https://*.qq.com; img-src data: https://*.qq.com; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

log = structlog.get_logger(__name__)


class Sent(Protocol):
    """What is read of the store: a message of ours, and the file that came with one, if that is not older."""

    async def file_sent(self, message_id: int, within: timedelta) -> File | None: ...

    async def said(self, message_id: int, within: timedelta) -> Carried | None: ...


class Pages:
    """`address` is where people reach our pages, `secret` signs links. `templates` are those that people are asked to
    agree to, `for_good` or each time; `ticket` gives what proves a page to WeChat's script, where the account can."""

    def __init__(
        self,
        app_id: str,
        *,
        clock: Callable[[], datetime],
        sent: Sent | None,
        secret: bytes,
        address: str,
        templates: Mapping[NoticeKind, str],
        for_good: bool,
        ticket: Callable[[], Awaitable[str]] | None,
    ) -> None:
        self._app_id, self._clock, self._sent = app_id, clock, sent
        self._secret, self._address = secret, address
        self._templates, self._for_good, self._ticket = templates, for_good, ticket

    def routes(self) -> list[BaseRoute]:
        return [
            Route(f"{_FILES}/{{number}}/{{proof}}", self._file),
            Route(f"{_WAITING}/{{number}}/{{proof}}", self._waiting),
            *(Route(path, self._agree) for path in _AGREE),
        ]

    def link(self, message_id: int) -> str:
        """The address of the file that came with a message of ours, for whoever is told it."""
        return f"{self._address}{_FILES}/{message_id}/{self._proof('file', str(message_id))}"

    def waiting_link(self, message_id: int) -> str:
        """The address where a message of ours can be read that waits, likewise."""
        return f"{self._address}{_WAITING}/{message_id}/{self._proof('waiting', str(message_id))}"

    def _proof(self, what: str, number: str) -> str:
        return hmac.digest(self._secret, f"wechat {what} {number}".encode(errors="replace"), hashlib.sha256).hex()[:32]

    def _is_proven(self, what: str, request: Request) -> bool:
        number, proof = request.path_params["number"], request.path_params["proof"]
        return hmac.compare_digest(proof.encode(errors="replace"), self._proof(what, number).encode())

    # --- files

    async def _file(self, request: Request) -> Response:
        if not self._is_proven("file", request):
            return PlainTextResponse("", 404)
        assert self._sent is not None  # noqa: S101  # started
        asked = self._sent.file_sent(int(request.path_params["number"]), LINKS_LAST)
        (file,) = await asyncio.gather(asked, return_exceptions=True)
        if isinstance(file, BaseException):
            log.warning("wechat_file_not_ready", error=type(file).__name__)
            return _plain(texts.FILE_NOT_READY, 503)
        if file is None or not await asyncio.to_thread(Path(file.path).is_file):
            return _plain(texts.FILE_GONE, 410)
        shown = "inline" if file.media_type in _SHOWN else "attachment"
        return FileResponse(file.path, media_type=file.media_type, filename=file.name, content_disposition_type=shown)

    # --- what waits

    async def _waiting(self, request: Request) -> Response:
        if not self._is_proven("waiting", request):
            return self._told(texts.LINK_UNKNOWN, 404)
        assert self._sent is not None  # noqa: S101  # started
        asked = self._sent.said(int(request.path_params["number"]), WAITING_LASTS)
        (one,) = await asyncio.gather(asked, return_exceptions=True)
        if isinstance(one, BaseException):
            log.warning("wechat_message_not_read", error=type(one).__name__)
            return self._told(texts.NOT_READY, 503)
        if one is None or not (text := "\n".join(filter(None, [one.text, one.file]))):
            return self._told(texts.MESSAGE_GONE, 410)
        return self._page("waiting.html", title=texts.WAITING, text=text)

    # --- agreeing to notices

    async def _agree(self, request: Request) -> Response:
        path = request.url.path
        template = self._templates.get(_AGREE[path])
        if not template or not self._ticket:
            return self._told(texts.NO_NOTICES, 404)
        try:
            ticket = await self._ticket()
        except (WeChatError, NetworkError) as error:
            log.warning("wechat_ticket_refused", error=str(error))
            return self._told(texts.NOT_READY, 503)
        title, what, button = texts.AGREE[_AGREE[path]]
        nonce, seconds = secrets.token_hex(8), int(self._clock().timestamp())
        # WeChat adds to addresses that are passed on.
        query = request.scope["query_string"].decode("latin-1")
        url = self._address + path + (f"?{query}" if query else "")
        return self._page(
            "agree.html",
            policy=_WITH_BUTTON.format(script=_digest(self._script)),
            title=title,
            what=what,
            button=button,
            for_good=self._for_good,
            template=template,
            app_id=self._app_id,
            nonce=nonce,
            seconds=seconds,
            signature=page_signature(ticket, nonce, seconds, url),
        )

    # --- how they look

    def _told(self, said: Phrase, status: int) -> Response:
        """Nothing but a sentence."""
        return self._page("page.html", status, title=said)

    def _page(self, page: str, status: int = 200, *, policy: str = "", **about: Any) -> Response:
        """Who opens a page is of no language that we know: both are told."""
        from markupsafe import Markup

        style, script = Markup(self._style), Markup(self._script)  # noqa: S704  # our own files
        html = self._environment.get_template(page).render(texts=texts, style=style, script=script, **about)
        policy = policy or f"default-src 'none'; style-src '{_digest(self._style)}'; {_OURS}"
        return Response(html, status, {**_HEADERS, "Content-Security-Policy": policy}, "text/html")

    @cached_property
    def _style(self) -> str:
        return (_FOLDER / "page.css").read_text(encoding="utf-8")

    @cached_property
    def _script(self) -> str:
        return (_FOLDER / "agree.js").read_text(encoding="utf-8")

    @cached_property
    def _environment(self) -> "Environment":
        # Not before somebody looks: see webchat_pages.
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        given: dict[str, Any] = {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined}
        return Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, **given)


def _digest(inline: str) -> str:
    """What lets a page have this style or script in it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()


def _plain(said: Phrase, status: int) -> Response:
    """In the place of a file."""
    return PlainTextResponse(f"{said.zh}\n{said.en}", status)
