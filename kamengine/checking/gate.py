"""The gate: every check, in order, and what a pack comes to."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from kamengine.checking.bench import Bench
from kamengine.checking.binding import bound, evident, portable
from kamengine.checking.casework import cases_of, worked
from kamengine.checking.checks import CHECKS
from kamengine.checking.corpus import corpus
from kamengine.checking.declarations import contracted, declared, documented, parameterised
from kamengine.checking.delivery import SETTINGS, Trial
from kamengine.checking.finding import Finding, Report, earned
from kamengine.checking.independence import independent
from kamengine.checking.subject import Subject
from kamengine.checking.surroundings import surroundings
from kamengine.courier.client import Courier
from kamengine.kpi import KPI, Composite
from kamengine.plugins import Pack, Registry
from kamengine.replay.graph import build
from kamengine.replay.narrowing import narrowed
from kamengine.replay.staleness import Progress

QUIET: Progress = lambda _stage, _done, _total: None  # noqa: E731


def check_pack(
    registry: Registry, pack: Pack, courier: Courier, progress: Progress = QUIET
) -> Report:
    """Look a pack over.

    Args:
        registry: All packs that are installed.
        pack: The one to look at.
        courier: Carries rows.
        progress: Told of each stage, how far it is, and how far it goes.
    """
    if pack.status == "quarantined":
        reason = pack.reason or "nobody knows why"
        mend = "mend that first: nothing else can be looked at before"
        found = [Finding(check="loading", of=pack.name, what=reason, mend=mend)]
        return _report(pack, found, 0)
    subject = Subject(registry, pack)
    progress("declarations", 0, 0)
    findings = list(examined(subject))
    unbound = {finding.of for finding in findings if finding.check == "binding"}
    with tempfile.TemporaryDirectory() as folder:
        tried, events = _tried(subject, courier, Path(folder), progress)
    findings += [f for f in tried if f.check != "computing" or f.of not in unbound]
    return _report(pack, [_placed(subject, finding) for finding in findings], events)


def examined(subject: Subject) -> Iterator[Finding]:
    """Yield what can be found without computing anything."""
    yield from contracted(subject)
    yield from declared(subject)
    yield from parameterised(subject)
    yield from surroundings(subject)
    with Bench(subject.registry) as bench:
        yield from bound(subject, bench)
        yield from evident(subject, bench)
    yield from documented(subject)
    yield from portable(subject)


def _tried(
    subject: Subject, courier: Courier, folder: Path, progress: Progress
) -> tuple[list[Finding], int]:
    """Return what computing brings to light, and over how many events."""
    measured = [kpi for kpi in subject.kpis if not isinstance(kpi.value, Composite)]
    cases = {kpi.id: file for kpi in subject.kpis if (file := cases_of(subject, kpi))}
    findings: list[Finding] = []
    events: list[dict[str, object]] = []
    parked: dict[str, str] = {}
    if measured or subject.projections:
        progress("inventing events", 0, 0)
        registry = _narrowed(subject, measured)
        events = corpus(registry, list(cases.values()))
        progress("replaying", 0, 0)
        trial = Trial(folder / "trial", registry, courier, events)
        differing = list(trial.differing(measured))
        parked = trial.parked
        findings += _parked(subject, parked)
        findings += _repeated(subject, trial)
        sound = [kpi for kpi in measured if kpi.id not in parked]
        findings += [f for kpi in sound for f in differing if f.of == f"KPI {kpi.id}"]
        for kpi in sound:
            findings += independent(kpi, cases.get(kpi.id), trial.reader)
    findings += worked(subject, courier, folder, progress, parked)
    return findings, len(events)


def _narrowed(subject: Subject, measured: Sequence[KPI]) -> Registry:
    """Return the packs cut down to what the pack's KPIs and projections rest on."""
    whole = subject.registry
    registry = narrowed(whole, [kpi.id for kpi in measured], SETTINGS)
    wanted = {projection.name for projection in subject.projections}
    for node in reversed(build(whole, SETTINGS).projections.values()):
        if node.name in wanted:
            wanted.update(node.reads)
    registry.projections |= {n: p for n, p in whole.projections.items() if n in wanted}
    registry.event_types |= {n: t for n, t in whole.event_types.items() if t.table in wanted}
    registry.simulations = whole.simulations
    return registry


def _repeated(subject: Subject, trial: Trial) -> Iterator[Finding]:
    """Find projections that have several rows of a key."""
    for projection in subject.projections:
        if projection.name in trial.parked or not projection.key:
            continue
        key = ", ".join(projection.key)
        with trial.reader.asking() as session:
            rows = session.rows(f"""
                SELECT {key}
                FROM {projection.name}
                GROUP BY {key}
                HAVING count(*) > 1
                ORDER BY ALL
            """)
        if rows:
            of = ", ".join(str(value) for value in rows[0])
            yield Finding(
                check="keys",
                of=f"projection {projection.name}",
                what=f"{len(rows)} keys have several rows: of {key}, {of} is one",
                mend="keep one row of each, or name all columns that tell rows apart",
            )


def _parked(subject: Subject, parked: dict[str, str]) -> Iterator[Finding]:
    own = {kpi.id: f"KPI {kpi.id}" for kpi in subject.kpis}
    own |= {p.name: f"projection {p.name}" for p in subject.projections}
    for name, reason in parked.items():
        if name in own:
            mend = "let the query bear whatever the events' types allow"
            yield Finding(check="computing", of=own[name], what=reason, mend=mend)


def _placed(subject: Subject, finding: Finding) -> Finding:
    """Say where a definition is declared, for a finding that has no place of its own."""
    place = subject.declaration(finding.of) if finding.file is None and not finding.line else None
    if place is None:
        return finding
    file, line, column = place
    return msgspec.structs.replace(finding, file=file, line=line, column=column)


def _report(pack: Pack, findings: list[Finding], events: int) -> Report:
    order = {check.name: number for number, check in enumerate(CHECKS)}
    kept = tuple(sorted(findings, key=lambda finding: order[finding.check]))
    badge, following = earned(kept, CHECKS)
    return Report(
        pack=pack.name,
        version=pack.version,
        badge=badge,
        next=following,
        findings=kept,
        events=events,
    )
