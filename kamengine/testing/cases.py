"""KPI cases in YAML: given these events, as of that day, expect these values.

.. code-block:: yaml

    kpi: nps
    cases:
      - name: the textbook seven
        as_of: 2026-09-30
        given:
          - {type: survey.responded, account_id: acme, occurred_at: 2026-07-01,
             data: {kind: nps, score: 10, contact_id: c1}}
        expect:
          - {by: account, subject: acme, period: 2026-Q3, value: 100/7,
             numerator: 100, denominator: 7, count: 7}

``params`` (of the KPI), ``settings`` (``active_by``, ``reporting_currency``, ``time_zone``,
``fiscal_starts``), ``config`` (``kpis``, ``scorecards`` and ``accounts``, each as in the file of
that name, for a KPI made of scorecards) and an expectation's ``kpi`` may be added; ``value`` is a
number, a fraction, or null with ``status`` and a part of the ``reason``. A case may say what it
``shows``: see :data:`Shown`. The file may carry a query of its own that leads to the same
numbers, as ``independent``; see `CaseFile`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

import msgspec
import yaml

from kamengine.config.folder import load as load_config
from kamengine.config.model import Config
from kamengine.courier.client import Courier
from kamengine.kpi import Composite, SubjectType
from kamengine.log.intake import Intake
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.periods import Calendar
from kamengine.plugins import Registry
from kamengine.replay.narrowing import narrowed
from kamengine.replay.reading import Reader
from kamengine.replay.replay import Replayer
from kamengine.scorecard.answers import Answers
from kamengine.settings import Settings
from kamengine.value import Status, Value
from kamengine.workspace import Workspace

NOW = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
"""The clock of a case: late enough for any event that one may want to write."""


Shown: TypeAlias = Literal["empty", "single", "t0", "t1", "edge"]
"""What a reader looks for first: no event at all; one event of the kind that counts, in at least
one window; something exactly where a window starts, or exactly where it ends; something exactly at
a limit of the KPI's own, such as a threshold, a look-back's first instant or a least count."""


class CaseSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a case sets differently from the defaults of an organisation."""

    active_by: Literal["contracts", "accounts"] = "contracts"
    reporting_currency: str = "USD"
    time_zone: str = "UTC"
    fiscal_starts: int = 1


class Expectation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One value that a case expects; what is left out isn't compared."""

    period: str
    by: SubjectType = "account"
    subject: str = "acme"
    kpi: str | None = None
    value: str | int | float | None = None
    numerator: str | int | float | None = None
    denominator: str | int | float | None = None
    count: int | None = None
    status: Status = "ok"
    reason: str | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Events and the values that they must give."""

    name: str
    expect: tuple[Expectation, ...]
    shows: tuple[Shown, ...] = ()
    given: tuple[dict[str, object], ...] = ()
    as_of: str | None = None
    params: dict[str, object] = {}
    settings: CaseSettings = CaseSettings()
    config: dict[str, dict[str, object]] = {}


class CaseFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cases of one KPI.

    Attributes:
        kpi: Its id.
        cases: What it must give, worked out by hand.
        independent: SQL that leads to the same numbers by another way: from event types,
            ``windows`` and ``window_months`` alone, no projection. It returns ``period`` and
            ``numerator``, ``denominator`` where that isn't 1, and ``account_id`` or ``manager_id``
            where it speaks of accounts or managers; without, of the organisation.
    """

    kpi: str
    cases: tuple[Case, ...]
    independent: str | None = None


def read_cases(path: Path) -> CaseFile:
    """Read a file of cases.

    Raises:
        msgspec.ValidationError: The file isn't in the form described above.
    """
    plain = yaml.load(path.read_text(), Loader=_Loader)  # noqa: S506 - a safe loader's child
    return msgspec.convert(plain, CaseFile, strict=False)


def run_case(
    case: Case, kpi_id: str, registry: Registry, folder: Path, courier: Courier
) -> Iterator[str]:
    """Play a case in an empty folder and yield what differs from what it expects.

    Args:
        case: The case.
        kpi_id: The KPI that it is about.
        registry: The packs that know its events and the KPI.
        folder: An empty folder.
        courier: One for all cases, since starting it costs the most.
    """
    kpi = registry.kpi(kpi_id)
    chosen = msgspec.structs.asdict(kpi.params) | case.params
    params = {kpi_id: msgspec.convert(chosen, type(kpi.params), strict=False)}
    settings = Settings(
        calendar=Calendar(
            time_zone=ZoneInfo(case.settings.time_zone), fiscal_start=case.settings.fiscal_starts
        ),
        reporting_currency=case.settings.reporting_currency,
        active_by=case.settings.active_by,
        params=params,
        as_of=case.as_of,
    )
    workspace = Workspace(folder)
    append_events(workspace, registry, settings, case.given)
    measured = registry
    if not isinstance(kpi.value, Composite):
        asked_for = {kpi_id, *(expected.kpi for expected in case.expect if expected.kpi)}
        measured = narrowed(registry, asked_for, settings)
    replayed = Replayer(workspace, measured, settings, courier).replay(NOW)
    if kpi_id in replayed.parked:
        yield f"{kpi_id} is parked: {replayed.parked[kpi_id]}"
    reader = Reader(workspace, measured, settings)
    answers = Answers(reader, config_of(case, workspace, registry))
    as_of = settings.calendar.as_of(case.as_of, NOW)
    for expected in case.expect:
        asked = registry.kpi(expected.kpi or kpi_id)
        window = settings.calendar.window(expected.period, as_of)
        found = answers.value(asked, expected.by, window, expected.subject)
        yield from differences(expected, found)


def config_of(case: Case, workspace: Workspace, registry: Registry) -> Config:
    """Return the config of a case, written out and read as any other.

    Raises:
        kamengine.errors.ConfigError: Something in it can't be followed.
    """
    return write_config(workspace, registry, case.settings, case.config)


def write_config(
    workspace: Workspace,
    registry: Registry,
    settings: CaseSettings,
    config: dict[str, dict[str, object]],
) -> Config:
    """Write the YAML of an organisation, and return it as read.

    Args:
        workspace: Where to.
        registry: The packs.
        settings: Its currency and time zone.
        config: File name, without its ending, to content.

    Raises:
        kamengine.errors.ConfigError: Something in it can't be followed.
    """
    organisation = {
        "name": "A case",
        "reporting_currency": settings.reporting_currency,
        "time_zone": settings.time_zone,
    }
    workspace.config_dir.mkdir(exist_ok=True)
    for name, content in {"organisation": organisation, **config}.items():
        text = yaml.safe_dump(content, sort_keys=False)
        (workspace.config_dir / f"{name}.yaml").write_text(text, encoding="utf-8")
    return load_config(workspace.config_dir, registry)


def append_events(
    workspace: Workspace,
    registry: Registry,
    settings: Settings,
    events: tuple[dict[str, object], ...],
) -> None:
    """Append events to a workspace's log through the same door as any others.

    Raises:
        kamengine.errors.EventError: One isn't fit for the log.
    """
    lines = [
        msgspec.json.encode({"id": f"case-{number}"} | event)
        for number, event in enumerate(events, 1)
    ]
    intake = Intake(registry, settings.calendar.time_zone, lambda: NOW)
    admission = intake.admit(b"\n".join(lines))
    if admission.rejections:
        raise admission.rejections[0].error
    SQLiteEventLog(workspace.log_path, lambda: NOW).append(admission.events)


def differences(expected: Expectation, found: Value) -> Iterator[str]:
    """Yield, in words, in what a value is other than expected."""
    who = f"{found.kpi} of {found.subject_type} {found.subject} in {found.period}"
    if found.status != expected.status:
        yield f"{who}: status {found.status} ({found.reason}), expected {expected.status}"
    if expected.value is not None or expected.status != "ok":
        wanted = None if expected.value is None else float(_exact(expected.value))
        if found.value != wanted:
            yield f"{who}: value {found.value}, expected {expected.value}"
    for field in ("numerator", "denominator", "count"):
        wanted_part, got = getattr(expected, field), getattr(found, field)
        if wanted_part is not None and (got is None or Fraction(got) != _exact(wanted_part)):
            yield f"{who}: {field} {got}, expected {wanted_part}"
    if expected.reason is not None and expected.reason not in (found.reason or ""):
        yield f"{who}: reason {found.reason!r} says nothing of {expected.reason!r}"


def _exact(number: str | float) -> Fraction:
    """Read a number as written: a fraction, or a decimal taken digit by digit."""
    return Fraction(str(number).replace(" ", "").replace("_", ""))


class _Loader(yaml.SafeLoader):
    """Leaves dates as the text that they were written as."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if "timestamp" not in tag]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
