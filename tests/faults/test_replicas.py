"""Two replicas are given the same at the same moment, or one thing after another in the wrong order."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.faults.doubled import doubled
from tests.faults.overtaking import overtaken
from tests.faults.two_channels import both_at_once

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


async def test_what_two_webhooks_deliver_at_the_same_moment_counts_once(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    assert await doubled(engine, database_url, tmp_path, 50) == []


async def test_a_tap_may_overtake_the_message_before_it(engine: Engine, database_url: str, tmp_path: Path) -> None:
    assert await overtaken(engine, database_url, tmp_path, 50) == []


async def test_somebody_may_write_from_two_channels_at_once(engine: Engine, database_url: str, tmp_path: Path) -> None:
    assert await both_at_once(engine, database_url, tmp_path, 20) == []
