"""Draw the QR code (PNG) or an A4 poster that opens the chat at a cell or area, a station, or a deputy.

A station that is not there yet is added: --station CODE --name NAME --area CODE.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from bot.commands.office import links, opened
from bot.refusal import Refused
from bot.settings import Settings, load_settings
from bot.telegram_name import named
from storage.areas import add_station, station_by_code
from storage.domain.areas import Station
from storage.domain.roles import Role
from storage.store import Store


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
    parser.add_argument("--name", default="", help="of a new station")
    parser.add_argument("--area", metavar="CODE", default="", help="of a new station: the area it lies in")
    parser.add_argument("--address", default="", help="of a new station")
    parser.add_argument("--poster", action="store_true", help="an A4 page to print, with name and instruction")
    parser.add_argument("--channel", choices=("web", "telegram"), default="web")
    parser.add_argument("file", type=Path, help="the PNG to be written")


def run(parsed: argparse.Namespace) -> None:
    settings = load_settings()
    if parsed.channel == "telegram":
        settings = named(settings)  # before the transaction, in which nobody else can write
    with opened() as (_, store):
        sign = _sign(store, parsed)
        link = _link(settings, sign.payload, parsed.channel)
        _draw(parsed.file, link, sign if parsed.poster else None)
    print(f"{parsed.file}: {link}")


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
    return _of_deputy(store, parsed.deputy)


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
