"""Take in paper forms from CSV or XLSX: all of the file, or nothing; the same file never twice.

Columns: 内容 (text) is needed; 姓名, 电话, 网格编码 (code) and 网格 (place by name) may be there.
"""

import argparse
from pathlib import Path

from bot.clock import wall_clock
from bot.commands.office import chosen_congress, opened_database, store_in
from bot.refusal import Refused
from storage.database import reading
from storage.line_faults import TableRefused
from storage.proposal_forms import read_forms
from storage.proposal_import import Repeated, apply_import, plan_import


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("file", type=Path)
    parser.add_argument("--congress", type=int, help="its number, where there are several")
    parser.add_argument(
        "--repeated",
        type=Repeated,
        choices=list(Repeated),
        default=Repeated.REFUSE,
        help="forms that say the same as one of another file: refuse the whole file, skip or add them",
    )
    parser.add_argument("--dry-run", action="store_true", help="only check the file")


def run(parsed: argparse.Namespace) -> None:
    with opened_database() as (_, engine):
        try:
            file = read_forms(parsed.file)
            with reading(engine) as unit:
                store = store_in(unit)
                congress = chosen_congress(store, parsed.congress)
                plan = plan_import(unit, store.areas, store.now, congress.id, file, parsed.repeated)
            before = f"，{plan.imported} 条以前导入过" if plan.imported else ""
            skipped = f"，{plan.skipped} 条与别的文件相同，略过" if plan.skipped else ""
            if parsed.dry_run:
                print(f"{congress.name}：可以导入 {len(plan.placed)} 条{before}{skipped}。This was a dry run.")
                return
            numbers = apply_import(engine, store.areas, plan, wall_clock)
        except TableRefused as error:
            raise Refused(str(error)) from error
    listed = f"，编号 {numbers[0]}–{numbers[-1]}" if numbers else ""
    print(f"{congress.name}：导入 {len(numbers)} 条{listed}{before}{skipped}。Done.")
