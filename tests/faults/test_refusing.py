"""The platform refuses for an hour, then takes everything: in order, once, and no faster than it wants."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.bot.mailing import Mail
from tests.faults.refusing import refuse_and_flood
from tests.virtual_time import in_virtual_time


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@in_virtual_time
async def test_an_hour_of_refusals_is_followed_by_order(engine: Engine, tmp_path: Path) -> None:
    assert await refuse_and_flood(Mail(engine, tmp_path), 60) == []
