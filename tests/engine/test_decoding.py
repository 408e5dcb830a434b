"""From JSON in the log to typed facts, without a digit lost."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
import pytest

from kamengine.courier.client import Courier
from kamengine.engine.session import Session
from kamengine.event import EventData, EventType, Upcast, columns_of, defaults_of
from kamengine.kpi import Sum
from kamengine.log.intake import Intake
from kamengine.log.sqlite import SQLiteEventLog
from tests.bakery import NOW, Pack, Shop, event, kpi, registry_of


class Everything(EventData, frozen=True):
    """A field of each type that there is, and of each way to leave it out."""

    text: str
    truth: bool
    whole: int
    real: float
    exact: Decimal
    day: dt.date
    moment: dt.datetime
    choice: Literal["this", "that"]
    texts: tuple[str, ...] = ()
    exacts: tuple[Decimal, ...] = ()
    moments: tuple[dt.datetime, ...] = ()
    shares: dict[str, Decimal] = {}  # noqa: RUF012 - a struct makes one each time
    days: dict[str, dt.date] | None = None
    maybe: str | None = None
    word: str = "it's"
    some: tuple[str, ...] = ("a", "b")
    sum: Decimal = Decimal("0.5")
    since: dt.datetime = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    select: int = 7


EVERYTHING = EventType(name="thing.known", data=Everything, doc="A thing.")
REQUIRED: dict[str, object] = {
    "text": "x",
    "truth": True,
    "whole": 1,
    "real": 0.5,
    "exact": "1",
    "day": "2026-09-03",
    "moment": "2026-09-03T10:00:00Z",
    "choice": "this",
}


def counted(*event_types: EventType) -> Pack:
    """Return a pack of event types alone, with a KPI so that there is something to replay for."""
    sql = "SELECT account_id, occurred_at, 1 AS numerator, event_id FROM thing_known"
    return Pack(event_types, (), [kpi("things", Sum(), sql)])


@pytest.fixture
def things(tmp_path: Path, bakery_courier: Courier) -> Shop:
    return Shop(tmp_path / "things", bakery_courier, registry_of(counted(EVERYTHING)))


def instant(*parts: int) -> dt.datetime:
    """Return a UTC instant as SQL has it, without an offset."""
    return dt.datetime(*parts, tzinfo=dt.UTC).replace(tzinfo=None)  # type: ignore[misc,arg-type]


def take_in(shop: Shop, *payloads: dict[str, object] | str) -> None:
    """Append payloads as anybody's events come in: through the intake, as text."""
    texts = [p if isinstance(p, str) else json.dumps(p) for p in payloads]
    lines = [
        f'{{"id": "{number}", "type": "thing.known", "account_id": "acme", "source": "crm",'
        f' "occurred_at": "2026-09-03T12:00:00+02:00", "data": {text}}}'
        for number, text in enumerate(texts, 1)
    ]
    intake = Intake(shop.registry, ZoneInfo("UTC"), lambda: NOW)
    admission = intake.admit("\n".join(lines).encode())
    assert [str(r.error) for r in admission.rejections] == []
    SQLiteEventLog(shop.workspace.log_path, lambda: NOW).append(admission.events)
    assert shop.replay().parked == {}


def facts(shop: Shop, columns: str, table: str = "thing_known") -> list[tuple[object, ...]]:
    path = shop.workspace.state_dir / shop.reader().head.state
    with Session(path, shop.settings.calendar, read_only=True) as session:
        return session.rows(f"SELECT {columns} FROM state.facts.{table} ORDER BY event_id")


def test_the_envelope_becomes_columns(things: Shop) -> None:
    """Position, id, keys, times in UTC and source stand before the payload."""
    take_in(things, REQUIRED)
    assert facts(things, "event_id, id, account_id, manager_id, occurred_at, source") == [
        (1, "1", "acme", None, instant(2026, 9, 3, 10), "crm")
    ]


def test_every_type_of_field_comes_back_as_it_went_in(things: Shop) -> None:
    """Text, numbers, days, moments with any offset, lists and maps."""
    given = REQUIRED | {
        "text": "Zürich 🥐 \u202e\n\"quoted\" 'it''s' \\ \u0000",
        "truth": False,
        "whole": -(2**63),
        "real": 1e300,
        "exact": "-0.000001",
        "day": "2024-02-29",
        "moment": "2026-09-03T10:00:00.123456+05:45",
        "choice": "that",
        "texts": ["a", "", "ü"],
        "exacts": ["1.5", "-2"],
        "moments": ["2026-09-03T00:00:00-11:00"],
        "shares": {"rye": "0.1", "bun": "12345678901234567890.123456"},
        "days": {"first": "2026-01-01"},
        "maybe": "",
        "select": 2**63 - 1,
    }
    take_in(things, given)
    ((text, truth, whole, real, exact, day, moment, choice),) = facts(
        things, "text, truth, whole, real, exact, day, moment, choice"
    )
    assert (text, truth, whole, real) == (given["text"], False, -(2**63), 1e300)
    assert (exact, day) == (Decimal("-0.000001"), dt.date(2024, 2, 29))
    assert (moment, choice) == (instant(2026, 9, 3, 4, 15, 0, 123456), "that")
    ((texts, exacts, moments, shares, days, maybe, select),) = facts(
        things, 'texts, exacts, moments, shares, days, maybe, "select"'
    )
    assert (texts, exacts) == (["a", "", "ü"], [Decimal("1.5"), Decimal(-2)])
    assert moments == [instant(2026, 9, 3, 11)]
    assert shares == {"rye": Decimal("0.1"), "bun": Decimal("12345678901234567890.123456")}
    assert (days, maybe, select) == ({"first": dt.date(2026, 1, 1)}, "", 2**63 - 1)


def test_what_is_left_out_has_its_default(things: Shop) -> None:
    """Absent lists are empty, other absences NULL or the declared default, as is a null."""
    take_in(things, REQUIRED, REQUIRED | {"maybe": None, "days": None, "unknown": {"x": [1e300]}})
    expected: tuple[object, ...] = (
        *([], [], [], {}, None, None, "it's", ["a", "b"], Decimal("0.5")),
        instant(2026, 1, 1),
        7,
    )
    columns = 'texts, exacts, moments, shares, days, maybe, word, "some", "sum", since, "select"'
    assert facts(things, columns) == [expected, expected]


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kathmandu"])
def test_where_the_machine_stands_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bakery_courier: Courier, zone: str
) -> None:
    """Moments are UTC, whatever the time zone of the process."""
    monkeypatch.setenv("TZ", zone)
    shop = Shop(tmp_path / "s", bakery_courier, registry_of(counted(EVERYTHING)))
    take_in(shop, REQUIRED | {"moments": ["2026-09-03T10:00:00Z"]})
    assert facts(shop, "moment, moments[1], since, occurred_at") == [
        (
            instant(2026, 9, 3, 10),
            instant(2026, 9, 3, 10),
            instant(2026, 1, 1),
            instant(2026, 9, 3, 10),
        )
    ]


@pytest.mark.parametrize(
    "written",
    [
        "123456789012345678901234.123456",
        "-999999999999999999999999.999999",
        "0.1",
        "1e3",
        "1E-6",
        "100.000000",
        "-0",
    ],
)
@pytest.mark.parametrize("quoted", [True, False])
def test_decimals_of_thirty_digits_stay_exact(things: Shop, written: str, *, quoted: bool) -> None:
    """As text or as a JSON number, in facts, in sums, and in what is behind them."""
    text = f'"{written}"' if quoted else written
    take_in(things, json.dumps(REQUIRED).replace('"exact": "1"', f'"exact": {text}'))
    assert facts(things, "exact") == [(Decimal(written),)]


@pytest.mark.parametrize(
    "moment", ["2026-09-03T10:00:00Z", "2026-09-03T10:00:00.5Z", "2026-09-03T12:00:00+02:00"]
)
def test_moments_in_any_form_that_comes_in(things: Shop, moment: str) -> None:
    """No form passes the door and is lost behind it."""
    take_in(things, REQUIRED | {"moment": moment})
    ((found,),) = facts(things, "moment")
    assert found == dt.datetime.fromisoformat(moment).astimezone(dt.UTC).replace(tzinfo=None)


def test_an_unknown_type_is_left_alone_until_its_pack_is_there(shop: Shop) -> None:
    """Its events are read over, and decoded once somebody knows them."""
    alien = event("x1", "thing.known", "2026-03-03", "acme", None, 1, **REQUIRED)
    order = event("o1", "order.placed", "2026-03-04", "acme", order="1", amount="3")
    assert shop.deliver(alien, order).position == 2
    assert shop.value("turnover", "2026")[0] == "3"
    shop.registry = registry_of(Pack(), counted(EVERYTHING))
    assert set(shop.replay().recomputed) == {"things"}
    assert shop.value("things", "2026", "acme", "account")[0] == "1"
    assert facts(shop, "id, whole") == [("x1", 1)]


class Old(EventData, frozen=True):
    """The first version: cents, and a name that changed."""

    cents: int
    name: str
    gone: str | None = None


class New(EventData, frozen=True):
    """The second version."""

    amount: Decimal
    name: str
    label: str | None = None
    kind: str = "plain"
    tags: tuple[str, ...] = ()


class Newest(EventData, frozen=True):
    """The third version."""

    amount: Decimal
    label: str | None = None
    kind: str = "plain"
    tags: tuple[str, ...] = ()
    rate: Decimal = Decimal(1)


FIRST = Upcast(
    version=1, data=Old, columns={"amount": "CAST(cents AS DECIMAL(38, 6)) * 0.01", "label": "gone"}
)
SECOND = Upcast(version=2, data=New, columns={"label": "coalesce(label, name)"})


def test_old_versions_are_carried_up_to_the_newest(things: Shop) -> None:
    """Each event is read as the version that it was written in, and raised step by step."""
    newest = EventType(
        name="thing.known", data=Newest, doc="A thing.", version=3, upcasts=(FIRST, SECOND)
    )
    things.registry = registry_of(counted(newest))
    things.deliver(
        event("1", "thing.known", "2026-01-01", "acme", cents=1050, name="a", gone="b"),
        event("2", "thing.known", "2026-01-01", "acme", cents=1, name="c"),
        event("3", "thing.known", "2026-01-01", "acme", version=2, amount="2", name="d", kind="x"),
        event("4", "thing.known", "2026-01-01", "acme", version=3, amount="3", rate="2"),
    )
    assert facts(things, "id, amount, label, kind, tags, rate") == [
        ("1", Decimal("10.5"), "b", "plain", [], 1),
        ("2", Decimal("0.01"), "c", "plain", [], 1),
        ("3", Decimal(2), "d", "x", [], 1),
        ("4", Decimal(3), None, "plain", [], 2),
    ]


def test_a_new_version_decodes_what_is_there_anew(things: Shop) -> None:
    """Facts of version 1 become facts of version 2 as the type changes, and back."""
    old = EventType(name="thing.known", data=Old, doc="A thing.")
    new = EventType(name="thing.known", data=New, doc="A thing.", version=2, upcasts=(FIRST,))
    things.registry = registry_of(counted(old))
    things.deliver(event("1", "thing.known", "2026-01-01", "acme", cents=250, name="a"))
    assert facts(things, "cents") == [(250,)]
    things.registry = registry_of(counted(new))
    things.deliver(event("2", "thing.known", "2026-01-02", "acme", version=2, amount="1", name="b"))
    assert facts(things, "amount, name") == [(Decimal("2.5"), "a"), (1, "b")]


def test_an_upcast_that_fails_costs_its_type(shop: Shop) -> None:
    """Its readers are parked with the reason, the rest goes on; mended, all is there."""
    broken = Upcast(version=1, data=Old, columns={"amount": "nope"})
    kinds = [
        EventType(name="thing.known", data=New, doc="A thing.", version=2, upcasts=(upcast,))
        for upcast in (broken, FIRST)
    ]
    shop.registry = registry_of(Pack(), counted(kinds[0]))
    result = shop.deliver(
        event("1", "thing.known", "2026-01-01", "acme", cents=250, name="a"),
        event("o1", "order.placed", "2026-03-04", "acme", order="1", amount="3"),
    )
    assert set(result.parked) == {"thing_known", "things"}
    assert shop.value("turnover", "2026")[0] == "3"
    shop.registry = registry_of(Pack(), counted(kinds[1]))
    assert shop.replay().parked == {}
    assert facts(shop, "amount") == [(Decimal("2.5"),)]


def test_columns_and_defaults_are_told_from_the_struct() -> None:
    """What SQL reads is declared nowhere else."""
    assert columns_of(Old) == {"cents": "BIGINT", "name": "VARCHAR", "gone": "VARCHAR"}
    assert defaults_of(Newest) == {"kind": "plain", "rate": Decimal(1)}
    renamed = msgspec.defstruct("Renamed", [("a", int)], bases=(EventData,), rename={"a": "b"})
    assert columns_of(renamed) == {"a": "BIGINT"}
