"""Take in areas and grid cells from GeoJSON or CSV: all of the file, or nothing."""

import argparse
from pathlib import Path

from bot.clock import wall_clock
from bot.commands.office import opened_database
from bot.refusal import Refused
from storage.area_apply import apply_import, plan_import
from storage.area_faults import AreaFileRefused
from storage.area_files import Fields, read_areas
from storage.database import reading
from storage.domain.areas import Level


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path)
    parser.add_argument("--code-field", default="", help="what the file calls the code of an area")
    parser.add_argument("--name-field", default="", help="… its name")
    parser.add_argument("--parent-field", default="", help="… the code of the area above")
    parser.add_argument("--level", help="the level of all its areas, such as cell or 网格")
    parser.add_argument("--dry-run", action="store_true", help="only show what would change")


def run(parsed: argparse.Namespace) -> None:
    level = Level.named(parsed.level) if parsed.level else None
    if parsed.level and level is None:
        raise Refused(f"--level {parsed.level}: write one of {', '.join(Level)}")
    with opened_database() as (_, engine):
        try:
            file = read_areas(parsed.file, Fields(parsed.code_field, parsed.name_field, parsed.parent_field, level))
            with reading(engine) as unit:
                plan = plan_import(unit, file)
        except AreaFileRefused as error:
            raise Refused(str(error)) from error
        print(plan.table())
        if parsed.dry_run:
            print("以上只是预览，还没有导入。This was a dry run.")
        else:
            apply_import(engine, plan, wall_clock)
            print("已导入。Done.")
