"""Small invented trees of areas, written down as they look."""

from collections.abc import Iterator, Mapping

from storage.domain.areas import Area, Level, path_below

# A cell stands for itself with its aliases: ("第一网格", "柳树湾").
Cells = list[tuple[str, ...]]


def tree(counties: Mapping[str, Mapping[str, Mapping[str, Cells]]]) -> list[Area]:
    """County > township > village > cells; ids count up in the order of writing, codes are "a001", "a002", …"""
    areas: list[Area] = []

    def add(parent: Area | None, level: Level, name: str, *aliases: str) -> Area:
        number = len(areas) + 1
        path = path_below(parent.path if parent else None, number)
        areas.append(Area(number, parent.id if parent else None, level, f"a{number:03}", name, path, aliases))
        return areas[-1]

    for county, townships in counties.items():
        upper = add(None, Level.COUNTY, county)
        for township, villages in townships.items():
            middle = add(upper, Level.TOWNSHIP, township)
            for village, cells in villages.items():
                lower = add(middle, Level.VILLAGE, village)
                for cell in cells:
                    add(lower, Level.CELL, *cell)
    return areas


def numbered(count: int, unit: str = "网格") -> Cells:
    """Cells that are only numbered: 第一网格 to 第九网格."""
    return [(f"第{'一二三四五六七八九'[at]}{unit}",) for at in range(count)]


def called(areas: list[Area], *names: str) -> Iterator[Area]:
    """The areas with these names or aliases, in the order of the tree."""
    return (area for area in areas if area.name in names or set(names) & set(area.aliases))
