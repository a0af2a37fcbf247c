"""Take in the projects that a congress has chosen from CSV or XLSX: all of the file, or nothing; none of them twice.

Columns: 项目名称 (title), 实施主体 (implementing body) and 完成时限 (deadline) are needed; 建设内容 (content), 投资
(investment, in 万元 unless it says 元), 责任人 (leader), 预期效果 (effect), 网格 (cells or villages, by code or name)
may be there, and the plan: 节点1, 节点1时间, 节点1比例 and so on, or all of it in 进度计划:
"路基 2026-06-01 40%；路面 2026-09-01 80%".
"""

import argparse
from pathlib import Path

from bot.clock import wall_clock
from bot.commands.office import chosen_congress, opened_database, store_in
from bot.refusal import Refused
from storage.database import reading
from storage.line_faults import TableRefused
from storage.project_columns import UnitFrom
from storage.project_file import ProjectFile, read_projects
from storage.project_import import Plan, apply_import, plan_import

_UNIT_FROM = {
    UnitFrom.HEADING: "{}（表头写明；so says its heading），",
    UnitFrom.ABOVE: "{}（表的上方写明；so it says above the table），",
    UnitFrom.SUMS: "",
    UnitFrom.ASSUMED: "{}（没有写明单位的照此计；so are sums taken that name no unit），",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("file", type=Path)
    parser.add_argument("--congress", type=int, help="its number, where there are several")
    parser.add_argument("--dry-run", action="store_true", help="only check the file")


def run(parsed: argparse.Namespace) -> None:
    with opened_database() as (_, engine):
        try:
            file = read_projects(parsed.file)
            with reading(engine) as unit:
                store = store_in(unit)
                congress = chosen_congress(store, parsed.congress)
                plan = plan_import(store, congress, file)
            for sentence in _read_as(file, plan):
                print(sentence)
            same = f"，{plan.same} 个已有、完全相同" if plan.same else ""
            if parsed.dry_run:
                print(f"{congress.name}：可以导入 {len(plan.entries)} 个项目{same}。This was a dry run.")
                return
            numbers = apply_import(engine, store.areas, plan, wall_clock)
        except TableRefused as error:
            raise Refused(str(error)) from error
    listed = f"，编号 {numbers[0]}–{numbers[-1]}" if numbers else ""
    print(f"{congress.name}：导入 {len(numbers)} 个项目{listed}{same}。{'Done.' if numbers else 'Nothing new.'}")


def _read_as(file: ProjectFile, plan: Plan) -> list[str]:
    """What a clerk should check who knows the table: the unit of its sums, and what was left aside."""
    told = []
    if "investment" in file.fields and plan.entries:
        total = f"{plan.investment / 10_000:,.10g} 万元"
        told.append(f"投资：{_UNIT_FROM[file.unit_from].format(file.unit)}合计 {total}。")
    if file.unread:
        told.append(f"没有用到的列：{'、'.join(file.unread)}。Columns left aside.")
    return told
