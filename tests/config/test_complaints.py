"""Every mistake in YAML gets a file, a line, the offending value and a suggestion."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kamengine.config.example import copy_example
from kamengine.config.folder import Reading, load, read
from kamengine.errors import ConfigError
from kamengine.plugins import Registry

ReadFolder = Callable[..., Reading]

ORGANISATION = "name: Acme\nreporting_currency: EUR\ntime_zone: Europe/Berlin\n"
CARD = "standard:\n  kpis:\n    nps: {weight: 10, target: {floor: 0, target: 40}}\n"

# file, text, line, what is said of it (parts that must all be there)
MISTAKES: dict[str, tuple[str, str, int, tuple[str, ...]]] = {
    "tab": ("kpis", "nps:\n\ttarget: 3\n", 2, ("A tab indents this line", "spaces")),
    "duplicate key": (
        "kpis",
        "nps: {note: a}\ncsat: {}\nnps: {note: b}\n",
        3,
        ("This key is given twice: 'nps'", "line 1"),
    ),
    "open quote": ("kpis", "nps:\n  note: 'open\ncsat:\n", 2, ("quote", "never closed")),
    "two colons": ("kpis", "nps:\n  note: a: b\n", 2, ("isn't YAML", "quote a text")),
    "open bracket": ("kpis", "nps: {note: a\ncsat: {}\n", 2, ("isn't YAML", "bracket")),
    "two documents": ("kpis", "nps: {}\n---\ncsat: {}\n", 2, ("isn't YAML", "---")),
    "unknown anchor": ("kpis", "nps: *usual\n", 1, ("isn't YAML", "&")),
    "tag": ("kpis", "nps: !!python/object:os.system {}\n", 1, ("Tags", "os.system")),
    "own tag": ("kpis", "nps: !mine {}\n", 1, ("Tags", "!mine")),
    "key that is a list": ("kpis", "? [a, b]\n: 1\n", 1, ("A key must be a word",)),
    "memory without a unit": (
        "organisation",
        f"{ORGANISATION}limits:\n  memory: 800\n",
        5,
        ("no amount of memory: '800'", "800MB"),
    ),
    "memory that is too little": (
        "organisation",
        f"{ORGANISATION}limits: {{spill: 99MB}}\n",
        4,
        ("less than 100MB: '99MB'",),
    ),
    "time that is none": (
        "organisation",
        f"{ORGANISATION}limits:\n  seconds: 0\n",
        5,
        ("'seconds'", "'0'"),
    ),
    "control character": ("kpis", "nps:\n  note: a\x07b\n", 2, ("control character",)),
    "misspelt KPI": ("kpis", "csat: {}\nnsp: {}\n", 2, ("'nsp'", "did you mean 'nps'?")),
    "misspelt key": (
        "kpis",
        "nps:\n  targt: {floor: 0, target: 1}\n",
        2,
        ("no key of that name: 'targt'", "did you mean 'target'?"),
    ),
    "misspelt level": (
        "kpis",
        "nps:\n  target: {floor: 0, target: 1, strech: 2}\n",
        2,
        ("'strech'", "did you mean 'stretch'?"),
    ),
    "missing level": ("kpis", "nps:\n  target: {target: 3}\n", 2, ("lacks the key 'floor'",)),
    "word for a number": (
        "kpis",
        "nps:\n  target:\n    floor: low\n    target: 1\n",
        3,
        ("'floor' must be a number", "'low'"),
    ),
    "thousands": (
        "kpis",
        "sales_revenue:\n  target: {floor: 1_000, target: 9000}\n",
        2,
        ("must be a number", "'1_000'"),
    ),
    "not a number": ("kpis", "nps: {target: {floor: nan, target: 1}}\n", 1, ("'nan'",)),
    "exponent": ("kpis", "nps: {target: {floor: 0, target: 1e99}}\n", 1, ("'1e99'",)),
    "list for a mapping": ("kpis", "- nps\n- csat\n", 1, ("This file must hold a mapping",)),
    "unknown parameter": (
        "kpis",
        "customer_lifetime_value:\n  params:\n    horizon: 7\n",
        3,
        ("no key of that name: 'horizon'", "did you mean 'horizon_years'?"),
    ),
    "parameter where there is none": (
        "kpis",
        "nps:\n  params:\n    days: 7\n",
        3,
        ("'days'", "delete it"),
    ),
    "wrong type of parameter": (
        "kpis",
        "customer_lifetime_value:\n  params: {horizon_years: ten}\n",
        2,
        ("'horizon_years' must be a whole number", "'ten'"),
    ),
    "params that a KPI refuses": (
        "kpis",
        "nps: {}\ncustomer_lifetime_value:\n  params:\n    horizon_years: 0\n",
        3,
        ("`horizon_years` is 0; it must be at least 1",),
    ),
    "yes for true": (
        "kpis",
        "customer_lifetime_value:\n  params: {capped: yes}\n",
        2,
        ("'capped' must be true or false", "'yes'"),
    ),
    "floor above target": (
        "kpis",
        "nps:\n  target: {floor: 50, target: 40}\n",
        2,
        ("The floor 50 of 'nps' is better than its target", "put the floor below 40"),
    ),
    "floor below target, lower is better": (
        "kpis",
        "contact_gap_days:\n  target: {floor: 7, target: 14}\n",
        2,
        ("The floor 7", "put the floor above 14"),
    ),
    "stretch short of target": (
        "kpis",
        "nps:\n  target: {floor: 0, target: 40, stretch: 30}\n",
        2,
        ("The stretch 30", "above 40"),
    ),
    "stretch at target": (
        "kpis",
        "nps:\n  target: {floor: 0, target: 40, stretch: 40}\n",
        2,
        ("no better than its target", "leave it out"),
    ),
    "band out of order": (
        "kpis",
        "nps:\n  band: {low: 5, high: 2}\n",
        2,
        ("isn't in order", "low <= high"),
    ),
    "target and band": (
        "kpis",
        "csat: {}\nnps:\n  band: {low: 1, high: 2}\n  target: {floor: 0, target: 1}\n",
        2,
        ("both a target and a band",),
    ),
    "target where a band is best": (
        "kpis",
        "new_to_repeat_sales_ratio:\n  target: {floor: 0, target: 1}\n",
        2,
        ("best inside a band",),
    ),
    "percent sign forgotten": (
        "kpis",
        "csat:\n  target:\n    floor: 0.5\n    target: 85\n",
        4,
        ("lacks its percent sign: '85'", "write 85%"),
    ),
    "percent sign too much": (
        "kpis",
        "nps:\n  target: {floor: 0, target: 40%}\n",
        2,
        ("is no percentage", "points", "write 40"),
    ),
    "missing name": (
        "organisation",
        "reporting_currency: EUR\ntime_zone: UTC\n",
        1,
        ("This file lacks the key 'name'",),
    ),
    "empty name": ("organisation", ORGANISATION.replace("Acme", '""'), 1, ("'name' must be a",)),
    "currency": (
        "organisation",
        ORGANISATION.replace("EUR", "EURO"),
        2,
        ("no currency of that code: 'EURO'", "did you mean 'EUR'?"),
    ),
    "time zone": (
        "organisation",
        ORGANISATION.replace("Berlin", "Berln"),
        3,
        ("'Europe/Berln'", "did you mean 'Europe/Berlin'?"),
    ),
    "city for a time zone": (
        "organisation",
        ORGANISATION.replace("Europe/Berlin", "new york"),
        3,
        ("did you mean 'America/New_York'?",),
    ),
    "month 13": (
        "organisation",
        f"{ORGANISATION}fiscal_year:\n  starts: 13\n",
        5,
        ("'starts' must be a whole number from 1 to 12", "'13'"),
    ),
    "period": (
        "organisation",
        f"{ORGANISATION}periods: [month, quater]\n",
        4,
        ("month, quarter, year, week", "'quater'", "did you mean 'quarter'?"),
    ),
    "date": (
        "organisation",
        f"{ORGANISATION}as_of: 30.6.2026\n",
        4,
        ("'as_of' must be a date such as 2026-07-01", "'30.6.2026'"),
    ),
    "no KPI": ("scorecards", "standard:\n  title: Usual\n", 1, ("lacks the key 'kpis'",)),
    "KPIs as a list": (
        "scorecards",
        "standard:\n  kpis: [nps]\n",
        2,
        ("'kpis' must hold a mapping", "a list"),
    ),
    "weights all 0": (
        "scorecards",
        "standard:\n  kpis:\n    nps: 0\n",
        2,
        ("no KPI with a weight above 0",),
    ),
    "negative weight": ("scorecards", f"{CARD}    csat: -5\n", 4, ("0 or more", "'-5'")),
    "weight in percent": ("scorecards", f"{CARD}    csat: 20%\n", 4, ("percent sign", "'20%'")),
    "no target": ("scorecards", f"{CARD}    csat: 20\n", 4, ("'csat'", "has no target")),
    "rule for managers": (
        "scorecards",
        f"{CARD}  for: manager\n  applies_to: {{tier: A}}\n",
        5,
        ("for managers too, which have no tier", "managers, team, tenure"),
    ),
    "accounts and tier": (
        "scorecards",
        f"{CARD}  applies_to: {{accounts: acme, tier: A}}\n",
        4,
        ("What names accounts can't ask for tier too",),
    ),
    "both are for all": (
        "scorecards",
        f"{CARD}other:\n  kpis:\n    nps: {{weight: 1, target: {{floor: 0, target: 1}}}}\n",
        4,
        ("'standard' and 'other' are equally near to every account",),
    ),
    "addition without a reason": (
        "accounts",
        "acme:\n  add:\n    nps: {weight: 1, target: {floor: 0, target: 1}}\n",
        3,
        ("'nps' lacks the key 'reason'",),
    ),
    "removal of what no scorecard has": (
        "accounts",
        "acme:\n  author: Dana\n  until: 2027-01-01\n  remove:\n    csat: They never answer.\n",
        5,
        ("No scorecard for accounts has 'csat'",),
    ),
    "added and removed": (
        "accounts",
        "acme:\n  author: Dana\n  until: 2027-01-01\n  add:\n    csat: {weight: 0, reason: a}\n"
        "  remove:\n    csat: b\n",
        7,
        ("'csat' under both 'add' and 'remove'",),
    ),
    "change of nothing": (
        "accounts",
        "acme:\n  author: Dana\n  until: 2027-01-01\n  change:\n    nps: {reason: Because.}\n",
        5,
        ("changes nothing",),
    ),
    "no author": (
        "accounts",
        "acme:\n  until: 2027-01-01\n  remove:\n    nps: They never answer.\n",
        4,
        ("The removal of 'nps' for 'acme' doesn't say who decided so", "add `author: `"),
    ),
    "no end": (
        "managers",
        "kim:\n  author: Dana\n  for: account\n  remove:\n    nps: They never answer.\n",
        5,
        ("The removal of 'nps' for 'kim' has no end", "add `until: `"),
    ),
    "ends before it begins": (
        "overrides",
        "x:\n  applies_to: {tier: A}\n  author: Dana\n  from: 2026-07-01\n  until: 2026-07-01\n"
        "  remove: {nps: a}\n",
        6,
        ("never holds: it begins on 2026-07-01 and ends before 2026-07-01", "first day on which"),
    ),
    "a scorecard that never holds": (
        "scorecards",
        f"{CARD}  from: 2026-07-01\n  until: 2026-06-01\n",
        5,
        ("This never holds", "`until` is the first day"),
    ),
    "two goals at a time": (
        "kpis",
        "nps:\n  target:\n    - {floor: 0, target: 1}\n    - {floor: 0, target: 2}\n",
        4,
        ("Two goals of 'nps' hold at the same time", "see line 3"),
    ),
    "two weights at a time": (
        "scorecards",
        f"{CARD}    csat:\n      target: {{floor: 0%, target: 80%}}\n      weight:\n"
        "        - 5\n        - 6\n",
        8,
        ("Two weights of 'csat' begin at the same time", "scorecards.yaml:7; give one a `from`"),
    ),
    "no weight at all": (
        "scorecards",
        f"{CARD}    csat: {{weight: []}}\n",
        4,
        ("'csat' has no weight", "0 shows it beside"),
    ),
    "a goal for no period": (
        "kpis",
        "nps: {target: {floor: 0, target: 1, period: quater}}\n",
        1,
        ("neither a period nor a sort of period: 'quater'", "did you mean 'quarter'?"),
    ),
    "one of several goals out of order": (
        "kpis",
        "nps:\n  target:\n    - {floor: 0, target: 1}\n"
        "    - {from: 2026-07-01, floor: 3, target: 2}\n",
        4,
        ("The floor 3 of 'nps' is better than its target",),
    ),
    "minimum below 0": (
        "kpis",
        "nps: {min_count: -1}\n",
        1,
        ("a whole number of 0 or more", "'-1'"),
    ),
    "misspelt audience": (
        "scorecards",
        f"{CARD}  audience: client\n",
        4,
        ("one of internal, client-facing", "did you mean 'client-facing'?"),
    ),
    "misspelt policy": ("scorecards", f"{CARD}  missing: zeros\n", 4, ("did you mean 'zero'?",)),
    "bands without tenure": (
        "scorecards",
        f"{CARD}  tenure_bands:\n"
        "    - {from_month: 0, relationship: 40, revenue: 30, retention: 30}\n",
        4,
        ("isn't weighed by tenure", "weigh_by: tenure"),
    ),
    "no relationship KPI": (
        "scorecards",
        f"{CARD}  weigh_by: tenure\n",
        2,
        ("no relationship KPI counts on it", "never drops out"),
    ),
    "a tenure that is none": (
        "scorecards",
        f"{CARD}  applies_to: {{tenure: {{from_month: 18, before_month: 18}}}}\n",
        4,
        ("No tenure is from month 18 and before 18",),
    ),
    "colours out of order": (
        "organisation",
        f"{ORGANISATION}colours: {{amber_from: 90%, green_from: 80%}}\n",
        4,
        ("edges of the colours", "5%, 50% and 100%"),
    ),
    "two overrides equally near": (
        "overrides",
        "x:\n  applies_to: {tier: A}\n  author: D\n  until: 2027-01-01\n  remove: {nps: a}\n"
        "y:\n  applies_to: {segment: small}\n  author: D\n  until: 2027-01-01\n"
        "  change: {nps: {weight: 2, reason: b}}\n",
        10,
        ("'x' and 'y' are equally near to segment small, tier A, and both have 'nps'",),
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_is_told_with_file_line_and_hint(mistake: str, reading: ReadFolder) -> None:
    """A mistake yields one complaint, in its own line, in words that help."""
    file, text, line, said = MISTAKES[mistake]
    found = reading(**({"scorecards": CARD} | {file: text}))

    assert found.config is None
    assert [(Path(c.file).name, c.line) for c in found.complaints] == [(f"{file}.yaml", line)]
    for part in said:
        assert part in str(found.complaints[0])


def test_all_mistakes_of_all_files_are_told_at_once(reading: ReadFolder) -> None:
    """Reading goes on after a mistake, within a file and beyond it."""
    found = reading(
        organisation="name: Acme\nreporting_currency: XXX\ntime_zone: Mars\nfoo: 1\n",
        kpis="nps:\n  target: {floor: x, target: y}\nnsp: {bar: 1}\n",
        accounts__acme="acme:\n  add: {csat: {weight: heavy}}\n",
    )

    told = [(Path(c.file).name, c.line) for c in found.complaints]
    assert told == [
        ("acme.yaml", 2),  # weight
        ("acme.yaml", 2),  # no reason
        ("kpis.yaml", 2),  # floor
        ("kpis.yaml", 2),  # target
        ("kpis.yaml", 3),  # nsp
        ("kpis.yaml", 3),  # bar
        ("organisation.yaml", 2),
        ("organisation.yaml", 3),
        ("organisation.yaml", 4),
    ]


def test_invalid_utf8_is_told_with_its_line(write: Callable[..., Path], registry: Registry) -> None:
    """A file in another encoding is no crash, and its line is named."""
    folder = write()
    (folder / "kpis.yaml").write_bytes(b"nps:\n  note: caf\xe9\n")

    (complaint,) = read(folder, registry).complaints
    assert (complaint.line, complaint.value) == (2, "byte 0xe9")
    assert "UTF-8" in str(complaint)


def test_a_missing_organisation_stops_at_once(tmp_path: Path, registry: Registry) -> None:
    """Without organisation.yaml there is nothing to read, and the next step is named."""
    with pytest.raises(ConfigError, match=r"no organisation\.yaml here.*kamengine init"):
        read(tmp_path, registry)


def test_a_folder_for_a_file_stops_at_once(write: Callable[..., Path], registry: Registry) -> None:
    """What the operating system refuses to read is told with its reason."""
    folder = write()
    (folder / "kpis.yaml").mkdir()

    with pytest.raises(ConfigError, match=r"kpis\.yaml: This file can't be read: Is a directory"):
        read(folder, registry)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("kpi.yaml", "did you mean 'kpis.yaml'?"),
        ("scorecards.yml", "did you mean 'scorecards.yaml'?"),
        ("accounts/acme.yml", "call it acme.yaml"),
    ],
)
def test_a_file_that_nobody_reads_is_told(
    name: str, hint: str, write: Callable[..., Path], registry: Registry
) -> None:
    """A misspelt file name doesn't silently switch its content off."""
    folder = write()
    (folder / "accounts").mkdir()
    (folder / name).write_text("nps: {}\n")

    (complaint,) = read(folder, registry).complaints
    assert hint in str(complaint)


def test_an_account_in_two_files_is_told_in_the_second(reading: ReadFolder) -> None:
    """Two entries for one account would hide one another."""
    found = reading(
        scorecards=CARD,
        accounts="acme:\n  note: a\n",
        accounts__more="\nacme:\n  note: b\n",
    )

    (complaint,) = found.complaints
    assert (Path(complaint.file).name, complaint.line) == ("more.yaml", 2)
    assert "accounts.yaml:1" in str(complaint)


def test_tiers_and_segments_are_checked_where_they_are_listed(reading: ReadFolder) -> None:
    """A rule over a misspelt segment would match nobody, without a word."""
    rule = "  applies_to: {segment: [enterprize, small], tier: D}\n"
    listed = f"{ORGANISATION}segments: [enterprise, small]\n"

    (complaint,) = reading(organisation=listed, scorecards=CARD + rule).complaints
    assert (complaint.line, complaint.value) == (4, "enterprize")
    assert complaint.hint == "did you mean 'enterprise'?"


def test_a_kpi_of_a_quarantined_pack_is_only_a_warning(
    write: Callable[..., Path], broken_registry: Registry
) -> None:
    """One broken pack doesn't make the config unusable, and is named once for each KPI."""
    folder = write(
        kpis="csat: {params: {x: 1}, target: {floor: 60%, target: 90%}}\n",
        scorecards="standard:\n  kpis:\n    csat: 10\n",
    )

    found = read(folder, broken_registry)
    assert found.config is not None
    (complaint,) = found.complaints
    assert complaint.severity == "warning"
    assert "kam_extra" in str(complaint)


def test_load_raises_the_first_error_and_counts_the_rest(
    write: Callable[..., Path], registry: Registry
) -> None:
    """A command that needs config says one thing, and where the rest is told."""
    folder = write(kpis="nsp: {}\ncsta: {}\nwin_rat: {}\n")

    with pytest.raises(
        ConfigError, match=r"kpis\.yaml:1: .*'nsp'.*'nps'.*2 more: `kamengine config"
    ):
        load(folder, registry)


SCRAPS = [
    ":",
    "- ",
    "\n",
    "\t",
    "  ",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a",
    "<<: *a\n",
    "!x ",
    "'",
    '"',
    "%",
]


@given(
    name=st.sampled_from(["organisation", "kpis", "scorecards", "accounts/northwind"]),
    at=st.floats(0, 1),
    scrap=st.sampled_from(SCRAPS) | st.binary(max_size=3),
    cut=st.integers(0, 30),
)
@settings(max_examples=150, deadline=None)
def test_no_damage_to_a_file_is_a_crash(
    name: str, at: float, scrap: str | bytes, cut: int, registry: Registry
) -> None:
    """Whatever an editor does to the example, it is read or complained of, in lines there are."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "config"
        copy_example(Path(root))
        file = folder / f"{name}.yaml"
        content = file.read_bytes()
        place = int(at * len(content))
        inserted = scrap.encode() if isinstance(scrap, str) else scrap
        file.write_bytes(content[:place] + inserted + content[place + cut :])
        found = read(folder, registry)
        lengths = {str(f): len(f.read_bytes().splitlines()) for f in folder.rglob("*.yaml")}

    assert (found.config is None) == bool(found.errors)
    for complaint in found.complaints:
        assert 1 <= complaint.line <= lengths[complaint.file] + 1
