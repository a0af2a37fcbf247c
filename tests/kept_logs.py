"""Logging as it was before."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from bot import logs


@contextmanager
def kept_logs() -> Iterator[None]:
    """Whatever a command sets up for logging inside the block is gone after it."""
    levels = {name: logging.getLogger(name).level for name in ("", *logging.root.manager.loggerDict)}
    try:
        yield
    finally:
        structlog.reset_defaults()
        logging.raiseExceptions = True
        logging.root.handlers[:] = [handler for handler in logging.root.handlers if handler.name != logs.__name__]
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
