"""The key that signs cookies is made once, whole, and for this machine's user only."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.refusal import Refused
from bot.secret import own_secret


def test_a_chosen_secret_is_taken_and_none_is_kept(tmp_path: Path) -> None:
    assert own_secret("chosen", tmp_path) == b"chosen"
    assert list(tmp_path.iterdir()) == []


def test_our_own_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    secret = own_secret("", tmp_path)

    assert len(secret) >= 32
    assert own_secret("", tmp_path) == secret
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_programs_that_start_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: own_secret("", tmp_path), range(32)))

    assert len(made) == 1


def test_a_damaged_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()

    with pytest.raises(Refused, match="is damaged: remove it"):
        own_secret("", tmp_path)
