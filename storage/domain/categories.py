"""What a proposal is about. A first guess by plain words; staff correct it."""

import re
from collections import Counter
from enum import StrEnum


class Category(StrEnum):
    """What a proposal asks for."""

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
PLAIN = 3  # times as much counts a word that says what is wanted as one that often only says where


def _words(listed: str) -> tuple[str, ...]:
    return tuple(listed.split())


_PLAIN = {
    Category.ROADS: _words(
        "修路 公路 道路 马路 路面 路况 路口 断头路 水泥路 土路 泥路 泥巴路 山路 村路 便道 人行道 人行横道 斑马线 "
        "红绿灯 隧道 高速 收费站 限行 修桥 建桥 架桥 桥梁 危桥 天桥 坑洼 硬化 交通 堵车 拥堵 停车 车位 公交 班车 "
        "客运 出租车 的士 打车 网约车 地铁 轻轨 高铁 铁路 车站 驾校 驾照"
    ),
    Category.WATER: _words(
        "自来水 饮水 饮用水 水质 供水 用水 停水 断水 缺水 没水 无水 水压 水费 水表 水井 水管 水利 水渠 渠道 水库 "
        "水塘 山塘 河道 河堤 防洪 灌溉 抗旱 排水 下水道 积水 内涝"
    ),
    Category.POWER: _words(
        "停电 断电 供电 用电 电费 电表 电网 电压 电线 变压器 路灯 照明 充电桩 燃气 天然气 煤气 供暖 暖气 宽带 "
        "网速 光纤 信号 基站"
    ),
    Category.EDUCATION: _words(
        "托育 托儿 幼儿园 学校 小学 中学 初中 高中 校园 校车 校长 老师 教师 家长 班主任 学生 上学 入学 入园 学位 "
        "学籍 学费 招生 中考 高考 教育 教材 课本 补课 培训班 培训机构"
    ),
    Category.HEALTH: _words(
        "医院 卫生院 卫生室 卫生所 诊所 村医 医生 护士 看病 就医 住院 手术 患者 病人 医疗 医保 新农合 药品 药店 "
        "药费 救护 体检 疫苗 接种 生育 计生 二胎 独生子女"
    ),
    Category.ENVIRONMENT: _words(
        "垃圾 污水 废水 废气 排污 污染 粉尘 扬尘 灰尘 烟尘 渣土 搅拌站 养殖场 油烟 烧烤 臭 异味 噪音 噪声 太吵 "
        "吵闹 扰民 夜间施工 半夜施工 晚上施工 高压线 辐射 环境 环保 环卫 保洁 脏乱差 厕所 公厕 改厕 化粪池 绿化 "
        "绿地 砍树"
    ),
    Category.CULTURE: _words(
        "健身 体育 篮球 球场 体育馆 游泳馆 乒乓 跑道 文化 图书 农家书屋 戏台 广场舞 口袋公园 儿童乐园 旅游 景区 "
        "文物 古建筑"
    ),
    Category.CARE: _words(
        "养老 敬老 老年人 高龄 日间照料 助餐 食堂 留守 残疾 低保 五保 救助 扶贫 贫困 抚恤 优待 社保 社会保险 "
        "养老保险 工伤 失业 退休 退役"
    ),
    Category.SAFETY: _words(
        "治安 消防 火灾 监控 护栏 隐患 小偷 被偷 盗窃 抢劫 赌博 诈骗 传销 电动车充电 落石 塌方 滑坡 地质灾害 "
        "坍塌 坠落 流浪狗 养狗 恶犬"
    ),
    Category.HOUSING: _words(
        "物业 业委会 业主委员会 维修基金 电梯 漏水 漏雨 老旧 旧改 棚改 危房 违建 违章建筑 宅基地 建房 拆迁 征收 "
        "安置 公租房 廉租房 商品房 房产证 不动产 产权 购房 买房 房贷 房价 公积金 交房 精装修 烂尾 楼盘 开发商"
    ),
    Category.FARMING: _words(
        "农田 田地 承包地 土地确权 林地 山林 果园 大棚 庄稼 稻 种植 种粮 养殖 收割 农机 机耕 农药 化肥 农产品 合作社"
    ),
    Category.SERVICES: _words(
        "办事 窗口 政务 服务大厅 证件 身份证 户口 居住证 营业执照 快递 邮政 银行 取款机 超市 便利店 菜市场 "
        "农贸市场 集市 赶集 消费者 发票 退款 退费 押金"
    ),
}
# These are also parts of addresses, or said by the way.
_FAINT = {
    Category.ROADS: _words("路 桥"),
    Category.POWER: _words("网络"),
    Category.EDUCATION: _words("考试"),
    Category.HEALTH: _words("药"),
    Category.CULTURE: _words("广场 公园"),
    Category.CARE: _words("老人 补贴 补助"),
    Category.SAFETY: _words("安全 危险"),
    Category.HOUSING: _words("小区 业主 房 楼"),
}


_COUNTS = {
    word: (category, weight)
    for listed, weight in ((_PLAIN, PLAIN), (_FAINT, 1))
    for category, words in listed.items()
    for word in words
}
# The longest word counts where one holds another: a 路灯 is no 路.
_ANY_WORD = re.compile("|".join(sorted(_COUNTS, key=len, reverse=True)))


def guess(text: str) -> Category:
    """The category whose words the beginning of a text uses most; the one used first on a tie, `OTHER` without any."""
    used = Counter[Category]()
    for word in _ANY_WORD.findall(text[:READ]):
        category, weight = _COUNTS[word]
        used[category] += weight
    return max(used, key=used.__getitem__, default=Category.OTHER)
