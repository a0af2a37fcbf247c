"""Conversations that nobody went on with are closed; what is worth it becomes a draft."""

from datetime import datetime

from handlers.catalogue import ROUTES
from handlers.turn import EXPIRES_AFTER
from scheduler.runner import Job
from storage.conversations import Conversations
from storage.database import Unit

CHUNK = 50


def _step(unit: Unit, now: datetime) -> bool:
    return Conversations(unit, now).expire(now - EXPIRES_AFTER, CHUNK, ROUTES.keeps) == CHUNK


EXPIRE_CONVERSATIONS = Job("expire_conversations", {"minute": "*/10"}, _step)
