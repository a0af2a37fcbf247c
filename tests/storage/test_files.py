"""Files are kept once by their content, survive what happens around them, and go only when nobody wants them."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path

import pytest

from storage.files import FileStore
from tests.set_clock import SetClock

NOW = SetClock().now
LATER = NOW + timedelta(seconds=1)
BEFORE = NOW - timedelta(seconds=1)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def files(tmp_path: Path, clock: SetClock) -> FileStore:
    return FileStore(tmp_path / "files", clock)


def everything(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "files").rglob("*") if path.is_file())


def test_a_file_is_named_by_its_content_and_kept_once(files: FileStore, tmp_path: Path) -> None:
    digest = files.keep(b"one")
    assert digest == hashlib.sha256(b"one").hexdigest() == files.keep(b"one")
    assert files.path(digest) == tmp_path / "files" / digest[:2] / digest
    assert files.path(digest).read_bytes() == b"one"
    assert everything(tmp_path) == [digest]


def test_nobody_else_may_read_it_and_nobody_execute_it(files: FileStore, tmp_path: Path) -> None:
    path = files.path(files.keep(b"#!/bin/sh"))
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0
    assert (tmp_path / "files").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "/.."])
def test_nothing_but_a_digest_is_a_path(files: FileStore, digest: str) -> None:
    with pytest.raises(ValueError, match="digest"):
        files.path(digest)


def test_what_is_written_and_not_taken_leaves_nothing(files: FileStore, tmp_path: Path) -> None:
    with files.writing() as partial:
        partial.write_bytes(b"half")
        assert len(everything(tmp_path)) == 1
    assert everything(tmp_path) == []


def test_what_is_written_in_pieces_is_taken_as_a_whole(files: FileStore, tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    with files.writing() as partial:
        partial.write_bytes(content)
        digest = files.take(partial)
    assert files.has(digest)
    assert files.path(digest).read_bytes() == content
    assert everything(tmp_path) == [digest]


def test_only_what_was_kept_before_a_moment_is_old(files: FileStore) -> None:
    digests = sorted(files.keep(str(number).encode()) for number in range(5))
    assert sorted(one for chunk in files.older(LATER, 2) for one in chunk) == digests
    assert [len(chunk) for chunk in files.older(LATER, 2)] == [2, 2, 1]
    assert list(files.older(BEFORE, 2)) == []


def test_leftovers_of_a_kill_go_once_they_are_old(files: FileStore, tmp_path: Path) -> None:
    files.keep(b"one")
    with files.writing() as partial:
        partial.write_bytes(b"half")
        left = partial.rename(tmp_path / "kept aside")
    left.rename(partial)
    assert len(everything(tmp_path)) == 2
    assert list(files.older(BEFORE, 10)) == []
    assert len(everything(tmp_path)) == 2
    assert len(list(files.older(LATER, 10))) == 1
    assert len(everything(tmp_path)) == 1


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert list(FileStore(tmp_path / "none", lambda: NOW).older(LATER, 10)) == []


def test_content_that_came_again_is_not_removed(files: FileStore, clock: SetClock) -> None:
    digest = files.keep(b"one")
    clock.advance(days=40)
    files.keep(b"one")
    assert not files.remove(digest, NOW + timedelta(days=39))
    assert files.has(digest)
    assert files.remove(digest, NOW + timedelta(days=41))
    assert not files.has(digest)
    assert not files.remove(digest, NOW + timedelta(days=41))
