"""Who was forgotten is forgotten once more, for what was on its way.

On several replicas somebody may be reading what a person wrote in the very moment in which it is blanked; what was
stored of that is blanked a little later.
"""

from datetime import datetime, timedelta

from scheduler.runner import Job
from storage.database import Unit
from storage.forgetting import Forgetting, forgotten

LOOKED_BACK = timedelta(hours=2)


def _step(unit: Unit, now: datetime) -> bool:
    for person_id in forgotten(unit, now - LOOKED_BACK):
        Forgetting(unit, now).blank_shown(person_id)
    return False


FORGET_AGAIN = Job("forget_again", {"minute": "15"}, _step)
