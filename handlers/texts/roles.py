"""What is said of roles: who holds one, and that it is taken away."""

from handlers.texts.phrase import Phrase

MENU = Phrase("人员名册", "Who works with us")
WHICH_ROLE = Phrase("看哪一类人员？可以取消离任人员的身份。", "Whom? You may take a role away from who has left.")
LAST_OF_STAFF = Phrase(
    "这是最后一位工作人员，不能在聊天里取消。请先登记接任的人，或者请运行维护人员办理。",
    "That is the last member of staff, who cannot be taken out in chat. Enrol a successor first, or ask the operator.",
)


def nobody(role: Phrase) -> Phrase:
    return Phrase(f"还没有{role.zh}。", f"There is no {role.en} yet.")


def whose(role: Phrase, count: int) -> Phrase:
    return Phrase(
        f"{role.zh}共 {count} 人。要取消谁的身份？回复数字或姓名：",
        f"{count} in all ({role.en}). Whose role is to be taken away? Reply with a number or a name:",
    )


def holder(name: str, group: str, *, enrolled: bool) -> Phrase:
    """A line of the list: who, of which group, and whether they have opened their invite."""
    known = Phrase(name) if name else Phrase("未留名", "no name")
    zh, en = [group] if group else [], [group] if group else []
    if not enrolled:
        zh, en = [*zh, "还没登记"], [*en, "not enrolled yet"]
    return known + Phrase(f"（{'，'.join(zh)}）", f" ({', '.join(en)})") if zh else known


def sure(name: str, role: Phrase) -> Phrase:
    return Phrase(
        f"取消 {name} 的{role.zh}身份吗？没用过的邀请链接也一并作废。",
        f"Take the role of {role.en} away from {name}? Unused invites end, too.",
    )


def revoked(name: str, role: Phrase) -> Phrase:
    return Phrase(f"{name} 不再是{role.zh}了。", f"{name} is no longer {role.en}.")


def revoked_from_you(role: Phrase, congress: str) -> Phrase:
    """Their role is gone; what they may still do, everybody may."""
    return Phrase(
        f"您不再是{congress}的{role.zh}了。回复“菜单”看您能用的功能。",
        f"You are no longer {role.en} of {congress}. Reply “menu” to see what is for you.",
    )
