"""From an HTTP request to a call and back: tokens, permissions, quotas, misfortune."""

import json
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from tests.bot_api.errors import ProtocolError
from tests.bot_api.faults import Effect, Fault, FaultScript
from tests.bot_api.http_server import TOO_LARGE_PATH, Reply, Request, Response
from tests.bot_api.parameters import Upload, read_parameters
from tests.wechat_api.account import Account, JsonObject
from tests.wechat_api.calls import CALLS, download, exactly, read_json, upload
from tests.wechat_api.mass import MASSES
from tests.wechat_api.notices import LISTS, NOTICES
from tests.wechat_api.refusals import Malpractice, Refusal

STABLE_TOKEN = "stable_token"
_ROOT = "/cgi-bin/"
_ADDRESSES = ("/video/", "/mmbiz/")  # of files, for who has no token
_CALLS = {**CALLS, **NOTICES, **MASSES}
_TICKET = "ticket/getticket"
_GOT = {"media/get": {"media_id"}, _TICKET: {"type"}}  # calls without a body, and their parameters
_READ = {*_GOT, *LISTS}  # by GET


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the bot by its path after /cgi-bin/; `code` is its errcode, None where no true answer left."""

    name: str
    parameters: JsonObject
    code: int | None


def errcode(code: int) -> Effect:
    """Misfortune: nothing is done, and the answer is this code in a 200."""
    return Effect(acts=False, answer=Response(Refusal(code).body()))


def internal_error() -> Effect:
    """Misfortune: 500, with nothing that could be read."""
    return Effect(acts=False, answer=Response(b"", 500, "text/plain"))


class Front:
    """The handler of the HTTP server; runs on the stand-in's own loop."""

    def __init__(self, accounts: Mapping[str, Account], faults: FaultScript, changed: threading.Condition) -> None:
        self._accounts, self._faults, self._changed = accounts, faults, changed
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.address = ""

    def __call__(self, request: Request) -> Reply | Awaitable[Reply]:
        """Answers one request."""
        name = request.path.removeprefix(_ROOT)
        try:
            query = dict(parse_qsl(request.query, keep_blank_values=True, errors="strict"))
            given = self._read(name, request, query)
        except Malpractice as error:
            return self._blamed(name, error)
        with self._changed:
            fault = self._faults.strike(name, 0, given)
            reply = self._under(fault, lambda: self._act(name, query, given, request))
            self._changed.notify_all()
        return reply

    def _read(self, name: str, request: Request, query: Mapping[str, str]) -> JsonObject:
        """What is recorded of a call; never the token."""
        known = {*_CALLS, *_GOT, STABLE_TOKEN, "media/upload"}
        if request.path == TOO_LARGE_PATH:
            raise Malpractice(40006, "a body beyond any limit")
        if name.startswith(_ADDRESSES):
            return {}
        if name not in known or not request.path.startswith("/"):
            raise Malpractice(40066, "a path that nobody documents")
        if (request.method == "GET") != (name in _READ):
            raise Malpractice(43002, f"method {request.method}")
        wanted = {"media/upload": {"type"}, **_GOT}.get(name, set())
        beside = {"access_token"} if name != STABLE_TOKEN else set()
        if set(query) != wanted | beside:
            raise Malpractice(41001, f"parameters {sorted(query)}")
        return {part: query[part] for part in wanted} if wanted or name in _READ else read_json(request.body)

    def _act(self, name: str, query: Mapping[str, str], given: JsonObject, request: Request) -> Response:
        try:
            answer = self._answer(name, query, given, request)
        except Malpractice as error:
            return self._blamed(name, error)
        except Refusal as error:
            self.calls.append(Call(name, given, error.code))
            return Response(error.body())
        self.calls.append(Call(name, given, 0))
        return answer

    def _blamed(self, name: str, error: Malpractice) -> Response:
        self.violations.append(f"{name}: {error.what}")
        self.calls.append(Call(name, {}, error.code))
        return Response(error.body())

    def _answer(self, name: str, query: Mapping[str, str], given: JsonObject, request: Request) -> Response:
        if name.startswith(_ADDRESSES):
            return self._by_address(name)
        if name == STABLE_TOKEN:
            return _said(self._give_token(given))
        account = self._account_of(query["access_token"])
        account.admit(name)
        if name == "media/get":
            return download(account, given["media_id"], self.address)
        if name == _TICKET:
            return _said({"errcode": 0, "errmsg": "ok", **account.pages.give(given["type"])})
        if name == "media/upload":
            return _said(upload(account, given["type"], self._files(request)))
        return _said({"errcode": 0, "errmsg": "ok", **_CALLS[name](account, given)})

    def _files(self, request: Request) -> Mapping[str, Upload]:
        try:
            return read_parameters(request).files
        except ProtocolError as error:
            raise Malpractice(41005, error.description) from None

    def _by_address(self, name: str) -> Response:
        media_id = name.rpartition("/")[2]
        media_type = "video/mp4" if name.startswith("/video/") else "image/jpeg"
        for account in self._accounts.values():
            if media_id in account.media:
                return Response(account.media[media_id].content, content_type=media_type)
        return Response(b"", 404)

    def _give_token(self, given: JsonObject) -> JsonObject:
        exactly(given, {"grant_type": str, "appid": str, "secret": str}, {"force_refresh": bool})
        if given["grant_type"] != "client_credential":
            raise Malpractice(40002, "grant_type")
        account = self._accounts.get(given["appid"])
        if account is None:
            raise Refusal(40013)
        if not account.is_listed:
            raise Refusal(40164)
        if account.secret != given["secret"]:
            raise Refusal(40125)
        token, lasts = account.tokens.give(force=given.get("force_refresh", False))
        return {"access_token": token, "expires_in": lasts}

    def _account_of(self, token: str) -> Account:
        refused = Refusal(40001)
        for account in self._accounts.values():
            try:
                account.tokens.check(token)
            except Refusal as error:
                refused = error if error.code != 40001 else refused
            else:
                return account
        raise refused

    # --- misfortune

    def _under(self, fault: Fault | None, act: Callable[[], Response]) -> Reply | Awaitable[Reply]:
        if fault is None:
            return act()
        effect = fault.effect
        if not effect.acts:
            return self._hold_back(fault, act) if effect.holds else effect.answer
        answer = act()
        if effect.holds:
            return _held(fault, answer)
        if effect.cuts:
            return None
        return Response(answer.body[: len(answer.body) // 2]) if effect.garbles else answer

    async def _hold_back(self, fault: Fault, act: Callable[[], Response]) -> Reply:
        await fault.released()
        with self._changed:
            answer = act()
            self._changed.notify_all()
        return answer


async def _held(fault: Fault, answer: Response) -> Reply:
    await fault.released()
    return answer


def _said(answer: JsonObject) -> Response:
    return Response(json.dumps(answer, ensure_ascii=False).encode())
