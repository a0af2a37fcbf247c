"""Conversations that nobody went on with become drafts."""

from datetime import datetime

from handlers.turn import EXPIRES_AFTER
from scheduler.runner import Job
from storage.conversations import Conversations
from storage.database import Unit

CHUNK = 50


def _step(unit: Unit, now: datetime) -> bool:
    return Conversations(unit, now).expire(now - EXPIRES_AFTER, CHUNK) == CHUNK


EXPIRE_CONVERSATIONS = Job("expire_conversations", {"minute": "*/10"}, _step)
