"""What the contracts in pyproject.toml cannot say."""

import sys

import grimp


def test_rules_import_only_the_standard_library_and_one_another() -> None:
    graph = grimp.build_graph("storage", include_external_packages=True, cache_dir=None)
    rules = {"storage.domain", *graph.find_descendants("storage.domain")}
    imported = {name for rule in rules for name in graph.find_modules_directly_imported_by(rule)}
    assert {name for name in imported - rules if name.split(".")[0] not in sys.stdlib_module_names} == set()
