"""Content that no record refers to goes, in chunks; content that any record refers to stays."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from scheduler.jobs.tidy_files import CHUNK, YOUNG, tidy_files
from storage.database import transaction
from storage.files import FileStore
from storage.tables import attachments, messages
from tests.set_clock import SetClock

NOW = SetClock().now


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def files(tmp_path: Path, clock: SetClock) -> FileStore:
    return FileStore(tmp_path / "files", clock)


@pytest.fixture
def old(files: FileStore, clock: SetClock) -> Callable[[bytes], str]:
    """Keep some content that is old enough to go."""

    def keep(content: bytes) -> str:
        clock.now = NOW - YOUNG - timedelta(seconds=1)
        digest = files.keep(content)
        clock.now = NOW - YOUNG
        return digest

    return keep


def refers(engine: Engine, digest: str, *, recipe: dict[str, object] | None = None, days: int = 0) -> None:
    """A message with a file of that content, some days ago."""
    at = NOW - timedelta(days=days)
    with transaction(engine) as unit:
        message = unit.insert(insert(messages).values(direction="in", channel="web", kind="photo", at=at, stored_at=at))
        unit.write(
            insert(attachments).values(
                message_id=message, kind="photo", digest=digest, state="stored", due_at=at, recipe=recipe
            )
        )


def run(engine: Engine, files: FileStore) -> int:
    """One run of the job; how many steps it took."""
    job = tidy_files(files)
    steps, more = 0, True
    while more:
        with transaction(engine) as unit:
            more = job.step(unit, NOW)
        steps += 1
    return steps


def test_what_nobody_refers_to_goes_and_the_rest_stays(
    engine: Engine, files: FileStore, old: Callable[[bytes], str]
) -> None:
    used, unused, young = old(b"used"), old(b"unused"), files.keep(b"young")
    refers(engine, used)
    run(engine, files)
    assert (files.has(used), files.has(unused), files.has(young)) == (True, False, True)


def test_ledgers_and_exports_go_after_a_week_and_photos_never(
    engine: Engine, files: FileStore, old: Callable[[bytes], str]
) -> None:
    ledger, fresh, photo = old(b"ledger"), old(b"fresh"), old(b"photo")
    refers(engine, ledger, recipe={"kind": "ledger"}, days=8)
    refers(engine, fresh, recipe={"kind": "ledger"}, days=6)
    refers(engine, photo, days=800)
    run(engine, files)
    assert (files.has(ledger), files.has(fresh), files.has(photo)) == (False, True, True)


def test_many_go_in_chunks_and_a_run_begins_anew(engine: Engine, files: FileStore, old: Callable[[bytes], str]) -> None:
    for at in range(CHUNK + 1):
        old(str(at).encode())
    assert run(engine, files) == 3
    assert run(engine, files) == 1


def test_an_empty_folder_is_no_work(engine: Engine, files: FileStore) -> None:
    assert run(engine, files) == 1
