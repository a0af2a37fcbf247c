"""Draw the QR code (PNG) or an A4 poster that opens the chat at a cell or area, a station, or a deputy; or, with
--invite, the code by which one person becomes who the office has prepared.

A station that is not there yet is added: --station CODE --name NAME --area CODE.
"""

import argparse
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from bot.commands.office import chosen_congress, links, opened, person_named
from bot.refusal import Refused
from bot.settings import Settings, load_settings
from bot.telegram_name import named
from handlers.enrolment import INVITE
from storage.areas import add_station, station_by_code
from storage.domain.areas import Station
from storage.domain.roles import Role
from storage.people import INVITE_LIVES
from storage.store import Store

_NOT_PERMITTED = (
    "这个账号不能生成带参数的二维码：只有认证的服务号可以（48001）。请改用 --channel web，或者张贴公众号自己的二维码，"
    "旁边写上“关注后写出村名和要办的事”；有职务的人，用 minsheng invite 打印的邀请码登记。"
    "Only a verified 服务号 may have codes with a parameter. Use --channel web, or put up the account's own code and "
    "ask people to name their village; for an invite, minsheng invite prints what to send."
)
_NO_MORE = (
    "这个账号的永久二维码已经用完（最多 10 万个，45029），请改用 --channel web。"
    "This account has used up its permanent codes: use --channel web."
)
_A_MINUTE = 60  # seconds, the shortest that makes sense
_REFUSALS = {48001: _NOT_PERMITTED, 45029: _NO_MORE}


@dataclass(frozen=True, slots=True)
class _Sign:
    """What a code stands for: the payload of its deep link, and what a poster says."""

    payload: str
    title: str
    instruction: str = "扫一扫，提一条民生建议"


def arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--cell", metavar="CODE", help="a grid cell, village, township or county")
    what.add_argument("--station", metavar="CODE", help="where deputies receive residents")
    what.add_argument("--deputy", metavar="NAME")
    what.add_argument("--invite", metavar="NAME", help="somebody with a role: a new invite (30 days), once")
    parser.add_argument(
        "--congress", type=int, help="of an invite: the number of the congress, where there are several"
    )
    parser.add_argument("--name", default="", help="of a new station")
    parser.add_argument("--area", metavar="CODE", default="", help="of a new station: the area it lies in")
    parser.add_argument("--address", default="", help="of a new station")
    parser.add_argument("--poster", action="store_true", help="an A4 page to print, with name and instruction")
    parser.add_argument("--channel", choices=("web", "telegram", "wechat"), default="web")
    parser.add_argument("file", type=Path, help="the PNG to be written")


def run(parsed: argparse.Namespace) -> None:
    if parsed.invite and parsed.poster:
        raise Refused("邀请码只给一个人，不能做成海报。An invite is for one person: no poster is made of it.")
    settings = load_settings()
    if parsed.channel == "wechat":
        sign, link = _on_wechat(settings, parsed)
        _draw(parsed.file, link, sign if parsed.poster else None)
    else:
        if parsed.channel == "telegram":
            settings = named(settings)  # before the transaction, in which nobody else can write
        with opened() as (_, store):
            sign = _sign(store, parsed)
            link = _link(settings, sign.payload, parsed.channel)
            _draw(parsed.file, link, sign if parsed.poster else None)
    print(f"{parsed.file}: {link}")


def _on_wechat(settings: Settings, parsed: argparse.Namespace) -> tuple[_Sign, str]:
    """A code with a parameter (带参数的二维码), which WeChat makes: for good, but those of invites as long as those."""
    from bot.commands.wechat_account import asked

    def scene(payload: str, lasts: int | None) -> str:
        return asked(settings, lambda api: api.scene(payload, lasts=lasts), _REFUSALS)

    scene("allowed", _A_MINUTE)  # before an older invite ends for one that WeChat makes no code of
    with opened() as (_, store):
        sign = _sign(store, parsed)
    link = scene(sign.payload, int(INVITE_LIVES.total_seconds()) if parsed.invite else None)
    return replace(sign, instruction=f"微信{sign.instruction}"), link


def _link(settings: Settings, payload: str, channel: str) -> str:
    if channel == "web" and not settings.public_url:
        print("MINSHENG_PUBLIC_URL is not set, so this code works on this machine only.", file=sys.stderr)
    try:
        return links(settings, payload)[channel]
    except KeyError:
        raise Refused("Set MINSHENG_TELEGRAM__USERNAME to the bot's name, so that links to it can be made.") from None


def _draw(file: Path, link: str, sign: _Sign | None) -> None:
    from bot.qr import poster_png, qr_png

    try:
        file.write_bytes(poster_png(link, sign.title, sign.instruction) if sign else qr_png(link))
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}.") from error


def _sign(store: Store, parsed: argparse.Namespace) -> _Sign:
    if parsed.cell:
        area = store.areas.by_code(parsed.cell)
        if area is None:
            raise Refused(f"There is no area {parsed.cell}.")
        return _Sign(f"c-{area.id}", store.areas.title(area))
    if parsed.station:
        station = station_by_code(store.unit, parsed.station) or _new_station(store, parsed)
        return _Sign(f"s-{station.id}", station.name)
    return _of_invite(store, parsed) if parsed.invite else _of_deputy(store, parsed.deputy)


def _of_invite(store: Store, parsed: argparse.Namespace) -> _Sign:
    person_id = person_named(store, chosen_congress(store, parsed.congress), parsed.invite)
    if person_id is None:
        raise Refused(f"Nobody called {parsed.invite} has a role there; minsheng invite --role adds them.")
    return _Sign(f"{INVITE}-{store.people.invite(person_id)}", parsed.invite)


def _new_station(store: Store, parsed: argparse.Namespace) -> Station:
    if not parsed.name or not parsed.area:
        raise Refused(f"There is no station {parsed.station}; to add it, give --name and --area.")
    area = store.areas.by_code(parsed.area)
    if area is None:
        raise Refused(f"--area: there is no area {parsed.area}.")
    return add_station(store.unit, store.audit, area.id, parsed.station, parsed.name, parsed.address)


def _of_deputy(store: Store, name: str) -> _Sign:
    holdings = [
        holding
        for congress in store.congresses.all()
        for person_id in store.people.named(congress.id, name)
        for holding in store.people.holdings(person_id)
        if holding.role is Role.DEPUTY and holding.congress_id == congress.id
    ]
    if not holdings:
        raise Refused(f"There is no deputy {name}.")
    if len({holding.person_id for holding in holdings}) > 1:
        raise Refused(f"Several deputies are called {name}; give them different names, such as {name}(石桥村).")
    return _Sign(f"d-{holdings[0].id}", f"{name}代表", f"扫一扫，向{name}代表提建议")
