"""Logs: one line an event, readable on a terminal, JSON otherwise. Never a text, a name or a secret."""

import logging
import sys
import traceback
from pathlib import Path

import structlog

# They log addresses with tokens in them, and texts of errors that may hold what people wrote.
_QUIET = ("httpx", "httpcore", "aiogram", "telegram", "aiohttp", "apscheduler", "uvicorn.access", "PIL", "psycopg")


class _KindsOnly(logging.Formatter):
    """What libraries log, without their words: who says it, and the kind and place of the error if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = f"{record.levelname} {record.name}"
        error = record.exc_info[1] if record.exc_info else None
        return f"{line} {described(error)}" if error else line


def described(error: BaseException) -> str:
    """The kind of an error and where it was raised: its own words may hold what somebody wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def named(error: BaseException) -> str:
    """What kind of fault a database met, without its words: SQLite's result code, such as SQLITE_FULL, or the name
    of PostgreSQL's error, such as DiskFull, where either said one."""
    cause = getattr(error, "orig", None) or error
    return getattr(cause, "sqlite_errorname", None) or type(cause).__name__


def configure_logs(level: str) -> None:
    """Set up logging for the whole process; `level` is debug, info, warning or error."""
    number = logging.getLevelNamesMapping()[level.upper()]
    readable = sys.stderr.isatty()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.raiseExceptions = False  # else what cannot be logged would be told on standard error, words and all
    root = logging.getLogger()
    for before in [handler for handler in root.handlers if handler.name == __name__]:
        root.removeHandler(before)
    handler = logging.StreamHandler(sys.stderr)
    handler.name = __name__
    handler.setFormatter(_KindsOnly())
    root.addHandler(handler)
    root.setLevel(max(number, logging.WARNING))
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
