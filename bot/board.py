"""The public board: what congresses have announced, as pages that need no script, on a telephone and on the wall.

Nobody is known here and nothing personal is read. What stands on a page is the exact text that was agreed to.
"""

import asyncio
import base64
import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels.webchat_texts import Language, language_of
from handlers.texts import board as texts
from handlers.texts.announcement_contents import to_anybody
from handlers.texts.announcements import KIND, MARK
from handlers.texts.phrase import Phrase
from handlers.texts.pictures import calendar_day
from handlers.texts.words import excerpt
from storage.announcements import Announcement, Content
from storage.database import Clock, reading
from storage.domain.announcements import Correction, is_link
from storage.domain.file_kinds import GIF, JPEG, PNG, WEBP
from storage.files import FileStore
from storage.notice_boards import Board, NoticeBoards, Posted, stands

if TYPE_CHECKING:
    from jinja2 import Environment

PAGE = 20
ON_WALL = 5  # as many as fit on A4 with two lines of title and two of text each
FRESH = 60  # seconds for which a page may be kept: what is taken back is gone soon
_BEGINNING = 70  # characters of a text on the wall

_FOLDER = Path(__file__).parent / "board_pages"
_SEAL = Path(__file__).parent / "channels" / "webchat_page" / "seal.svg"
_SHOWN = frozenset(kind.media_type for kind in (JPEG, PNG, WEBP, GIF))  # by every browser
_LARGEST = 2**63 - 1

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _File:
    address: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class _Link:
    address: str
    host: str


class NoticePages:
    """Serves /board. `address` is where people reach this server, for the codes; `frame_ancestors` as in the chat's
    pages."""

    def __init__(
        self, *, engine: Engine, clock: Clock, files: FileStore, address: str, frame_ancestors: str = "'none'"
    ) -> None:
        self._engine, self._clock, self._files, self._address = engine, clock, files, address
        self._style = (_FOLDER / "board.css").read_text(encoding="utf-8")
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        policy = [
            "default-src 'none'",
            f"style-src 'sha256-{digest}'",
            "img-src 'self'",
            "form-action 'none'",
            "base-uri 'none'",
            f"frame-ancestors {frame_ancestors}",
        ]
        self._headers = {
            "Content-Security-Policy": "; ".join(policy),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Vary": "Accept-Language",
        }

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/board", self._boards),
            Route("/board/", self._boards),
            Route("/board/seal.svg", self._seal),
            Route("/board/{congress}", self._board),
            Route("/board/{congress}/print", self._wall),
            Route("/board/{congress}/{number}", self._notice),
            Route("/board/{congress}/{number}/{digest}", self._file),
            Route("/board/{rest:path}", self._missing),
        ]

    # --- the pages

    async def _boards(self, request: Request) -> Response:
        boards = await self._read(lambda found: found.all())
        if len(boards) == 1:
            return RedirectResponse(f"/board/{boards[0].id}")
        return self._page(request, "boards.html", boards=boards)

    async def _board(self, request: Request) -> Response:
        below = _number(request.query_params.get("below", ""))

        def read(found: NoticeBoards) -> tuple[Board, list[Announcement]] | None:
            board = found.of(_number(request.path_params["congress"]))
            return (board, found.page(board, below or None, PAGE + 1)) if board else None

        seen = await self._read(read)
        if seen is None:
            return self._missing_page(request)
        board, found = seen
        notices = found[:PAGE]
        return self._page(
            request,
            "board.html",
            path=f"/board/{board.id}",
            board=board,
            notices=notices,
            older=notices[-1].number if len(found) > PAGE else 0,
            is_first=not below,
        )

    async def _wall(self, request: Request) -> Response:
        def read(found: NoticeBoards) -> tuple[Board, list[Announcement]] | None:
            board = found.of(_number(request.path_params["congress"]))
            return (board, found.page(board, None, PAGE)) if board else None

        seen = await self._read(read)
        if seen is None:
            return self._missing_page(request)
        board, found = seen
        notices = [one for one in found if one.correction is not Correction.RECALL][:ON_WALL]
        language = _language(request)

        def beginning(one: Announcement) -> str:
            return excerpt(to_anybody(one.content.text, language), _BEGINNING)

        return self._page(
            request, "wall.html", path=f"/board/{board.id}", board=board, notices=notices, excerpt=beginning
        )

    async def _notice(self, request: Request) -> Response:
        seen = await self._posted(request)
        if seen is None:
            return self._missing_page(request)
        board, posted = seen
        path = f"/board/{board.id}/{posted.one.number}"
        content = posted.one.content
        picture, others = await asyncio.to_thread(self._kept, path, content)
        return self._page(
            request,
            "notice.html",
            path=path,
            board=board,
            posted=posted,
            one=posted.one,
            text=to_anybody(content.text, _language(request)),
            link=_link(content.link),
            picture=picture,
            files=others,
            leads_on=posted.correction is not None and stands(posted.correction),
            leads_back=posted.corrects is not None and posted.corrects.content.on_board,
        )

    async def _seal(self, _: Request) -> Response:
        return FileResponse(_SEAL, headers={"Cache-Control": "public, max-age=86400"})

    async def _missing(self, request: Request) -> Response:
        return self._missing_page(request)

    def _missing_page(self, request: Request) -> Response:
        page = self._page(request, "missing.html", 404)
        page.headers["Cache-Control"] = "no-store"
        return page

    def _page(self, request: Request, template: str, status: int = 200, *, path: str = "", **about: Any) -> Response:
        from markupsafe import Markup

        language = _language(request)

        def say(phrase: Phrase) -> str:
            return phrase.said(language)

        def title_of(one: Announcement) -> str:
            return titled(one, language)

        address = self._address + path
        html = self._templates.get_template(template).render(
            style=Markup(self._style),  # noqa: S704  # our own file
            code=Markup(_code(address)) if path else "",  # noqa: S704  # a drawing of ours, of an address of ours
            address=address,
            language=language,
            say=say,
            texts=texts,
            kinds=KIND,
            calendar_day=calendar_day,
            title_of=title_of,
            **about,
        )
        headers = self._headers | {"Cache-Control": f"public, max-age={FRESH}"}
        return Response(html, status, headers, "text/html")

    @cached_property
    def _templates(self) -> "Environment":
        # Not before somebody looks: see webchat_pages.
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        return Environment(
            loader=FileSystemLoader(_FOLDER),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
        )

    # --- its files

    async def _file(self, request: Request) -> Response:
        seen = await self._posted(request)
        digest = request.path_params["digest"]
        files = {} if seen is None or seen[1].is_taken_back else {file[0]: file for file in seen[1].one.content.files}
        if digest not in files or not await asyncio.to_thread(self._files.has, digest):
            return self._missing_page(request)
        _, name, media_type = files[digest]
        return FileResponse(
            self._files.path(digest),
            media_type=media_type if media_type in _SHOWN else "application/octet-stream",
            filename=name or digest[:12],
            content_disposition_type="inline" if media_type in _SHOWN else "attachment",
            headers={
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "Cache-Control": f"public, max-age={FRESH}",
            },
        )

    def _kept(self, path: str, content: Content) -> tuple[_File | None, list[_File]]:
        """The first picture, and all other files, of those that are still there."""
        picture: _File | None = None
        others = []
        for digest, name, media_type in content.files:
            if not self._files.has(digest):
                continue
            file = _File(f"{path}/{digest}", name, self._files.path(digest).stat().st_size)
            if picture is None and media_type in _SHOWN:
                picture = file
            else:
                others.append(file)
        return picture, others

    # --- reading

    async def _posted(self, request: Request) -> tuple[Board, Posted] | None:
        def read(found: NoticeBoards) -> tuple[Board, Posted] | None:
            board = found.of(_number(request.path_params["congress"]))
            posted = found.posted(board, _number(request.path_params["number"])) if board else None
            return (board, posted) if board and posted else None

        return await self._read(read)

    async def _read(self, look: Callable[[NoticeBoards], T]) -> T:
        def read() -> T:
            with reading(self._engine) as unit:
                return look(NoticeBoards(unit, self._clock()))

        return await asyncio.to_thread(read)


def titled(one: Announcement, language: Language) -> str:
    """Its title as it stands where nobody in particular reads it; that of a correction says what it is."""
    mark = MARK[one.correction].zh if one.correction else ""  # as in the messages, whose texts are Chinese
    return mark + to_anybody(one.content.title, language)


def _language(request: Request) -> Language:
    return language_of(request.headers.get("accept-language", ""))


def _number(text: str) -> int:
    """A number from an address; junk is 0, which nothing bears."""
    return min(int(text), _LARGEST) if text.isascii() and text.isdecimal() and len(text) < 30 else 0


def _link(link: str) -> _Link | None:
    """Where it leads, told by the host alone: what stands before an @ is none."""
    host = urlsplit(link).hostname if is_link(link) else None
    return _Link(link, host) if host else None


@lru_cache(maxsize=256)
def _code(address: str) -> str:
    """The QR code of an address, as a drawing in the page."""
    import segno

    stream = io.BytesIO()
    segno.make_qr(address, error="q").save(
        stream, kind="svg", xmldecl=False, svgns=True, border=4, omitsize=True, title=address, light="#fff"
    )
    return stream.getvalue().decode()
