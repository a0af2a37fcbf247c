"""What people say to notices (订阅通知), and the pages that ask them: "开放标签使用说明", "JS-SDK使用权限签名算法",
"订阅通知的事件推送"."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from bot.channels.wechat_body import written
from tests.wechat_api.refusals import Malpractice

TICKET_LASTS = timedelta(seconds=7200)
IN_WECHAT = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.50"
_TAG = "wx-open-subscribe"


def about_notices(
    head: Mapping[str, str | int], kind: str, listed: Sequence[Mapping[str, str]], *, as_json: bool
) -> bytes:
    """The body of an event: of the popup, a change in the settings, or one that was sent."""
    fields = {**head, "Event": f"subscribe_msg_{kind}_event"}
    if as_json:
        # The list stands at the top, and a single one is no list.
        return json.dumps({**fields, "List": listed[0] if len(listed) == 1 else list(listed)}).encode()
    holder = f"SubscribeMsg{kind.title()}Event"
    inner = b"".join(written(one, as_json=False).replace(b"xml>", b"List>") for one in listed)
    outer = written(fields, as_json=False).removesuffix(b"</xml>")
    return b"%b<%b>%b</%b></xml>" % (outer, holder.encode(), inner, holder.encode())


@dataclass(slots=True)
class PageDesk:
    """What lets an account's pages run WeChat's script. `hosts` are the console's JS接口安全域名; `given` counts how
    often a ticket was asked for."""

    clock: Callable[[], datetime]
    app_id: str
    hosts: set[str] = field(default_factory=set)
    given: int = 0
    _until: datetime | None = None
    _number: int = 0

    def give(self, kind: object) -> dict[str, Any]:
        """ticket/getticket: the same one until it has expired."""
        if kind != "jsapi":
            raise Malpractice(40097, f"type {kind}")
        self.given += 1
        now = self.clock()
        if self._until is None or now >= self._until:
            self._number, self._until = self._number + 1, now + TICKET_LASTS
        return {"ticket": self._ticket(), "expires_in": int((self._until - now).total_seconds())}

    def verdict(self, config: Mapping[str, Any], url: str) -> str:
        """What the script says to a page's wx.config: ok, or why not."""
        if urlsplit(url).hostname not in self.hosts:
            return "invalid url domain"
        if config["appId"] != self.app_id:
            return "invalid appid"
        signed = (
            f"jsapi_ticket={self._ticket()}&noncestr={config['nonceStr']}&timestamp={config['timestamp']}&url={url}"
        )
        is_good = self._until is not None and self.clock() < self._until
        right = hashlib.sha1(signed.encode()).hexdigest()
        return "ok" if is_good and config["signature"] == right else "invalid signature"

    def _ticket(self) -> str:
        return f"{self._number}_{self.app_id}-plainly-invented-ticket"


class Opened(NamedTuple):
    """A page as WeChat's browser shows it. `asks`: the templates that its button asks of, which is there only where the
    script takes the page; else `why` not."""

    status: int
    html: str
    asks: tuple[str, ...] = ()
    why: str = ""


async def opened(desk: PageDesk, url: str, transport: httpx.AsyncBaseTransport | None = None) -> Opened:
    """Open an address in WeChat."""
    has: dict[str, Any] = {"trust_env": False, "verify": False, "headers": {"User-Agent": IN_WECHAT}}
    async with httpx.AsyncClient(transport=transport, **has) as browser:
        answer = await browser.get(url)
    tag = _Tag()
    tag.feed(answer.text)
    if not tag.found:
        return Opened(answer.status_code, answer.text, why="no button")
    given = tag.found
    config = {
        "appId": given["data-app"],
        "timestamp": given["data-seconds"],
        "nonceStr": given["data-nonce"],
        "signature": given["data-signature"],
    }
    verdict = desk.verdict(config, url.partition("#")[0])
    asks = tuple(given["template"].split(",")) if verdict == "ok" else ()
    return Opened(answer.status_code, answer.text, asks, "" if asks else verdict)


class _Tag(HTMLParser):
    """Finds the button, with what our own script hands to WeChat's."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == _TAG:
            self.found = {name: value or "" for name, value in attrs}
