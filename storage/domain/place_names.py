"""How the name of a place is written: one spelling for the many ways in which people write it.

"第三网格", "第３网格", "3 号网格" and "网格03" are the same cell; "杨柳" is 杨柳村, but "和平" alone is not 和平村.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from operator import itemgetter

from storage.domain.areas import Area, Level

_DIGITS = dict(zip("一二三四五六七八九〇零壹贰叁肆伍陆柒捌玖拾佰", "12345678900123456789十百", strict=True))
_LETTERS = {
    **{chr(code): chr(code - 0xFEE0).lower() for code in range(0xFF01, 0xFF5F)},
    **{chr(code): chr(code + 32) for code in range(ord("A"), ord("Z") + 1)},
    "\u3000": " ",
}
_ONE_FOR_ONE = str.maketrans({**_LETTERS, **_DIGITS})

_NUMBER = r"[1-9]百(?:0[1-9]|[1-9]?十[1-9]?)?|[1-9]?十[1-9]?|[0-9]+"
_GROUP = r"村民小组|居民小组|生产队|小组|组|队|社(?!区)"
# The look-ahead lets the engine pass over everything else in one step; it halves the time for a long text.
_VARIANT = re.compile(
    rf"(?=[第网0-9十\s])(?:"
    rf"(?P<ordinal>第\s?)?(?P<number>{_NUMBER})(?:\s?(?P<grid>号?网格)|\s?(?P<group>{_GROUP}))?"
    rf"|网格(?P<after>{_NUMBER})(?![0-9号组])"
    rf"|(?P<space>\s+))"
)
_REMARK = re.compile(r"\s*[(\uff08][^()\uff08\uff09]*[)\uff09]\s*$")

_SUFFIXES = {
    Level.PROVINCE: ("自治区", "省", "市"),
    Level.CITY: ("地区", "市"),
    Level.COUNTY: ("县", "区", "市"),
    Level.TOWNSHIP: ("街道办事处", "街道", "镇", "乡"),
    Level.VILLAGE: ("村民委员会", "居民委员会", "村委会", "居委会", "社区", "村"),
    Level.CELL: ("网格",),
}

# Words of every day that villages are called after. Such a name says nothing by itself.
_EVERYDAY = (
    "和平 团结 幸福 光明 新建 中心 胜利 解放 前进 民主 建设 文化 平安 安全 东方 大桥 石桥 长江 黄河 "
    "友谊 友好 互助 合作 协作 联合 联盟 共同 共和 自由 自强 自力 奋斗 奋进 跃进 先进 先锋 进步 上进 向前 "
    "发展 富强 富裕 富民 致富 小康 振兴 复兴 兴旺 兴隆 繁荣 昌盛 永久 永远 长久 长远 太平 安定 安康 健康 "
    "吉祥 如意 欢乐 快乐 欢喜 美丽 美好 美满 满意 满足 光荣 光辉 辉煌 灿烂 希望 理想 梦想 未来 今天 明天 "
    "春天 秋天 朝阳 向阳 太阳 月亮 星星 星光 曙光 阳光 新生 新民 新农 新村 新城 新区 新路 新河 新桥 新塘 "
    "东风 红旗 红星 红卫 革命 人民 人和 公平 公正 正义 正直 忠诚 诚信 文明 文艺 文昌 教育 学习 学校 "
    "科学 科技 技术 工业 农业 农场 林场 牧场 渔场 水库 水电 电站 车站 码头 渡口 港口 机场 工厂 矿山 矿区 "
    "市场 商业 商场 公园 花园 果园 竹园 菜园 茶园 荷塘 荷花 池塘 水塘 鱼塘 河边 河口 河东 河西 江边 江东 "
    "湖边 海边 山上 山下 山坡 山口 山谷 高山 大山 小山 大河 小河 大路 小路 路口 桥头 桥边 村口 村头 大院 "
    "东门 西门 南门 北门 东街 西街 南街 北街 上街 下街 中街 老街 新街 城东 城西 城南 城北 城中 城关 城郊 "
    "东边 西边 南边 北边 上面 下面 中间 前面 后面 左右 附近 周边 沿河 沿江 沿海 沿线 交通 公路 铁路 广场 "
    "龙头 龙门 金山 银山 青山 绿水 清水 白云 蓝天 大地 天地 天上 人间 世界 国家 国庆 中华 中国 中原 "
    "五星 八一 七一 五一 十一 三八 六一 一心 一致 同心 齐心 万众 大众 群众 群力 集体 集中 公社 大队 劳动 "
    "勤劳 勤俭 节约 节俭 增产 丰收 丰产 丰富 粮食 棉花 水稻 小麦 玉米 花生 芝麻 苹果 桃花 梅花 菊花 大树 "
    "松树 枫树 柳树 杨树 槐树 枣树 梨树 桂花 樟树 榆树 竹子 石头 石板 石灰 砖瓦 煤矿 沙场 沙滩 荒地 田地 耕地 "
    "卫生 医院 政府 法院 银行 邮局 军民 军属 双拥 红军 长征 延安 井冈 雷锋"
)
EVERYDAY = frozenset(_EVERYDAY.split())


@dataclass(frozen=True, slots=True)
class Spelling:
    """A text in the one spelling.

    `starts` and `ends` say where the spelling parts from the text as written: (here, there), ascending.
    """

    text: str
    starts: tuple[tuple[int, int], ...] = ()
    ends: tuple[tuple[int, int], ...] = ()

    def written(self, start: int, end: int) -> tuple[int, int]:
        """Where what stands from `start` to `end` in the spelling stands in the text as written."""
        return _place(start, self.starts), _place(end, self.ends)


def _place(here: int, shifts: tuple[tuple[int, int], ...]) -> int:
    found = bisect_right(shifts, here, key=itemgetter(0))
    if not found:
        return here
    known, there = shifts[found - 1]
    return there + here - known


def spell(text: str) -> Spelling:
    """Full-width marks and capitals become plain, numbers Arabic, and white space beside a Chinese character goes.

    "第" before a number goes, "号网格" is 网格, and 村民小组, 小组, 队 and 社 after a number are 组.
    """
    plain = text.translate(_ONE_FOR_ONE)
    pieces: list[str] = []
    starts: list[tuple[int, int]] = []
    ends: list[tuple[int, int]] = []
    here = there = 0
    for match in _VARIANT.finditer(plain):
        spelled = _spelled(match, plain)
        start, end = match.span()
        if spelled == match[0]:
            continue
        pieces += (plain[there:start], spelled)
        here += start - there
        starts += ((here, start), (here + len(spelled), end))
        here += len(spelled)
        there = end
        # What ends before white space that goes does not reach over it.
        ends.append((here, there) if spelled else (here + 1, there + 1))
    return Spelling("".join((*pieces, plain[there:])), tuple(starts), tuple(ends))


def _spelled(match: re.Match[str], plain: str) -> str:
    if match["space"]:
        # A space parts words and numbers from one another; beside a Chinese character it is only typography.
        before, after = plain[match.start() - 1 : match.start()], plain[match.end() : match.end() + 1]
        return " " if _is_plain_word(before) and _is_plain_word(after) else ""
    if match["after"]:
        return f"{_number(match['after'])}网格"
    unit = "网格" if match["grid"] else "组" if match["group"] else ""
    return _number(match["number"]) + unit


def _is_plain_word(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _number(written: str) -> str:
    """An Arabic number without leading zeros: "十二", "012" and "12" are "12"."""
    if written.isdecimal():
        return written.lstrip("0") or "0"
    hundreds, _, below = written.rpartition("百")
    tens, ten, ones = below.rpartition("十")
    return str(int(hundreds or 0) * 100 + (int(tens or 1) * 10 if ten else 0) + int(ones or 0))


def short_name(name: str, level: Level) -> str | None:
    """A name without the word for its level: "杨柳村" is also "杨柳".

    None where fewer than two characters would remain, or a number without what it counts ("第三网格").
    """
    bare = _REMARK.sub("", name)
    for suffix in _SUFFIXES[level]:
        if bare.endswith(suffix):
            rest = bare.removesuffix(suffix)
            return None if len(rest) < 2 or spell(rest).text[-1:].isdecimal() else rest
    return None


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A spelled name. One that is not `certain` counts only beside another place: "和平三组" names 和平村."""

    text: str
    certain: bool


def names_of(area: Area, parent: Area | None) -> set[PlaceName]:
    """Every way in which a text may name `area`.

    A remark in brackets at the end is no part of a name. A cell called after its village is known by the rest: the
    village is a name of its own right before it. What staff made an alias is certain, even a word of every day.
    """
    bare = _REMARK.sub("", area.name)
    rest = bare if parent is None else _without(parent, bare)
    own = {rest if len(rest) > 1 else bare}
    own |= {short for name in own if (short := short_name(name, area.level))}
    certain = {spell(name).text for name in (own - EVERYDAY) | {*area.aliases}}
    every = certain | {spell(name).text for name in own}
    return {PlaceName(name, name in certain) for name in every if len(name) > 1 and not name.isdecimal()}


def _without(parent: Area, name: str) -> str:
    bare = _REMARK.sub("", parent.name)
    for prefix in (bare, short_name(bare, parent.level)):
        if prefix and name.startswith(prefix):
            return name.removeprefix(prefix)
    return name
