"""Do a pack's KPIs have hand-worked cases, and do these pass?"""

from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path

import msgspec

from kamengine.checking.finding import Finding
from kamengine.checking.subject import Subject
from kamengine.courier.client import Courier
from kamengine.errors import KamengineError
from kamengine.kpi import KPI
from kamengine.plugins import Registry
from kamengine.replay.staleness import Progress
from kamengine.testing.cases import CaseFile, read_cases, run_case
from kamengine.testing.worked import case_file


def cases_of(subject: Subject, kpi: KPI) -> CaseFile | None:
    """Return a KPI's file of cases, where there is one in form."""
    path = case_file(kpi.id, subject.pack.name)
    try:
        return read_cases(path) if path else None
    except msgspec.ValidationError:  # told with the cases
        return None


def worked(
    subject: Subject,
    courier: Courier,
    folder: Path,
    progress: Progress,
    parked: Container[str] = (),
) -> Iterator[Finding]:
    """Yield the KPIs without cases, and the cases that fail.

    Args:
        subject: The pack.
        courier: Carries rows.
        folder: An empty folder.
        progress: Told how far it is.
        parked: KPIs that can't be computed. They are told by themselves; one that has no end would
            have none in any case either.
    """
    for done, kpi in enumerate(subject.kpis):
        progress("KPIs' cases", done, len(subject.kpis))
        if kpi.id in parked:
            continue
        of = f"KPI {kpi.id}"
        path = case_file(kpi.id, subject.pack.name)
        if path is None:
            mend = f"work some out by hand, in {subject.pack.name}/cases, a file a KPI"
            what = "it has no cases"
            yield Finding(check="cases", of=of, what=what, mend=mend, kind="missing")
            continue
        try:
            file = read_cases(path)
        except msgspec.ValidationError as error:
            mend = "docs/writing-a-kpi.md#cases has the form"
            yield Finding(check="cases", of=of, what=str(error), mend=mend, file=path.name)
            continue
        for number, case in enumerate(file.cases):
            here = folder / f"{kpi.id}-{number}"
            here.mkdir()
            mend = "mend the KPI; or the case, where it was worked out wrongly"
            for what in _differences(file, number, subject.registry, here, courier):
                told = f"{case.name!r}: {what}"
                yield Finding(check="cases", of=of, what=told, mend=mend, file=path.name)


def _differences(
    file: CaseFile, number: int, registry: Registry, folder: Path, courier: Courier
) -> Iterator[str]:
    try:
        yield from run_case(file.cases[number], file.kpi, registry, folder, courier)
    except (KamengineError, msgspec.ValidationError) as error:
        yield str(error)
