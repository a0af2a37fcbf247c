"""What a proposal is about. A first guess by plain words; staff correct it."""

from enum import StrEnum


class Category(StrEnum):
    ROADS = "roads"
    WATER = "water"
    POWER = "power"
    EDUCATION = "education"
    HEALTH = "health"
    ENVIRONMENT = "environment"
    CULTURE = "culture"
    CARE = "care"
    SAFETY = "safety"
    HOUSING = "housing"
    FARMING = "farming"
    SERVICES = "services"
    OTHER = "other"


_WORDS: dict[Category, tuple[str, ...]] = {
    Category.ROADS: (
        "路", "桥", "公交", "交通", "停车", "红绿灯", "斑马线", "堵车", "坑洼", "硬化", "地铁", "车站", "人行道", "隧道", "高速",
    ),
    Category.WATER: ("自来水", "饮水", "停水", "水管", "水渠", "水库", "排水", "河道", "防洪", "灌溉", "水塘", "积水", "内涝"),
    Category.POWER: ("停电", "电网", "电压", "电线", "路灯", "燃气", "天然气", "供暖", "暖气", "宽带", "信号", "网络", "基站"),
    Category.EDUCATION: ("学校", "幼儿园", "小学", "中学", "老师", "上学", "校车", "教育", "入学", "学位", "补课", "学生"),
    Category.HEALTH: ("医院", "卫生院", "卫生室", "看病", "医生", "医保", "药", "救护", "体检", "疫苗", "诊所"),
    Category.ENVIRONMENT: (
        "垃圾", "污水", "噪音", "噪声", "油烟", "臭", "绿化", "厕所", "污染", "扬尘", "环境", "灰尘", "保洁", "搅拌站", "扰民",
    ),
    Category.CULTURE: ("广场", "健身", "文化", "图书", "公园", "体育", "球场", "戏台", "农家书屋", "广场舞"),
    Category.CARE: ("养老", "老人", "敬老", "低保", "残疾", "社保", "留守", "日间照料", "食堂", "救助", "补贴", "退休"),
    Category.SAFETY: ("安全", "治安", "消防", "监控", "护栏", "危险", "隐患", "偷", "电动车充电", "落石", "塌方"),
    Category.HOUSING: ("小区", "物业", "电梯", "房", "楼", "拆迁", "漏水", "业主", "旧改", "危房", "安置"),
    Category.FARMING: ("农田", "种植", "养殖", "农机", "合作社", "大棚", "机耕", "农产品", "庄稼", "稻"),
    Category.SERVICES: ("办事", "窗口", "证件", "服务大厅", "快递", "菜市场", "集市", "银行", "政务"),
}  # fmt: skip


def guess(text: str) -> Category:
    """The category whose words the text uses most; the first of them on a tie, `OTHER` without any."""
    counts = {category: sum(text.count(word) for word in words) for category, words in _WORDS.items()}
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] else Category.OTHER
