"""A KPI's hand-worked cases as Markdown; a pack carries them in its folder ``cases``."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from importlib import metadata
from importlib.resources import files
from pathlib import Path

from kamengine.catalogue.markdown import code, table
from kamengine.hookspecs import PROJECT
from kamengine.testing.cases import CaseFile, Expectation, read_cases


def worked(kpi_id: str, pack: str, fold: Callable[[str, str], str]) -> str:
    """Return what each case expects, or nothing where the pack carries none.

    Args:
        kpi_id: The KPI.
        pack: The pack that registers it.
        fold: Puts what is long under a name.
    """
    file = case_file(kpi_id, pack)
    if file is None:
        return ""
    told = [
        (case.name, "; ".join(_expected(expected) for expected in case.expect))
        for case in read_cases(file).cases
    ]
    where = f"Given which events: {code(f'{pack}/cases/{file.name}')}."
    return fold(f"{len(told)} cases", f"{table(('case', 'expects'), told)}\n\n{where}")


def case_file(kpi_id: str, pack: str) -> Path | None:
    """Return the file with a KPI's cases, if its pack carries one."""
    folder = case_folder(pack)
    path = folder / f"{kpi_id}.yaml" if folder else None
    return path if path and path.is_file() else None


def case_files(pack: str) -> list[CaseFile]:
    """Return a pack's cases, file by file.

    Raises:
        msgspec.ValidationError: A file isn't in the form of cases.
    """
    folder = case_folder(pack)
    return [read_cases(path) for path in sorted(folder.glob("*.yaml"))] if folder else []


def case_folder(pack: str) -> Path | None:
    """Return the folder in which a pack carries cases."""
    with contextlib.suppress(ModuleNotFoundError, TypeError):  # a pack may be one module
        return Path(str(files(module_of(pack)))) / "cases"
    return None


def module_of(pack: str) -> str:
    """Return the module that a pack's entry point names; a pack without one is a module itself."""
    points = metadata.entry_points(group=PROJECT, name=pack)
    return next((point.module for point in points), pack)


def _expected(expected: Expectation) -> str:
    whose = "" if expected.by == "organisation" else f" {expected.by} {expected.subject}"
    other = f"{code(expected.kpi)} of" if expected.kpi else ""
    said = expected.value if expected.value is not None else expected.status
    if expected.value is None and expected.status == "ok":
        said = f"numerator {expected.numerator}" if expected.numerator is not None else "a value"
    why = f" ({expected.reason})" if expected.reason else ""
    return f"{other}{whose} {expected.period}: **{said}**{why}".strip()
