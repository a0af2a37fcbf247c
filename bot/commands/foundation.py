"""What commands stand on: the folder, the database, and sentences for what is wrong with them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.logs import configure_logs
from bot.refusal import Refused
from bot.settings import Settings
from storage.database import open_database
from storage.migrations import MigrationRefused, is_current, migrate


def prepare(settings: Settings) -> None:
    """The folder and the database, as this version of the program wants them. Raises Refused."""
    configure_logs(settings.log_level)
    make_folder(settings.data_dir)
    with database(settings) as engine:
        try:
            if not is_current(engine):
                migrate(engine)
        except MigrationRefused as error:
            raise Refused(str(error)) from error


def make_folder(folder: Path) -> None:
    """A new one is for its owner's eyes only. Raises Refused where it cannot be made, or nobody can write to it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"MINSHENG_DATA_DIR: {error.strerror}: {folder}; name another folder.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Refused(f"MINSHENG_DATA_DIR: this user may not write to {folder}; change its owner, or name another.")


@contextmanager
def database(settings: Settings) -> Iterator[Engine]:
    """The database, to be used inside the block. Raises Refused where it does not answer."""
    engine = open_database(settings.database)
    try:
        yield engine
    except SQLAlchemyError as error:
        raise Refused(unanswered(error)) from error
    finally:
        engine.dispose()


def unanswered(error: SQLAlchemyError) -> str:
    """That the database does not answer, without its own words: they may hold an address with a password."""
    kind = type(getattr(error, "orig", None) or error).__name__
    return (
        f"MINSHENG_DATABASE_URL: the database cannot be used ({kind}); see that it runs, and that the address is right."
    )
