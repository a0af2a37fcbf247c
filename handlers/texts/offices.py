"""Where something belongs that is no proposal: petitions, cases in court, reports of crime, personal disputes."""

from handlers.texts.phrase import Phrase

_OFFICES: tuple[tuple[tuple[str, ...], Phrase], ...] = (
    (
        ("报警", "打人", "诈骗", "被偷", "偷窃", "抢劫", "吸毒", "赌博", "家暴"),
        Phrase("违法犯罪请立即拨打 110，由公安机关处理。", "For crimes please call 110, the police."),
    ),
    (
        ("法院", "起诉", "诉讼", "判决", "执行案", "打官司", "仲裁", "律师"),
        Phrase("案件请找承办法院或拨打 12368 诉讼服务热线。", "For court cases please ask the court, or call 12368."),
    ),
    (
        ("上访", "信访", "冤", "举报", "贪污", "受贿", "腐败"),
        Phrase(
            "信访事项请到当地信访局或国家信访局网上平台；举报公职人员请拨打 12388。",
            "Petitions go to the petition office; to report officials call 12388.",
        ),
    ),
    (
        ("欠薪", "拖欠工资", "讨薪", "工伤"),
        Phrase("劳动纠纷请拨打 12333 或找人社局劳动监察。", "For labour disputes please call 12333."),
    ),
    (
        ("离婚", "邻居纠纷", "借钱不还", "宅基地纠纷", "遗产"),
        Phrase(
            "个人纠纷请找村（社区）人民调解委员会，或拨打 12348 法律援助热线。",
            "For personal disputes please ask the mediation committee, or call 12348.",
        ),
    ),
)


def right_office(text: str) -> Phrase:
    """Where something that is no proposal belongs; an empty phrase when the text does not sound like it.

    Numbers: 110 police, 12368 courts, 12388 discipline inspection, 12333 labour, 12348 legal aid (national hotlines).
    """
    return next((office for words, office in _OFFICES if any(word in text for word in words)), Phrase(""))
