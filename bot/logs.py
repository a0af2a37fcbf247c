"""Logs: one line an event, readable on a terminal, JSON otherwise. Never a text, a name or a secret."""

import logging
import sys

import structlog

# They log addresses with tokens in them, and texts of errors that may hold what people wrote.
_QUIET = ("httpx", "httpcore", "aiogram", "telegram", "aiohttp", "apscheduler", "uvicorn.access", "PIL")


def configure_logs(level: str) -> None:
    """Set up logging for the whole process. Raises ValueError for an unknown level."""
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise ValueError("MINSHENG_LOG_LEVEL must be one of debug, info, warning, error")
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer(ensure_ascii=False)
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
    logging.basicConfig(level=max(number, logging.WARNING), stream=sys.stderr, format="%(levelname)s %(name)s")
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
