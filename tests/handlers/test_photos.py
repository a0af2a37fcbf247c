"""The photos of a proposal, from the resident's telephone to the clerk's eyes, and out of them again."""

from sqlalchemy import select, update

from storage.database import transaction
from storage.tables import attachments
from tests.conversing import Person, Town


def _fetched(town: Town) -> None:
    """What the worker does after the commit."""
    with transaction(town.engine) as unit:
        kept = update(attachments).where(attachments.c.state == "wanted", attachments.c.recipe.is_(None))
        unit.write(kept.values(state="stored", digest="d" * 64, name="photo.jpg", media_type="image/jpeg"))


def _shown(town: Town) -> list[tuple[str, str | None]]:
    """(state, digest) of what was sent along with our messages."""
    with transaction(town.engine) as unit:
        rows = unit.read(select(attachments.c.state, attachments.c.digest).where(attachments.c.platform_id.is_(None)))
        return [(state, digest) for state, digest in rows]


def _proposed_with_photo(town: Town, resident: Person) -> None:
    resident.says("提建议", "村口修路", "不清楚")
    resident.shows()
    resident.taps("好了")
    resident.taps("提交")
    _fetched(town)


def test_staff_see_the_photos_of_a_proposal(town: Town, resident: Person, staff: Person) -> None:
    _proposed_with_photo(town, resident)
    staff.says("台账", "1", "1")
    told = staff.taps("看照片和附件")
    assert "1 个附件" in told[0]
    assert _shown(town) == [("stored", "d" * 64)]
    assert "村口修路" in told[-1]


def test_nothing_is_offered_where_there_are_no_photos(resident: Person, staff: Person) -> None:
    resident.says("提建议", "村口修路", "不清楚", "1")
    resident.taps("提交")
    staff.says("台账", "1", "1")
    assert not any("看照片" in label for _, label in staff.buttons())


def test_who_is_forgotten_takes_the_photos_shown_along(town: Town, resident: Person, staff: Person) -> None:
    _proposed_with_photo(town, resident)
    staff.says("台账", "1", "1")
    staff.taps("看照片和附件")
    resident.says("设置")
    resident.taps("忘记我")
    resident.says("1")
    with transaction(town.engine) as unit:
        kept = unit.read(select(attachments.c.digest)).scalars().all()
    assert set(kept) == {None}
