"""Draw the QR code (PNG) or an A4 poster that opens the chat at a cell or area, a station, or a deputy."""

import argparse
from pathlib import Path

from bot.commands.office import links, opened
from bot.qr import poster_png, qr_png
from bot.refusal import Refused
from storage.areas import station_by_code
from storage.domain.roles import Role
from storage.store import Store


def arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--cell", metavar="CODE", help="a grid cell, village, township or county")
    what.add_argument("--station", metavar="CODE")
    what.add_argument("--deputy", metavar="NAME")
    parser.add_argument("--poster", action="store_true", help="an A4 page to print, with name and instruction")
    parser.add_argument("--channel", choices=("web", "telegram"), default="web")
    parser.add_argument("file", type=Path, help="the PNG to be written")


def run(parsed: argparse.Namespace) -> None:
    with opened() as (settings, store):
        payload, title = _place(store, parsed)
        known = dict(zip(("web", "telegram"), links(settings, payload), strict=False))
    if parsed.channel not in known:
        raise Refused("Set MINSHENG_TELEGRAM__USERNAME to the bot's name, so that links to it can be made.")
    link = known[parsed.channel]
    instruction = f"扫一扫，给{title}提一条建议"
    parsed.file.write_bytes(poster_png(link, title, instruction) if parsed.poster else qr_png(link))
    print(f"{parsed.file}: {link}")


def _place(store: Store, parsed: argparse.Namespace) -> tuple[str, str]:
    """The payload of the deep link, and what the poster says."""
    if parsed.cell:
        area = store.areas.by_code(parsed.cell)
        if area is None:
            raise Refused(f"There is no area {parsed.cell}.")
        return f"c-{area.id}", store.areas.title(area)
    if parsed.station:
        station = station_by_code(store.unit, parsed.station)
        if station is None:
            raise Refused(f"There is no station {parsed.station}.")
        return f"s-{station.id}", station.name
    for congress in store.congresses.all():
        for person_id in store.people.named(congress.id, parsed.deputy):
            for holding in store.people.holdings(person_id):
                if holding.role is Role.DEPUTY:
                    return f"d-{holding.id}", f"{parsed.deputy}代表"
    raise Refused(f"There is no deputy {parsed.deputy}.")
