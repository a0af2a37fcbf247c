"""The office enters a project that its congress has chosen."""

from handlers import access
from handlers.places import GridCell, place_name
from handlers.project_plans import Plan
from handlers.questions import Day, Text, Yuan
from handlers.routes import conversation
from handlers.talk import Reply, Start, Talk
from handlers.texts import projects as texts
from storage.projects import Description


@conversation("new_project", draft=texts.NEW, allowed=access.is_staff, behind=lambda _: Start("projects"))
def new_project(talk: Talk) -> Reply:
    """What was voted on, field by field, and the plan, which may come later."""
    congress_id = talk.arguments["congress"]
    access.check_can_enter(talk.holdings, congress_id)
    congress = talk.store.congresses.get(congress_id)
    cycle = talk.store.congresses.current_cycle(congress_id)
    if cycle is None:
        talk.end(texts.NO_CYCLE, keep=True)
    today = congress.today(talk.now)
    title = talk.ask("title", Text(at_most=100), texts.TITLE_WHAT)
    content = talk.ask("content", Text(at_most=5_000), texts.CONTENT_WHAT)
    investment = talk.ask("investment", Yuan(), texts.INVESTMENT_WHAT)
    body = talk.ask("body", Text(at_most=100), texts.BODY_WHAT)
    leader = talk.ask("leader", Text(at_most=100, default=""), texts.LEADER_WHAT)
    deadline = talk.ask("deadline", Day(today, earliest=today), texts.DEADLINE_WHAT)
    effect = talk.ask("effect", Text(at_most=5_000, default=""), texts.EFFECT_WHAT)
    where = talk.ask("where", GridCell(may_be_open=False, within=congress.area_id), texts.FIELD["cells"])
    plan = talk.ask("plan", Plan(deadline, later=True), texts.NEW_PLAN)
    cells = (where.cell.id,) if where.cell else ()
    description = Description(title, content, investment, body, leader, deadline, effect, cells)
    if talk.store.projects.has_title(cycle.id, title):
        talk.end(texts.SAME_TITLE, keep=True)
    talk.confirm(texts.new_summary(description, place_name(talk, cells[0] if cells else None), plan))
    number = talk.store.projects.add(congress_id, cycle.id, description, plan, today)
    return Reply(texts.entered(number), then=Start("project", {"number": number}))
