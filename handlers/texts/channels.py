"""What staff are told of the channels by which we write to people."""

from datetime import datetime

from handlers.texts.announcements_audience import channel as channel_name
from handlers.texts.announcements_writing import moment
from handlers.texts.phrase import Phrase


def nothing_leaves(channel: str, since: datetime, timezone: str) -> Phrase:
    """`since`: when a message could not be sent for the first time; `channel` may be a kind of push beside a channel's
    messages (see storage.paces)."""
    name, at = channel_name(channel), moment(since, timezone)
    if " " in channel:
        return Phrase(
            f"{at.zh}起，{name.zh}发不出去，对话里的消息不受影响。该提醒的内容都留着，对方下次发消息时送到。"
            f"请管理员运行 minsheng doctor，检查{name.zh}的设置。",
            f"Nothing goes out as {name.said('en')} since {at.en}, while messages in a conversation do. What people "
            "were to be told is kept until they write. Please ask the administrator to run minsheng doctor.",
        )
    return Phrase(
        f"{at.zh}起，{name.zh}发不出消息。消息都先留着，恢复后自动补发。请管理员检查{name.zh}的设置和网络。",
        f"Nothing can be sent by {name.said('en')} since {at.en}. Messages are kept, and go out when it works again. "
        f"Please ask the administrator to check its settings and the network.",
    )
