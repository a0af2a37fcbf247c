"""What WeChat hands over again and again, the program acts on once, and answers alike."""

from dataclasses import replace
from pathlib import Path

from tests.kill.callbacks import Play, Verdict, called_back


async def called(play: Play) -> Verdict:
    """Play it, and find every promise kept."""
    verdict = await called_back(play)
    assert verdict.problems[:5] == []
    assert verdict.kills == play.kills
    assert 0 < verdict.beside < verdict.repeats
    assert verdict.deliveries == verdict.messages + verdict.repeats + verdict.unanswered
    return verdict


async def test_a_single_process_on_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'minsheng.sqlite3'}"
    await called(Play(database_url=url, folder=tmp_path, people=12, stories=3, kills=1, per_second=60))


async def test_where_the_account_pushes_each_answer_comes_by_one_way(tmp_path: Path, postgres_url: str) -> None:
    play = Play(database_url=postgres_url, folder=tmp_path, people=12, stories=3, kills=1, per_second=60, replicas=2)
    verdict = await called(replace(play, pushes=True))
    assert 0 < verdict.pushed < verdict.messages


async def test_two_replicas_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    await called(
        Play(database_url=postgres_url, folder=tmp_path, people=12, stories=3, kills=1, per_second=60, replicas=2)
    )
