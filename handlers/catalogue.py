"""Every conversation of the program, in the order in which the menu shows them."""

from handlers import (
    deputies,
    ledger_file,
    new_project,
    project_plans,
    projects,
    proposals,
    revoking,
    settings,
    staff,
    suggesting,
    welcome,
)
from handlers.routes import Routes

_CONVERSATIONS = (
    suggesting.suggest,
    proposals.mine,
    proposals.support,
    staff.ledger,
    projects.projects,
    staff.telephones,
    revoking.people,
    deputies.on_behalf,
    deputies.paper,
    projects.my_projects,
    deputies.my_cells,
    settings.settings,
    welcome.human,
    suggesting.unprompted,
    proposals.answer_office,
    proposals.edited,
    staff.handle,
    staff.relink,
    projects.project,
    projects.change_project,
    new_project.new_project,
    project_plans.milestone,
    project_plans.replan,
    projects.group,
    ledger_file.load_ledger,
    ledger_file.ledger_arrived,
    ledger_file.ledger_goes_on,
    welcome.welcome,
    welcome.help_wanted,
)

ROUTES = Routes([*_CONVERSATIONS, welcome.menu_of(_CONVERSATIONS), welcome.drafts_of(_CONVERSATIONS)])
