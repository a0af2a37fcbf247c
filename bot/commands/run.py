"""Start the bot. Settings come from the environment (MINSHENG_…); Ctrl-C stops it and loses nothing."""

import argparse
import asyncio
from collections.abc import Callable

import uvloop

from bot.logs import configure_logs
from bot.refusal import Refused
from bot.serving import PortTaken, listen, serve
from bot.settings import Settings, load_settings
from bot.wiring import Program
from storage.database import open_database
from storage.migrations import MigrationRefused, is_current, migrate


def arguments(parser: argparse.ArgumentParser) -> None:
    """None: everything is a setting."""


def run(_: argparse.Namespace) -> None:
    settings = load_settings()
    prepare(settings)
    start(settings, lambda program: print(f"网页聊天 Web chat: {address(settings)}/chat", flush=True))


def prepare(settings: Settings) -> None:
    """The folder and the database, as this version of the program wants them. Raises Refused."""
    try:
        configure_logs(settings.log_level)
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        engine = open_database(settings.database)
        try:
            if not is_current(engine):
                migrate(engine)
        finally:
            engine.dispose()
    except (MigrationRefused, ValueError) as error:
        raise Refused(str(error)) from error
    except OSError as error:
        raise Refused(f"MINSHENG_DATA_DIR: {error.strerror}: {settings.data_dir}") from error


def start(settings: Settings, on_ready: Callable[[Program], None]) -> None:
    """Run until stopped. Raises Refused."""
    try:
        listener = listen(settings.http_host, settings.http_port)
    except PortTaken as error:
        raise Refused(str(error)) from error

    async def running() -> None:
        program = Program(settings)
        await serve(program, listener, lambda: on_ready(program))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(running())


def address(settings: Settings) -> str:
    """Where people reach the web chat."""
    return settings.public_url.rstrip("/") or f"http://{settings.http_host}:{settings.http_port}"
