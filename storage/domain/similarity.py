"""Whether two texts speak of the same thing, told by the pairs of neighbouring characters that they share.

On residents' real messages pairs of characters tell duplicates at least as well as words do;
still only a person decides what belongs together, this proposes.
"""

import re
import unicodedata

ALIKE = 0.4  # of the shorter text's pairs
PAIRS_AT_LEAST = 6  # fewer are chance: two short texts about "修路" need not mean the same road

COMPARED = 1_000  # characters of a text: what it is about is said by then, and dozens are compared for one message

_NOT_WORDS = re.compile(r"[\W_]+")


def pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters among the first `COMPARED`, without punctuation and width."""
    plain = _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text[:COMPARED])).casefold()
    return frozenset(plain[at : at + 2] for at in range(len(plain) - 1))


def resemblance(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of the shorter text's pairs that both have: 0 to 1; 0 where too few are shared to mean anything."""
    shared = len(one & other)
    return shared / min(len(one), len(other)) if shared >= PAIRS_AT_LEAST else 0.0


def are_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two texts seem to speak of the same thing."""
    return resemblance(one, other) >= ALIKE
