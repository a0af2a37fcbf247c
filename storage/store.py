"""Everything that is kept, as seen inside one transaction."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cached_property

from storage.announcement_reports import AnnouncementReports
from storage.announcements import Announcements
from storage.area_index import AreaIndex
from storage.attachments import Attachments
from storage.audiences import Audiences
from storage.audit import Actor, Audit
from storage.broadcasting import Broadcasting
from storage.cadences import Cadences
from storage.calendar import Calendar, published
from storage.congresses import Congresses, CongressIndex
from storage.conversations import Conversations
from storage.database import Unit
from storage.duties import Duties
from storage.liaisons import Liaisons
from storage.links import Links
from storage.notes import Notes
from storage.nudges import Nudges
from storage.observations import Observations
from storage.outbox import Outbox
from storage.overdue import Overdue
from storage.paces import Paces
from storage.people import People
from storage.projects import Projects
from storage.proposals import Proposals
from storage.rectifications import Rectifications
from storage.supervision import Supervision


class Store:
    """The records, on behalf of `actor`, at the moment `now`.

    `areas` is what memory holds of the tree of areas, `index` what it holds of the congresses, if anything; `channels`
    are those that are set up, default: all, and `paces` how many messages a second they take, as far as it is known;
    `calendar` tells the working days; `address` is how people reach our pages. `shown` gathers whose words and names
    are read, as what is said may show them.
    """

    def __init__(
        self,
        unit: Unit,
        now: datetime,
        areas: AreaIndex,
        actor: Actor | None = None,
        *,
        index: CongressIndex | None = None,
        channels: Collection[str] | None = None,
        calendar: Calendar = published,
        paces: Mapping[str, float] | None = None,
        address: str = "",
    ) -> None:
        self.unit, self.now, self.areas, self._index = unit, now, areas, index
        self.actor, self._channels, self.calendar = actor or Actor(), channels, calendar
        self.paces, self.address = paces or {}, address
        self.shown: set[int] = set()

    @property
    def channels(self) -> list[str]:
        """Those that are set up, as far as it is known."""
        return sorted(self._channels or ())

    def on_behalf_of(self, actor: Actor) -> "Store":
        """The same records, for somebody else."""
        return Store(
            self.unit,
            self.now,
            self.areas,
            actor,
            index=self._index,
            channels=self._channels,
            calendar=self.calendar,
            paces=self.paces,
            address=self.address,
        )

    @cached_property
    def audit(self) -> Audit:
        return Audit(self.unit, self.now, self.actor)

    @cached_property
    def people(self) -> People:
        return People(self.unit, self.now, self.audit, self._channels, self.shown)

    @cached_property
    def congresses(self) -> Congresses:
        return Congresses(self.unit, self.now, self.audit, self._index, self.calendar)

    @cached_property
    def conversations(self) -> Conversations:
        return Conversations(self.unit, self.now)

    @cached_property
    def proposals(self) -> Proposals:
        return Proposals(self.unit, self.now, self.actor, self.audit, self.shown)

    @cached_property
    def projects(self) -> Projects:
        return Projects(self.unit, self.now, self.actor, self.audit)

    @cached_property
    def liaisons(self) -> Liaisons:
        return Liaisons(self.unit, self.now, self.actor, self.audit, self.shown)

    @cached_property
    def rectifications(self) -> Rectifications:
        return Rectifications(self.unit, self.now, self.actor, self.audit, self.shown, self.calendar)

    @cached_property
    def notes(self) -> Notes:
        return Notes(self.unit, self.now, self.actor, self.audit, self.shown)

    @cached_property
    def supervision(self) -> Supervision:
        return Supervision(self.unit, self.shown)

    @cached_property
    def nudges(self) -> Nudges:
        return Nudges(self.unit, self.now, self.audit, self._channels, self.shown)

    @cached_property
    def observations(self) -> Observations:
        return Observations(self.unit, self.now, self.actor, self.audit, self.shown, self.calendar)

    @cached_property
    def announcements(self) -> Announcements:
        return Announcements(self.unit, self.now, self.actor, self.audit, self.shown)

    @cached_property
    def audiences(self) -> Audiences:
        return Audiences(self.unit, self._channels, self.shown)

    @cached_property
    def announcement_reports(self) -> AnnouncementReports:
        return AnnouncementReports(self.unit, self.shown)

    @cached_property
    def broadcasting(self) -> Broadcasting:
        return Broadcasting(self.unit, self.now, self.announcements, self.audiences, self.audit, self.areas)

    @cached_property
    def links(self) -> Links:
        return Links(self.unit, self.now, self.actor, self.audit, self.shown)

    @cached_property
    def outbox(self) -> Outbox:
        return Outbox(self.unit, self.now)

    @cached_property
    def pauses(self) -> Paces:
        return Paces(self.unit, self.now)

    @cached_property
    def attachments(self) -> Attachments:
        return Attachments(self.unit, self.now)

    @cached_property
    def duties(self) -> Duties:
        return Duties(self.unit, self.now)

    @cached_property
    def cadences(self) -> Cadences:
        return Cadences(self.unit, self.now, self.audit, self.calendar)

    @cached_property
    def overdue(self) -> Overdue:
        return Overdue(self.unit, self.now, self._channels, self.shown)
