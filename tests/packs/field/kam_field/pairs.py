"""A share of repairs says little without how much was done."""

from __future__ import annotations

from collections.abc import Iterator

from kamengine import Linted, LintFinding, LintRule


def _check(linted: Linted) -> Iterator[LintFinding]:
    for name, scorecard in linted.settings["scorecards"].items():
        kpis = scorecard["kpis"] if isinstance(scorecard, dict) else {}
        if "first_time_fix_share" in kpis and "field_hours" not in kpis:
            yield LintFinding(
                path=("scorecards", name, "kpis", "first_time_fix_share"),
                what=f"Scorecard {name!r} has the share of repairs without the hours",
                hint="add field_hours, with weight 0 to show it beside",
            )


SHARE_WITH_HOURS = LintRule(
    name="share-with-hours",
    doc="A scorecard with first_time_fix_share shows field_hours as well.",
    check=_check,
)
