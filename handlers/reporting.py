"""Reports of supervision for a month, quarter, half-year or year, as sheets and as a page to be printed."""

from datetime import date

from handlers import access
from handlers.messages import Recipe
from handlers.questions import Choice
from handlers.routes import conversation
from handlers.staff import SPREADSHEET
from handlers.supervision import own
from handlers.talk import Option, Reply, Start, Talk
from handlers.texts import supervision as texts
from storage.domain.report_period import ReportPeriod, Span, holding, read

_FORMATS = {"xlsx": texts.AS_SHEETS, "html": texts.AS_PAGE, "both": texts.AS_BOTH}
_MEDIA_TYPES = {"xlsx": SPREADSHEET, "html": "text/html"}


@conversation(
    "reports",
    starts=("督查报表", "报表", "/reports", "reports"),
    allowed=access.is_staff,
    behind=lambda given: Start("supervision", given),
)
def reports(talk: Talk) -> Reply:
    """A period, then in which form."""
    congress = own(talk)
    listed = [Option(period.key, texts.period_name(period)) for period in _periods(congress.today(talk.now))]
    period = read(talk.ask("period", Choice(listed), texts.WHICH_PERIOD))
    forms = [Option(name, label) for name, label in _FORMATS.items()]
    form = talk.ask("format", Choice(forms), texts.WHICH_FORMAT)
    chosen = list(_MEDIA_TYPES) if form == "both" else [form]
    return Reply(texts.REPORT_SENT, files=[_recipe(talk, congress.id, period, one) for one in chosen])


def _periods(today: date) -> list[ReportPeriod]:
    """Of every kind the present one and the one before."""
    return [one for span in Span for now in [holding(today, span)] for one in (now, now.before)]


def _recipe(talk: Talk, congress_id: int, period: ReportPeriod, form: str) -> Recipe:
    arguments = {
        "congress": congress_id,
        "period": period.key,
        "language": talk.person.language,
        "format": form,
    }
    name = f"{texts.REPORT_FILE.said(talk.person.language)}-{period.key}.{form}"
    return Recipe("supervision_report", name, _MEDIA_TYPES[form], arguments)
