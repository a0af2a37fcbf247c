"""The web chat's page and what belongs to it, with headers that allow only our own."""

import hashlib
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from bot.channels.webchat_frames import TEXT_LIMIT
from bot.channels.webchat_texts import Language, words
from handlers.messages import File
from storage.domain.file_kinds import KINDS, SIZE_LIMIT, Family

if TYPE_CHECKING:
    from jinja2 import Template

_FOLDER = Path(__file__).parent / "webchat_page"
_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?|\[[0-9a-fA-F:.]+\](:[0-9]+)?")
_PICTURES = {kind.media_type for kind in KINDS if kind.family is Family.PICTURE}
_TAKEN = ",".join(f".{extension}" for kind in KINDS for extension in (kind.extension, *kind.also))
_FOR_EVER = "public, max-age=31536000, immutable"
LARGE = "minsheng_large"  # the cookie in which the page keeps the choice of large type


class Pages:
    """Renders the page; serves its script and style under a name that changes with their content."""

    def __init__(self, frame_ancestors: str) -> None:
        self._frame_ancestors = frame_ancestors
        self._files = {path.name: path.read_bytes() for path in _FOLDER.iterdir() if path.suffix in _MEDIA_TYPES}
        self._version = hashlib.sha256(b"".join(self._files[name] for name in sorted(self._files))).hexdigest()[:16]

    @cached_property
    def _template(self) -> "Template":
        # Two megabytes that nobody needs who is reached on other ways.
        from jinja2 import Environment, FileSystemLoader

        environment = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, trim_blocks=True)
        return environment.get_template("chat.html")

    def chat(self, request: Request, language: Language) -> Response:
        """The chat itself."""
        html = self._template.render(
            language=language,
            words=words(language),
            taken=_TAKEN,
            limits={"text": TEXT_LIMIT, "file": SIZE_LIMIT},
            static=f"/chat/static/{self._version}",
            large=request.cookies.get(LARGE) == "1",
        )
        headers = self._headers(request) | {"Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}
        return Response(html, media_type="text/html", headers=headers)

    def static(self, request: Request) -> Response:
        """Script, style and drawings; of another version than today's, nothing."""
        name = request.path_params["name"]
        if name not in self._files or request.path_params["version"] != self._version:
            raise HTTPException(404)
        media_type = _MEDIA_TYPES[Path(name).suffix]
        headers = {"Cache-Control": _FOR_EVER, "X-Content-Type-Options": "nosniff"}
        return Response(self._files[name], media_type=media_type, headers=headers)

    def _headers(self, request: Request) -> dict[str, str]:
        host = request.headers.get("host", "")
        # Browsers before 2022 do not count a WebSocket to the same host as "self".
        sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
        policy = [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob:",
            "media-src 'self' blob:",
            f"connect-src 'self'{sockets}",
            "form-action 'self'",
            "base-uri 'none'",
            f"frame-ancestors {self._frame_ancestors}",
        ]
        return {
            "Content-Security-Policy": "; ".join(policy),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "geolocation=(self), microphone=(self), camera=()",
        }


def refusal(sentence: str, status: int, retry_after: float = 0.0) -> Response:
    """A request that is not served, and why."""
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    if retry_after:
        headers["Retry-After"] = str(round(retry_after + 0.5))
    return PlainTextResponse(sentence, status, headers)


def download(file: File) -> Response:
    """A stored file. Pictures and sound are shown; whatever else a browser might run is only saved."""
    shown = file.media_type in _PICTURES or file.media_type.startswith("audio/")
    return FileResponse(
        file.path,
        media_type=file.media_type or "application/octet-stream",
        filename=file.name,
        content_disposition_type="inline" if shown else "attachment",
        headers={
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, max-age=86400",
        },
    )
