"""Who may see and do what. Every rule of it stands here.

The rules named `check_can_…` raise `Denied` with a sentence for the person.
"""

import re
from collections.abc import Iterable, Sequence

from handlers.texts import access as texts
from handlers.texts.phrase import Phrase
from storage.announcements import Announcement
from storage.domain.announcements import PUBLIC
from storage.domain.cadence import ESCALATES_TO
from storage.domain.proposal_status import OPEN
from storage.domain.roles import Holding, Role
from storage.domain.rules import Rules
from storage.observations import Observation
from storage.projects import Project
from storage.proposals import Proposal
from storage.rectifications import Rectification

# Between the digits of a number that people write in groups.
_GAP = r"[ \-.\u00b7\u2010-\u2015()]{0,3}"
_PRIVATE = re.compile(
    # Eleven digits in a row or more: a mobile number (with or without 86), an identity number of 15 or 18 digits
    # (GB 11643), a bank account.
    r"[0-9]{11,}[Xx]?"
    # A mobile number in groups, with or without 86.
    rf"|(?<![0-9])(?:(?:00)?86{_GAP})?1{_GAP}[3-9](?:{_GAP}[0-9]){{9}}(?![0-9])"
    # A landline number: area code, then seven or eight digits.
    rf"|(?<![0-9])\(?0[0-9]{{2,3}}\)?{_GAP}[0-9](?:{_GAP}[0-9]){{6,7}}(?![0-9])"
    # An identity number in groups: place, day of birth, serial.
    rf"|(?<![0-9])[1-9][0-9]{{5}}{_GAP}(?:19|20)[0-9]{{2}}{_GAP}[0-9]{{2}}{_GAP}[0-9]{{2}}{_GAP}[0-9]{{3}}[0-9Xx](?![0-9])"
)
# All that a number is made of; only such stretches are looked at closely, for texts may be long.
_STRETCH = re.compile(
    "[0-9\uff10-\uff19(\uff08][0-9\uff10-\uff19 \\-.\u00b7\u2010-\u2015()\uff08\uff09\uff0d\uff38\uff58\u3000Xx]{9,}"
)
# One character for one, so that what is found here stands at the same place there.
_HALF_WIDTH = {0xFF10 + digit: ord("0") + digit for digit in range(10)} | {
    ord(wide): ord(half) for wide, half in zip("\uff08\uff09\uff0d\uff38\uff58\u3000", "()-Xx ", strict=True)
}


class Denied(Exception):
    """The person may not do that; `why` is one sentence."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(why.en)
        self.why = why


def congresses_of(holdings: Iterable[Holding], *roles: Role) -> list[int]:
    """The congresses in which a person holds one of the roles."""
    return sorted({holding.congress_id for holding in holdings if holding.role in roles})


def holds(holdings: Iterable[Holding], *roles: Role) -> bool:
    return bool(congresses_of(holdings, *roles))


def is_staff(holdings: Sequence[Holding]) -> bool:
    return holds(holdings, Role.STAFF)


def is_deputy(holdings: Sequence[Holding]) -> bool:
    return holds(holdings, Role.DEPUTY)


def may_hear_of_overdue(holdings: Sequence[Holding]) -> bool:
    """Of each congress in which they hold the role that it was escalated to."""
    return holds(holdings, *ESCALATES_TO)


def is_grid_worker(holdings: Sequence[Holding]) -> bool:
    return holds(holdings, Role.GRID_WORKER)


def has_cells(holdings: Sequence[Holding]) -> bool:
    return holds(holdings, Role.DEPUTY, Role.GRID_WORKER)


def is_body(holdings: Sequence[Holding]) -> bool:
    return bool(bodies_of(holdings))


def has_rectifications(holdings: Sequence[Holding]) -> bool:
    return is_body(holdings) or is_deputy(holdings) or is_staff(holdings)


def bodies_of(holdings: Iterable[Holding]) -> list[tuple[int, str]]:
    """The implementing bodies for which somebody acts, each with the congress for which it builds."""
    acting = (one for one in holdings if one.role is Role.IMPLEMENTING_BODY and one.group_name)
    return sorted({(one.congress_id, one.group_name) for one in acting})


def check_can_handle(holdings: Iterable[Holding], proposal: Proposal | None) -> Proposal:
    """Answer, decide on, correct and show a proposal: the staff of its congress."""
    if proposal is None:
        raise Denied(texts.NO_SUCH_PROPOSAL)
    if proposal.congress_id not in congresses_of(holdings, Role.STAFF):
        raise Denied(texts.NOT_YOUR_CONGRESS)
    return proposal


def check_can_run(holdings: Iterable[Holding], project: Project | None) -> Project:
    """Record what becomes of a project, change it, and say who watches over it: the staff of its congress."""
    if project is None or project.congress_id not in congresses_of(holdings, Role.STAFF):
        raise Denied(texts.NO_SUCH_PROJECT)
    return project


def may_report(holdings: Sequence[Holding]) -> bool:
    return holds(holdings, Role.DEPUTY, Role.IMPLEMENTING_BODY)


def check_can_inspect(
    person_id: int, holdings: Iterable[Holding], group: Sequence[int], project: Project | None
) -> Project:
    """Report of a project what one has seen: its liaison deputies, and every deputy of its congress."""
    if project is None:
        raise Denied(texts.NO_SUCH_PROJECT)
    if person_id not in group and project.congress_id not in congresses_of(holdings, Role.DEPUTY):
        raise Denied(texts.DEPUTY_NO_LONGER)
    return project


def check_can_report(holdings: Iterable[Holding], project: Project | None) -> Project:
    """Report of a project for those who build it: the people of its implementing body."""
    if project is None:
        raise Denied(texts.NO_SUCH_PROJECT)
    if (project.congress_id, project.description.body) not in bodies_of(holdings):
        raise Denied(texts.BODY_NO_LONGER)
    return project


def check_can_receive(holdings: Iterable[Holding], congress_id: int) -> None:
    """Report of a reception day: the deputies of the congress."""
    if congress_id not in congresses_of(holdings, Role.DEPUTY):
        raise Denied(texts.DEPUTY_NO_LONGER)


def check_can_enter(holdings: Iterable[Holding], congress_id: int) -> None:
    """Enter a project, or change many proposals at once by a file: the staff of the congress."""
    if congress_id not in congresses_of(holdings, Role.STAFF):
        raise Denied(texts.NOT_YOUR_CONGRESS)


def check_can_rectify(holdings: Iterable[Holding], one: Rectification | None) -> Rectification:
    """Accept a problem, plan, and report what is done about it: the people of the project's body, as that is now."""
    if one is None or (one.congress_id, one.body) not in bodies_of(holdings):
        raise Denied(texts.NO_SUCH_RECTIFICATION)
    return one


def check_can_confirm(
    person_id: int, holdings: Iterable[Holding], group: Sequence[int], one: Rectification | None
) -> Rectification:
    """Strike a problem off or send it back: the deputy who found it, and those charged with the project (`group`)."""
    if (
        one is None
        or one.congress_id not in congresses_of(holdings, Role.DEPUTY)
        or person_id not in (one.raised_by, *group)
    ):
        raise Denied(texts.NO_SUCH_RECTIFICATION)
    return one


def check_can_follow(holdings: Iterable[Holding], one: Rectification | None) -> Rectification:
    """See a problem, record its steps for others, and move its due date: the staff of its congress."""
    if one is None or one.congress_id not in congresses_of(holdings, Role.STAFF):
        raise Denied(texts.NO_SUCH_RECTIFICATION)
    return one


def check_can_supervise(holdings: Iterable[Holding], congress_id: int) -> None:
    """See where supervision stands, nudge, and have reports and maps made: the staff of the congress."""
    if congress_id not in congresses_of(holdings, Role.STAFF):
        raise Denied(texts.NOT_YOUR_STAFF)


def check_can_see_own_year(holdings: Iterable[Holding], congress_id: int) -> None:
    """See what one did as a deputy of a congress: its deputies, each for themselves."""
    if congress_id not in congresses_of(holdings, Role.DEPUTY):
        raise Denied(texts.NOT_YOUR_DEPUTIES)


def may_see_places(holdings: Iterable[Holding], congress_id: int, rules: Rules) -> bool:
    """Hear how one stands beside the other deputies: nobody, unless the congress has turned that on."""
    return rules.deputies_ranked and congress_id in congresses_of(holdings, Role.DEPUTY)


def check_is_shown(project: Project | None) -> Project:
    """See how a project stands, and say what one sees of it: anybody, for what was chosen is public."""
    if project is None:
        raise Denied(texts.NO_SUCH_PROJECT)
    return project


def check_is_own(person_id: int, one: Observation | None) -> Observation:
    """Read what was said of a project, and its answer: who said it."""
    if one is None or one.author != person_id:
        raise Denied(texts.NO_SUCH_OBSERVATION)
    return one


def may_read_observations(holdings: Sequence[Holding]) -> bool:
    """What residents see of projects: the deputies charged with these, and the staff."""
    return is_deputy(holdings) or is_staff(holdings)


def check_can_answer(
    person_id: int, holdings: Iterable[Holding], group: Sequence[int], one: Observation | None
) -> Observation:
    """Answer what a resident saw of a project: the deputies charged with it (`group`), the staff of its congress."""
    held = [] if one is None else [holding.role for holding in holdings if holding.congress_id == one.congress_id]
    if one is None or not (Role.STAFF in held or (Role.DEPUTY in held and person_id in group)):
        raise Denied(texts.NO_SUCH_OBSERVATION)
    return one


ANNOUNCING = (Role.STAFF,)
AGREEING = (Role.STAFF, Role.PRESIDIUM, Role.ADMINISTRATOR)  # to announcements, each to those they had no part in


def may_announce(holdings: Sequence[Holding]) -> bool:
    return holds(holdings, *ANNOUNCING)


def has_announcements(holdings: Sequence[Holding]) -> bool:
    """Whether somebody writes announcements, or agrees to them."""
    return holds(holdings, *AGREEING)


def check_can_announce(holdings: Iterable[Holding], congress_id: int) -> None:
    """Write announcements of a congress: its staff."""
    if congress_id not in congresses_of(holdings, *ANNOUNCING):
        raise Denied(texts.NOT_YOUR_STAFF)


def check_can_write(holdings: Iterable[Holding], one: Announcement | None) -> Announcement:
    """Change, submit, discard and correct an announcement, call whom it did not reach: the staff of its congress."""
    if one is None or one.congress_id not in congresses_of(holdings, *ANNOUNCING):
        raise Denied(texts.NO_SUCH_ANNOUNCEMENT)
    return one


def check_can_oversee(holdings: Iterable[Holding], one: Announcement | None) -> Announcement:
    """See an announcement before it is sent and while it is, agree to it or send it back, pause and stop it: staff,
    presidium and administrators of its congress. That author, reviewer and approver differ is a rule of its own."""
    if one is None or one.congress_id not in congresses_of(holdings, *AGREEING):
        raise Denied(texts.NO_SUCH_ANNOUNCEMENT)
    return one


def check_can_read(holdings: Iterable[Holding], one: Announcement | None, *, was_sent: bool) -> Announcement:
    """Read an announcement: anybody what stands on the board, who got it, and who oversees it."""
    if one is not None and (was_sent or (one.content.on_board and one.state in PUBLIC)):
        return one
    return check_can_oversee(holdings, one)


REVOCABLE = (Role.STAFF, Role.DEPUTY, Role.GRID_WORKER)  # in chat; any other role by command


def check_can_revoke(holdings: Iterable[Holding], held: Holding | None) -> Holding:
    """Take a role away from its holder: the staff of its congress."""
    if held is None or held.role not in REVOCABLE or held.congress_id not in congresses_of(holdings, Role.STAFF):
        raise Denied(texts.NO_SUCH_ROLE)
    return held


def check_can_help(held: Holding | None) -> None:
    """Answer a resident who asked for help: whoever was asked, as long as they are staff."""
    if held is None:
        raise Denied(texts.NOT_FOR_YOU)


def may_read_answer(holdings: Iterable[Holding], proposal: Proposal) -> bool:
    """Hear what an author answers: who may handle the proposal."""
    return proposal.congress_id in congresses_of(holdings, Role.STAFF)


def check_can_add(person_id: int, concerned: Sequence[int], proposal: Proposal | None) -> Proposal:
    """Read a proposal with its history and add to it: its authors, and who brought it in for them."""
    if proposal is None or person_id not in concerned:
        raise Denied(texts.NOT_YOUR_PROPOSAL)
    return proposal


def check_can_support(person_id: int, authors: Sequence[int], proposal: Proposal | None) -> Proposal:
    """Say "I want that too": anybody, for what staff have cleared and nobody has settled, and not for one's own."""
    if proposal is None or proposal.cleared_at is None or proposal.status not in OPEN:
        raise Denied(texts.NO_LONGER_SHOWN)
    if person_id in authors:
        raise Denied(texts.YOUR_OWN_PROPOSAL)
    return proposal


def masked(text: str) -> str:
    """The text without telephone and identity numbers: what everybody but the clerk who answers gets to see.

    Of each number the first three and the last two characters stay, so that its owner recognizes it.
    """
    return _STRETCH.sub(lambda stretch: _masked(stretch[0]), text)


def _masked(stretch: str) -> str:
    pieces: list[str] = []
    rest = 0
    for start, end in (match.span() for match in _PRIVATE.finditer(stretch.translate(_HALF_WIDTH))):
        pieces += (stretch[rest : start + 3], "****")
        rest = end - 2
    return "".join((*pieces, stretch[rest:]))
