"""The rules that packs hold an organisation's settings to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from kamengine.config.complaint import Complaint, Problem, complain
from kamengine.config.folder import Reading
from kamengine.config.model import Config
from kamengine.extensions import Linted, LintFinding, LintRule
from kamengine.plugins import Registry

SECTIONS = ("organisation", "kpis", "scorecards", "overrides", "accounts", "managers")


def linted(reading: Reading, registry: Registry) -> Reading:
    """Return what came of reading a config folder, with what lint rules say of it.

    Settings that can't be followed are left alone: they have complaints enough.

    Args:
        reading: What came of reading it.
        registry: The rules, and the KPIs.
    """
    config = reading.config
    if config is None or not registry.lint_rules:
        return reading
    subject = Linted(settings=_settings(config), kpis=dict(registry.kpis))
    rules = sorted(registry.lint_rules.items())
    said = [c for _, rule in rules for c in _complaints(rule, subject, config)]
    together = sorted((*reading.complaints, *said), key=lambda c: (c.file, c.line, c.column))
    return msgspec.structs.replace(reading, complaints=tuple(together))


def _settings(config: Config) -> dict[str, dict[str, object]]:
    """Return the settings as plain values, without the places that they were read at."""
    settings: dict[str, dict[str, object]] = {
        section: msgspec.to_builtins(
            getattr(config, section), builtin_types=(Decimal, dt.date, dt.datetime)
        )
        for section in SECTIONS
    }
    return settings


def _complaints(rule: LintRule, subject: Linted, config: Config) -> Iterator[Complaint]:
    """Yield what a rule says; one that fails says that, and costs the others nothing."""
    try:
        for finding in rule.check(subject):
            yield _complaint(finding, rule, config)
    except Exception as error:  # noqa: BLE001 - whatever it raises, it alone pays
        what = f"The lint rule {rule.name} failed ({type(error).__name__}: {error})"
        problem = Problem(what=what, hint="its pack is at fault", severity="warning")
        yield complain(config.place("organisation"), problem)


def _complaint(finding: LintFinding, rule: LintRule, config: Config) -> Complaint:
    if not isinstance(finding, LintFinding):
        raise TypeError(f"it yields {finding!r} and no LintFinding")
    if finding.path[:1] == () or finding.path[:1] not in config.places:
        raise LookupError(f"no settings are at {finding.path!r}")
    what = f"{finding.what} ({rule.name})"
    problem = Problem(what=what, hint=finding.hint, severity=finding.severity)
    return complain(config.place(*finding.path), problem)
