"""Every table, on SQLite and PostgreSQL alike, by theme: everybody else imports them from here.

Times are aware UTC datetimes (`Instant`). What people wrote stands in `messages` and `texts` only; every
other record refers to it, so that "forget me" blanks two columns and the log stays true.
"""

from storage.tables.announcement import (
    announcement_recipients,
    announcement_reviews,
    announcement_texts,
    announcement_versions,
    announcements,
)
from storage.tables.columns import metadata
from storage.tables.congress import congresses, cycles
from storage.tables.conversation import conversations, drafts, prompts
from storage.tables.mass_send import mass_results, mass_send_rows, mass_sends
from storage.tables.message import attachments, links, messages
from storage.tables.person import accounts, invites, people, role_areas, roles
from storage.tables.place import areas, stations
from storage.tables.project import liaisons, milestones, project_cells, project_history, projects
from storage.tables.proposal import proposal_authors, proposal_history, proposal_supporters, proposals, texts
from storage.tables.running import audit, job_runs, locks, revisions
from storage.tables.sending import consents, leases, outbox, paces, push_windows
from storage.tables.supervision import (
    cadences,
    duties,
    note_people,
    notes,
    observations,
    rectification_history,
    rectifications,
    reminders,
    rounds,
)

__all__ = [
    "accounts",
    "announcement_recipients",
    "announcement_reviews",
    "announcement_texts",
    "announcement_versions",
    "announcements",
    "areas",
    "attachments",
    "audit",
    "cadences",
    "congresses",
    "consents",
    "conversations",
    "cycles",
    "drafts",
    "duties",
    "invites",
    "job_runs",
    "leases",
    "liaisons",
    "links",
    "locks",
    "mass_results",
    "mass_send_rows",
    "mass_sends",
    "messages",
    "metadata",
    "milestones",
    "note_people",
    "notes",
    "observations",
    "outbox",
    "paces",
    "people",
    "project_cells",
    "project_history",
    "projects",
    "prompts",
    "proposal_authors",
    "proposal_history",
    "proposal_supporters",
    "proposals",
    "push_windows",
    "rectification_history",
    "rectifications",
    "reminders",
    "revisions",
    "role_areas",
    "roles",
    "rounds",
    "stations",
    "texts",
]
