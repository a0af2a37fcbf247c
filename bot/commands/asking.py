"""Options of a command that are asked for on a terminal when they were not given."""

import argparse
import sys
from collections.abc import Callable
from typing import TypeVar

from bot.refusal import Refused

T = TypeVar("T")


def written(option: str) -> str:
    """An option as it is typed."""
    return "--" + option.replace("_", "-")


def asked(parsed: argparse.Namespace, option: str, question: str, read: Callable[[str], T]) -> T:
    """What `read` makes of an option's value, else of the answer to `question`, asked until it fits.

    `read` raises ValueError with a sentence. Raises Refused without a terminal, or for a value that does not fit.
    """
    flag = written(option)
    given = getattr(parsed, option)
    if given is not None:
        try:
            return read(str(given).strip())
        except ValueError as error:
            raise Refused(f"{flag}: {error}") from error
    if not sys.stdin.isatty():
        raise Refused(f"{flag} is missing. {question}")
    while True:
        try:
            return read(input(f"{question} ").strip())
        except ValueError as error:
            print(error, file=sys.stderr)
        except EOFError:
            raise Refused(f"{flag} is missing.") from None


def words(text: str) -> str:
    """Any words but none."""
    if not text:
        raise ValueError("at least one word is needed")
    return text
