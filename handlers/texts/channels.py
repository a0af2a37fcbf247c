"""What staff are told of the channels by which we write to people."""

from datetime import datetime

from handlers.texts.announcements_audience import channel as channel_name
from handlers.texts.announcements_writing import moment
from handlers.texts.phrase import Phrase


def nothing_leaves(channel: str, since: datetime, timezone: str) -> Phrase:
    """`since`: when a message could not be sent for the first time."""
    name, at = channel_name(channel), moment(since, timezone)
    return Phrase(
        f"{at.zh}起，{name.zh}发不出消息。消息都先留着，恢复后自动补发。请管理员检查{name.zh}的设置和网络。",
        f"Nothing can be sent by {name.said('en')} since {at.en}. Messages are kept, and go out when it works again. "
        f"Please ask the administrator to check its settings and the network.",
    )
