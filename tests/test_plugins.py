"""Packs: found, loaded one by one, and kept apart when they are broken."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import msgspec
import pytest

from kamengine import hookspecs, plugins
from kamengine import pack as packs
from kamengine.api import API, Version, deprecation
from kamengine.cli import COMMANDS
from kamengine.cli.output import FORMATS
from kamengine.errors import PluginError, UnknownNameError
from kamengine.event import EventData, EventType, Upcast
from kamengine.extensions import Importer, LintRule, OutputFormat
from kamengine.hookspecs import hookimpl
from kamengine.kpi import Sum
from kamengine.plugins import Registry
from kamengine.projection import Projection
from kamengine.vocabulary import EVENT_RETRACTED
from tests.bakery import BREADS, KPIS, ORDER_PLACED, OrderPlaced, Pack, kpi, registry_of


class OneField(EventData, frozen=True):
    x: int


class Clashing(EventData, frozen=True):
    source: str


class Unholdable(EventData, frozen=True):
    x: object


def kind(name: str, data: type[EventData] = OneField, **rest: Any) -> EventType:
    return EventType(name=name, data=data, doc="x", **rest)


def projection(name: str, sql: str) -> Projection:
    return Projection(name=name, doc="x", key=("x",), sql=sql)


class Returning:
    """A pack whose hook for KPIs returns, or does, anything at all."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    @hookimpl
    def kamengine_kpis(self) -> Any:
        if callable(self.answer):
            return self.answer()
        return self.answer


class Misspelt:
    @hookimpl
    def kamengine_kpi(self) -> Iterable[Any]:
        return []


class WrongArguments:
    @hookimpl
    def kamengine_kpis(self, surprise: int) -> Iterable[Any]:
        return []


def leave() -> None:
    sys.exit("goodbye")


def fail() -> None:
    raise ValueError("something of its own")


def several_lines() -> None:
    raise ValueError("one\n  two")


def half() -> Iterable[Any]:
    yield kpi("fine", Sum(), "SELECT 1 AS numerator")
    raise ValueError("half-way")


BROKEN: dict[str, tuple[object, str]] = {
    "registers nothing": (Pack((), (), ()), "registers nothing"),
    "has no hooks": (SimpleNamespace(), "registers nothing"),
    "returns None": (Returning(None), "registers nothing"),
    "returns a number": (Returning(5), "not iterable"),
    "returns one instead of a list": (Returning(KPIS[0]), "not iterable"),
    "returns the wrong things": (Returning(["nps"]), "KPI returned something else: 'nps'"),
    "returns another kind": (Returning([ORDER_PLACED]), "KPI returned something else"),
    "takes an event type of the engine": (
        Pack([EVENT_RETRACTED], (), ()),
        "registers 'event.retracted' again; the engine has it already",
    ),
    "takes a table of the engine": (
        Pack([EventType(name="event_retracted", data=OrderPlaced, doc="A thing.")], (), ()),
        "two things as 'event_retracted'; the engine has it already",
    ),
    "raises": (Returning(fail), "ValueError: something of its own"),
    "raises half-way": (Returning(half), "ValueError: half-way"),
    "leaves": (Returning(leave), "SystemExit: goodbye"),
    "misspells a hook": (
        Misspelt(),
        "It implements a hook that there isn't: 'kamengine_kpi'; did you mean 'kamengine_kpis'?",
    ),
    "asks for arguments": (
        WrongArguments(),
        "The hook kamengine_kpis is called without arguments, and this asks for some: 'surprise'",
    ),
    "raises on several lines": (Returning(several_lines), "ValueError: one two"),
    "has an id twice": (Pack((), (), [KPIS[1], KPIS[1]]), "'turnover_in_dozens' again"),
    "has another's id": (Pack((), (), [KPIS[0]]), "'turnover' again; first has it already"),
    "has another's event type": (Pack([ORDER_PLACED], (), ()), "'order.placed' again"),
    "has SQL that doesn't parse": (
        Pack((), (), [kpi("bad", Sum(), "SELECT (1")]),
        "KPI bad, line 1, column",
    ),
    "has SQL with an unknown parameter": (
        Pack((), (), [kpi("bad", Sum(), "SELECT $nope AS numerator")]),
        "'$nope'",
    ),
    "has a projection that is no query": (
        Pack((), [projection("bad", "DROP TABLE orders")], ()),
        "projection bad: A definition must be one SELECT",
    ),
    "has a field that no column holds": (
        Pack([kind("a.b", Unholdable)], (), ()),
        "Unholdable.x: No fact column can hold",
    ),
    "has a field called as an envelope column": (
        Pack([kind("a.b", Clashing)], (), ()),
        "the name of a column that every event has: 'source'",
    ),
    "lacks an upcast": (
        Pack([kind("a.b", version=3, upcasts=(Upcast(version=2, data=OneField),))], (), ()),
        "version 3 but no upcast from version 1",
    ),
    "names a projection like another's facts": (
        Pack((), [projection("order_placed", "SELECT 1 AS x")], ()),
        "two things as 'order_placed'; first has it already",
    ),
    "names facts like another's projection": (
        Pack([kind("ord.ers"), kind("ord_ers.x"), kind("ord.ers_x")], (), ()),
        "two things as 'ord_ers_x'",
    ),
    "names a projection like the engine's windows": (
        Pack((), [projection("windows", "SELECT 1 AS x")], ()),
        "two things as 'windows'; the engine has it already",
    ),
}


@pytest.mark.parametrize(("plugin", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_pack_is_quarantined_by_name_and_the_rest_loads(
    plugin: object, words: str
) -> None:
    """All that it registers is left out, the reason is kept, and others are as they were."""
    registry = Registry()
    assert registry.add("first", Pack()).status == "loaded"
    before = {**registry.kpis, **registry.projections, **registry.event_types}
    pack = registry.add("broken", plugin, "dist", "1.0")
    assert (pack.name, pack.status, pack.distribution) == ("broken", "quarantined", "dist")
    assert words in str(pack.reason)
    assert not str(pack.reason).endswith(".")
    assert {**registry.kpis, **registry.projections, **registry.event_types} == before
    last = registry.add("last", Pack((), (), [kpi("later", Sum(), "SELECT 1 AS numerator")]))
    assert (last.status, last.provides) == ("loaded", {"kpis": 1})
    assert [p.name for p in registry.packs] == ["first", "broken", "last"]
    assert [p.name for p in registry.quarantined] == ["broken"]


class Versioned(Returning):
    """A pack that states a version of the contract."""

    def __init__(self, stated: object) -> None:
        super().__init__(KPIS[:1])
        self.kamengine_api = stated


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ("2.0", "It is written for plugin API 2.0, and this kamengine offers 1.0; upgrade"),
        ("0.9", "It is written for plugin API 0.9, and this kamengine offers 1.0; install a"),
        ("1.1", "It is written for plugin API 1.1, and this kamengine offers 1.0; upgrade"),
        ("1", "form MAJOR.MINOR: '1'"),
        ("1.0.0", "form MAJOR.MINOR: '1.0.0'"),
        (1.0, "form MAJOR.MINOR: 1.0"),
    ],
)
def test_a_pack_for_another_version_of_the_contract_is_quarantined(
    stated: object, words: str
) -> None:
    """The reason names both versions and the way out; its hooks aren't even called."""
    assert Version(1, 0) == API
    pack = Registry().add("other", Versioned(stated))
    assert words in str(pack.reason)
    assert pack.provides == {}


def test_a_pack_says_which_contract_it_is_written_for() -> None:
    """One that doesn't is taken for one of the first version, and told so."""
    stated, unstated = Registry().add("new", Versioned("1.0")), Registry().add("old", Pack())
    assert (stated.status, stated.api, stated.warnings) == ("loaded", "1.0", ())
    assert (unstated.status, unstated.api) == ("loaded", "1.0")
    (warning,) = unstated.warnings
    assert 'add `kamengine_api = "1.0"` to its module' in warning


def test_what_will_go_warns_with_what_replaces_it() -> None:
    """A deprecated hook still works; the pack that implements it is told, and other warnings stay.

    The hook here is `kamengine_kpis`, deprecated for this test alone.
    """
    old = deprecation("the hook kamengine_kpis", since="1.1", gone="2.0", instead="kamengine_rest")
    mark = hookspecs.hookspec(warn_on_impl=old)
    specs = SimpleNamespace(**vars(hookspecs))
    specs.kamengine_kpis = mark(lambda: None)
    with packs.heeding() as told:
        asked = packs.ask("acme", Versioned("1.0"), specs)  # type: ignore[arg-type]
    assert [k.id for k in asked.found["kpis"]] == [KPIS[0].id]
    assert told == [
        "the hook kamengine_kpis is deprecated since plugin API 1.1 and gone in 2.0;"
        " use kamengine_rest"
    ]
    with pytest.warns(UserWarning, match="of its own"), packs.heeding() as told:
        warnings.warn("something of its own", stacklevel=1)
    assert told == []


@pytest.mark.parametrize("gone", ["1.2", "1.1", "1.0", "2.1", "soon"])
def test_what_is_deprecated_stays_for_the_major_version(gone: str) -> None:
    """Nothing goes within a major version, and nothing goes without a date."""
    with pytest.raises(PluginError, match=r"later major version|MAJOR\.MINOR"):
        deprecation("the hook x", since="1.1", gone=gone, instead="y")


def command(name: str | None) -> click.Command:
    return click.Command(name, callback=lambda: None)


def does_nothing(*_: object) -> Any:
    return []


EXTENSIONS: dict[str, tuple[str, Any, str]] = {
    "a rule that is no function": (
        "kamengine_lint_rules",
        LintRule(name="strict", doc="x", check="no"),  # type: ignore[arg-type]
        "LintRule strict: `check` must be a function: 'no'",
    ),
    "a name with a space": (
        "kamengine_output_formats",
        OutputFormat(name="my form", doc="x", write=does_nothing),
        "OutputFormat: This is no name to ask for: 'my form'",
    ),
    "a form of our own": (
        "kamengine_output_formats",
        OutputFormat(name="json", doc="x", write=does_nothing),
        "It registers 'json' again; kamengine has it already",
    ),
    "a command of our own": (
        "kamengine_commands",
        command("replay"),
        "It registers 'replay' again; kamengine has it already",
    ),
    "a command without a name": (
        "kamengine_commands",
        command(None),
        "Command: This is no name to ask for",
    ),
    "a command without a callback": (
        "kamengine_commands",
        click.Command("lost"),
        "A command has nothing to call: 'lost'",
    ),
    "a function for a command": (
        "kamengine_commands",
        does_nothing,
        "A hook for Command returned something else",
    ),
    "a rule for a notifier": (
        "kamengine_notifiers",
        LintRule(name="strict", doc="x", check=does_nothing),
        "A hook for Notifier returned something else",
    ),
    "an importer without a reader": (
        "kamengine_importers",
        Importer(name="xlsx", doc="x", read=None),  # type: ignore[arg-type]
        "Importer xlsx: `read` must be a function",
    ),
}


@pytest.mark.parametrize(("hook", "item", "words"), EXTENSIONS.values(), ids=EXTENSIONS)
def test_an_extension_that_cannot_work_is_quarantined(hook: str, item: Any, words: str) -> None:
    """It is told before anybody asks for it."""
    plugin = SimpleNamespace(**{hook: hookimpl(lambda: [item], specname=hook)})
    registry = Registry({"commands": COMMANDS, "output formats": FORMATS})
    assert words in str(registry.add("odd", plugin).reason)


MODULES = {
    "pack_a_fine": """
from kamengine.kpi import KPI, Sum
from kamengine.hookspecs import hookimpl
@hookimpl
def kamengine_kpis():
    return [KPI(id="fine", version=1, title="t", doc="d", family="revenue", timing="lagging",
        unit="count", better="higher", value=Sum(), sql="SELECT 1 AS numerator")]
""",
    "pack_b_absent": "import nothing_of_that_name",
    "pack_c_syntax": "def",
    "pack_d_exits": "import sys; sys.exit(3)",
    "pack_e_raises": "raise RuntimeError('at home')",
    "pack_g_empty": "",
    "pack_i_later": 'kamengine_api = "3.4"\nfrom kamengine import SomethingNew',
}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Packs installed as distributions are: importable, with entry points, in no order."""
    for name, text in MODULES.items():
        (tmp_path / f"{name}.py").write_text(text)
    info = tmp_path / "some_packs-2.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: some-packs\nVersion: 2.1\n")
    points = [f"{name} = {name}" for name in reversed(MODULES)]
    points.append("pack_f_nowhere = pack_a_fine:nothing_there")
    points.append("pack_h_same = pack_a_fine")
    (info / "entry_points.txt").write_text("\n".join(["[kamengine]", *points]))
    monkeypatch.syspath_prepend(tmp_path)
    found = metadata.Distribution.at(info).entry_points
    monkeypatch.setattr(metadata, "entry_points", lambda group: found.select(group=group))


@pytest.mark.usefixtures("installed")
def test_installed_packs_are_loaded_in_the_order_of_their_names() -> None:
    """Whatever goes wrong while one is imported, it alone is left out, with the reason."""
    registry = plugins.load()
    assert {p.name: p.reason for p in registry.packs if p.reason} == {
        "pack_b_absent": "It can't be imported: ModuleNotFoundError:"
        " No module named 'nothing_of_that_name'",
        "pack_c_syntax": registry.packs[2].reason,
        "pack_d_exits": "It can't be imported: SystemExit: 3",
        "pack_e_raises": "It can't be imported: RuntimeError: at home",
        "pack_f_nowhere": registry.packs[5].reason,
        "pack_g_empty": "It registers nothing; implement at least one kamengine hook",
        "pack_h_same": "It registers 'fine' again; pack_a_fine has it already",
        "pack_i_later": "It is written for plugin API 3.4, and this kamengine offers 1.0;"
        " upgrade kamengine",
    }
    assert "SyntaxError" in str(registry.packs[2].reason)
    assert "nothing_there" in str(registry.packs[5].reason)
    assert [p.name for p in registry.packs] == sorted(p.name for p in registry.packs)
    assert set(registry.kpis) == {"fine"}


def test_packs_that_come_with_the_engine_are_loaded_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever takes a name of theirs is left out, however early their own name is."""
    points: list[metadata.EntryPoint] = []
    for distribution, module in (("acme", "aaa_theirs"), ("kamengine", "zzz_ours")):
        (tmp_path / f"{module}.py").write_text(MODULES["pack_a_fine"])
        info = tmp_path / f"{distribution}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[kamengine]\n{module} = {module}\n")
        points += metadata.Distribution.at(info).entry_points
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(metadata, "entry_points", lambda group: points)
    registry = plugins.load()
    assert [(p.name, p.status) for p in registry.packs] == [
        ("zzz_ours", "loaded"),
        ("aaa_theirs", "quarantined"),
    ]


def test_what_a_pack_provides_is_counted() -> None:
    """By kind, for those who list packs."""
    registry = registry_of()
    assert registry.packs[0].provides == {"event types": 8, "projections": 5, "kpis": len(KPIS)}
    assert registry.pack_of["projections:breads"] == "pack_0"


def test_asking_for_a_name_that_is_not_there_suggests_one_that_is() -> None:
    """A typo is met with its cure, anything else with where to look."""
    registry = registry_of()
    assert registry.kpi("turnover").id == "turnover"
    assert registry.event_type("order.placed").table == "order_placed"
    with pytest.raises(UnknownNameError, match=r"'turnovr'.*turnover"):
        registry.kpi("turnovr")
    with pytest.raises(UnknownNameError, match=r"'order\.place'.*order\.placed"):
        registry.event_type("order.place")
    with pytest.raises(UnknownNameError, match="kpis list"):
        registry.kpi("zzz")


def test_a_projection_may_use_what_the_organisation_decides() -> None:
    """Its currency and how accounts are active are there for every definition."""
    sql = BREADS.sql + " HAVING $reporting_currency <> $active_by"
    shared = msgspec.structs.replace(BREADS, sql=sql)
    assert registry_of(Pack((), [shared], ())).projections == {"breads": shared}
