"""What a proposal is about. A first guess by plain words; staff correct it."""

import re
from collections import Counter
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


READ = 5_000  # characters of a text; what it is about is said by then


def _words(listed: str) -> tuple[str, ...]:
    return tuple(listed.split())


_WORDS = {
    Category.ROADS: _words("路 桥 公交 交通 停车 红绿灯 斑马线 堵车 坑洼 硬化 地铁 车站 人行道 隧道 高速"),
    Category.WATER: _words("自来水 饮水 停水 水管 水渠 水库 排水 河道 防洪 灌溉 水塘 积水 内涝"),
    Category.POWER: _words("停电 电网 电压 电线 路灯 燃气 天然气 供暖 暖气 宽带 信号 网络 基站"),
    Category.EDUCATION: _words("学校 幼儿园 小学 中学 老师 上学 校车 教育 入学 学位 补课 学生"),
    Category.HEALTH: _words("医院 卫生院 卫生室 看病 医生 医保 药 救护 体检 疫苗 诊所"),
    Category.ENVIRONMENT: _words("垃圾 污水 噪音 噪声 油烟 臭 绿化 厕所 污染 扬尘 环境 灰尘 保洁 搅拌站 扰民"),
    Category.CULTURE: _words("广场 健身 文化 图书 公园 体育 球场 戏台 农家书屋 广场舞"),
    Category.CARE: _words("养老 老人 敬老 低保 残疾 社保 留守 日间照料 食堂 救助 补贴 退休"),
    Category.SAFETY: _words("安全 治安 消防 监控 护栏 危险 隐患 偷 电动车充电 落石 塌方"),
    Category.HOUSING: _words("小区 物业 电梯 房 楼 拆迁 漏水 业主 旧改 危房 安置"),
    Category.FARMING: _words("农田 种植 养殖 农机 合作社 大棚 机耕 农产品 庄稼 稻"),
    Category.SERVICES: _words("办事 窗口 证件 服务大厅 快递 菜市场 集市 银行 政务"),
}


_CATEGORY_OF = {word: category for category, words in _WORDS.items() for word in words}
# The longest word counts where one holds another: a 路灯 is no 路.
_ANY_WORD = re.compile("|".join(sorted(_CATEGORY_OF, key=len, reverse=True)))


def guess(text: str) -> Category:
    """The category whose words the beginning of a text uses most; the one used first on a tie, `OTHER` without any."""
    used = Counter(_CATEGORY_OF[word] for word in _ANY_WORD.findall(text[:READ]))
    return max(used, key=used.__getitem__, default=Category.OTHER)
