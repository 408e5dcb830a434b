"""Faults that can be read off a pack, each found by name, place and remedy."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from kamengine.checking.checks import CHECKS
from kamengine.checking.finding import Finding, earned
from tests.checking.conftest import Edit

KPI, PROJECTION, HOOKS = "/visit_hours.py", "/visits.py", "/__init__.py"
Read = Callable[..., list[Finding]]


def _line(*lines: str) -> Edit:
    """Put lines into the pack's first module."""
    hook = "@hookimpl\ndef kamengine_kpis"
    return HOOKS, hook, "\n".join([*lines, "\n", hook])


FAULTS: dict[str, tuple[Edit, str, str, str]] = {
    "a column that isn't there": (
        (KPI, "    minutes AS numerator", "    minute AS numerator"),
        "binding",
        'column "minute" not found',
        "did you mean 'minutes'",
    ),
    "a column of no table that is named": (
        (KPI, "    minutes AS numerator", "    acme_visits.minute AS numerator"),
        "binding",
        "minute",
        "did you mean 'minutes'",
    ),
    "a relation that isn't there": (
        (KPI, "FROM acme_visits\n", "FROM acme_visit\n"),
        "binding",
        "acme_visit does not exist",
        "did you mean 'acme_visits'",
    ),
    "a column that a projection lacks": (
        (PROJECTION, "visit_id, minutes, purpose,", "visit_id, minutes, purposes AS purpose,"),
        "binding",
        'column "purposes" not found',
        "did you mean 'purpose'",
    ),
    "an amount that isn't exact": (
        (PROJECTION, "minutes: Annotated[int, Meta(ge=0, le=1_440)]", "minutes: float"),
        "evidence",
        "`numerator` is DOUBLE",
        "sums of DOUBLE depend on their order",
    ),
    "a moment that is a day": (
        (KPI, "    occurred_at,", "    CAST(occurred_at AS DATE) AS occurred_at,"),
        "evidence",
        "`occurred_at` is DATE",
        "it has to be TIMESTAMP",
    ),
    "a column that means nothing": (
        (KPI, "purpose AS part", "purpose AS parts"),
        "evidence",
        "column that means nothing: parts",
        "known columns: account_id",
    ),
    "a row that stands for no event": (
        (KPI, "    event_id,\n", ""),
        "evidence",
        "there is no `event_id`",
        "the event that a row stands for",
    ),
    "nothing to add up": (
        (KPI, "    minutes AS numerator,\n", "    visit_id AS item,\n"),
        "evidence",
        "there is no `numerator`",
        "`Sum` adds it up",
    ),
    "a parameter without a meaning": (
        (KPI, "        shortest: The least minutes that count.", "        none"),
        "parameters",
        "`shortest` has no meaning",
        "under `Attributes:`",
    ),
    "a parameter that SQL can't be given": (
        (KPI, "shortest: int = 5", "shortest: float = 5.0"),
        "parameters",
        "`shortest` has a type",
        "use str, bool, int, Decimal",
    ),
    "a parameter that nobody reads": (
        (KPI, "minutes >= $shortest", "minutes >= 5"),
        "parameters",
        "never reads `shortest`",
        "write $shortest",
    ),
    "no version of the contract": (
        (HOOKS, 'kamengine_api = "1.0"', "engine_api = None"),
        "contract",
        "states no version of the plugin API",
        'add `kamengine_api = "1.0"` to its module',
    ),
    "a unit left out": ((KPI, 'unit="hours"', 'unit=""'), "declaration", "no unit", "say what"),
    "an event type without a verb": (
        (PROJECTION, 'name="acme_visit.logged"', 'name="acme_visit_logged"'),
        "declaration",
        "name isn't in form",
        "noun.verb_in_the_past",
    ),
    "a projection without a key": (
        (PROJECTION, 'key=("account_id", "visit_id")', "key=()"),
        "declaration",
        "no key",
        "unique together",
    ),
    "a meaning in no sentence": (
        (PROJECTION, 'doc="One row per visit, as last stated."', 'doc="visits"'),
        "declaration",
        "isn't one sentence: 'visits'",
        "with a full stop",
    ),
    "a paragraph left out": (
        (KPI, "    Unit: hours.\n\n", ""),
        "documentation",
        "no paragraph `Unit:`",
        "docs/writing-a-kpi.md",
    ),
    "a confession without a sin": (
        (KPI, 'empty="zero",', 'empty="zero", duckdb_only="it might",'),
        "portability",
        "nothing in its SQL does",
        "leave `duckdb_only` out",
    ),
    "the clock": (
        _line("import datetime as d", "NOW = d.datetime.now(d.UTC)"),
        "surroundings",
        r"reads the clock: datetime\.datetime\.now\(\)",
        "no number rests on this",
    ),
    "chance": (
        _line("from random import choice", "WORD = choice('ab')"),
        "surroundings",
        r"rests on chance: random\.choice\(\)",
        "let events say it",
    ),
    "dice without a seed": (
        _line("import random", "DICE = random.Random()"),
        "surroundings",
        r"rests on chance: random\.Random\(\)",
        "let events say it",
    ),
    "the clock, to be read later": (
        _line("from datetime import datetime", "CLOCK = datetime.now"),
        "surroundings",
        r"reads the clock: datetime\.datetime\.now\(\)",
        "let events say it",
    ),
    "whatever the module of chance has": (
        _line("from random import *"),
        "surroundings",
        "imports everything from random",
        "let events say it",
    ),
    "the network, by another way": (
        _line("import importlib", "WEB = importlib.import_module('http.client')"),
        "surroundings",
        r"imports http\.client, which speaks to other machines",
        "let events say it",
    ),
    "another program": (
        _line("import os", "DONE = os.system('true')"),
        "surroundings",
        r"starts another program: os\.system\(\)",
        "no number rests on this",
    ),
    "the network": (
        _line("from urllib import request"),
        "surroundings",
        r"imports urllib\.request, which speaks to other machines",
        "let events say it",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(read: Read, name: str) -> None:
    """One finding for one fault: it says what is wrong, and how to mend it."""
    edit, check, what, mend = FAULTS[name]
    found = [finding for finding in read(edit) if finding.check == check]
    assert len(found) == 1, found
    assert re.search(what, found[0].what), found[0].what
    assert mend in found[0].mend, found[0].mend
    assert found[0].kind == "fault"


def test_a_sound_pack_has_none(read: Read) -> None:
    """What a new pack begins with is without a fault."""
    assert read() == []


@pytest.mark.parametrize(
    ("edit", "column"),
    [
        ((KPI, "    minutes AS numerator", "    minute AS numerator"), 5),
        # a parameter before it on the line takes another length as a literal
        ((KPI, "WHERE minutes >= $shortest", "WHERE $shortest <= minute"), 20),
        ((KPI, "WHERE minutes >= $shortest", "WHERE 'ü' <> purpose AND $shortest <= minute"), 39),
    ],
)
def test_a_misspelt_column_is_found_where_it_stands(read: Read, edit: Edit, column: int) -> None:
    """File, line and column are those of the word, in the file as its author sees it."""
    (finding,) = (f for f in read(edit) if f.check == "binding")
    line = 54 if edit[1].startswith("    minutes") else 57
    assert finding.where == f"kam_acme/visit_hours.py:{line}:{column}"


def test_sql_that_is_put_together_is_found_by_its_own_lines(read: Read) -> None:
    """Where no file holds the SQL as it is, the definition and the SQL's line are told."""
    edits = (
        (KPI, 'sql="""\nSELECT', 'sql="SELECT" + """'),
        (KPI, "    minutes AS numerator", "    minute AS numerator"),
    )
    (finding,) = (f for f in read(*edits) if f.check == "binding")
    assert finding.where == "KPI acme_visit_hours, SQL 6:5"


def test_what_will_go_is_a_warning(read: Read) -> None:
    """It says what replaces it, and costs no badge until it is gone."""
    hook = "    return [VISIT_HOURS]"
    told = 'deprecation("KPI.kind", since="1.1", gone="2.0", instead="KPI.activity")'
    lines = ("import warnings", "from kamengine.api import deprecation", f"warnings.warn({told})")
    edit = (HOOKS, hook, "\n".join([*(f"    {line}" for line in lines), hook]))
    (finding,) = read(edit)
    assert (finding.check, finding.kind, finding.of) == ("contract", "warning", "kam_acme")
    assert finding.what == "KPI.kind is deprecated since plugin API 1.1 and gone in 2.0"
    assert finding.mend == "use KPI.activity"
    assert earned((finding,), CHECKS) == ("gold", None)


def test_an_excuse_is_taken(read: Read) -> None:
    """A line that says why no number rests on it may look at the clock."""
    line = "NOW = d.datetime.now(d.UTC)  # no number rests on this: it is printed"
    assert read(_line("import datetime as d", line)) == []


def test_dice_with_a_seed_are_no_chance(read: Read) -> None:
    """They give the same each time."""
    assert read(_line("import random", "DICE = random.Random(7)")) == []
