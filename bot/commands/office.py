"""What the commands of an office share: the open store, links, and which congress is meant."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.commands.run import address, prepare
from bot.refusal import Refused
from bot.settings import Settings, load_settings
from bot.wiring import wall_clock
from storage.areas import load_index
from storage.congresses import Congress
from storage.database import open_database, transaction
from storage.store import Store


@contextmanager
def opened() -> Iterator[tuple[Settings, Store]]:
    """The settings and the store, in a transaction that commits at the end."""
    settings = load_settings()
    prepare(settings)
    engine = open_database(settings.database)
    try:
        with transaction(engine) as unit:
            yield settings, Store(unit, wall_clock(), load_index(unit))
    finally:
        engine.dispose()


def chosen_congress(store: Store, number: int | None) -> Congress:
    """The congress of that number; the only one where none is given. Raises Refused."""
    congresses = store.congresses.all()
    if not congresses:
        raise Refused("There is no congress yet: run `minsheng setup` first.")
    if number is None and len(congresses) == 1:
        return congresses[0]
    for congress in congresses:
        if congress.id == number:
            return congress
    listed = "\n".join(f"  --congress {congress.id}  {congress.name}" for congress in congresses)
    raise Refused(f"Which congress?\n{listed}")


def links(settings: Settings, payload: str) -> list[str]:
    """The addresses that open the chat with this payload, on every channel that is set up."""
    found = [f"{address(settings)}/chat?start={payload}"]
    if settings.telegram.username:
        found.append(f"https://t.me/{settings.telegram.username}?start={payload}")
    return found
