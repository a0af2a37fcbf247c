"""What the commands of an office share: the open store, links, and which congress is meant."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from bot.clock import wall_clock
from bot.commands.foundation import database, prepare
from bot.refusal import Refused
from bot.settings import Settings, load_settings
from storage.areas import load_index
from storage.congresses import Congress
from storage.database import Unit, transaction
from storage.store import Store


@contextmanager
def opened_database() -> Iterator[tuple[Settings, Engine]]:
    """The settings and the database, as this version of the program wants it."""
    settings = load_settings()
    prepare(settings)
    with database(settings) as engine:
        yield settings, engine


@contextmanager
def opened() -> Iterator[tuple[Settings, Store]]:
    """The settings and the store, in a transaction that commits at the end."""
    with opened_database() as (settings, engine), transaction(engine) as unit:
        yield settings, store_in(unit)


def store_in(unit: Unit) -> Store:
    """The records in a transaction, as of now."""
    return Store(unit, wall_clock(), load_index(unit))


def chosen_congress(store: Store, number: int | None) -> Congress:
    """The congress of that number; the only one where none is given. Raises Refused."""
    congresses = store.congresses.all()
    if not congresses:
        raise Refused("还没有人大，请先运行 `minsheng setup`。There is no congress yet: run `minsheng setup` first.")
    if number is None and len(congresses) == 1:
        return congresses[0]
    for congress in congresses:
        if congress.id == number:
            return congress
    listed = "\n".join(f"  --congress {congress.id}  {congress.name}" for congress in congresses)
    raise Refused(f"是哪个人大的？Which congress?\n{listed}")


def person_named(store: Store, congress: Congress, name: str) -> int | None:
    """Who is called that and has a role in the congress. Raises Refused where several are."""
    matching = store.people.named(congress.id, name)
    if len(matching) > 1:
        raise Refused(f"{len(matching)} people are called {name}; give them different names, such as {name}(石桥村).")
    return matching[0] if matching else None


def links(settings: Settings, payload: str) -> dict[str, str]:
    """The addresses that open the chat with this payload, if any, on every channel whose name is known."""
    start = f"?start={payload}" if payload else ""
    found = {"web": f"{settings.address}/chat{start}"}
    if settings.telegram.username:
        found["telegram"] = f"https://t.me/{settings.telegram.username}{start}"
    return found


def invitation(settings: Settings, code: str) -> dict[str, str]:
    """How somebody accepts an invite, on every channel that leads there: addresses, and what to do on WeChat."""
    found = links(settings, f"i-{code}")
    if settings.wechat.app_id:
        found["wechat"] = f"微信 WeChat: 关注公众号后发送 follow the account and send  i-{code}"
    return found
