"""What is written is what is read: exact, as typed, and with its place."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from kamengine.config.engine import settings_of
from kamengine.config.folder import Reading, load, read
from kamengine.config.levels import Band, Target
from kamengine.config.model import Config
from kamengine.periods import Calendar
from kamengine.plugins import Registry
from kamengine.settings import Limits, Settings

ReadFolder = Callable[..., Reading]

CARD = "standard:\n  kpis:\n    nps: {weight: 10, target: {floor: 0, target: 40}}\n"


def sound(reading: Reading) -> Config:
    assert [str(c) for c in reading.complaints] == []
    assert reading.config is not None
    return reading.config


def test_three_keys_are_enough(reading: ReadFolder) -> None:
    """All else has a default, and every other file may be missing."""
    config = sound(reading())

    assert config.organisation.periods == ("month", "quarter", "year")
    assert config.organisation.fiscal_year.starts == 1
    assert config.organisation.active_by == "contracts"
    assert (config.kpis, config.scorecards, config.accounts) == ({}, {}, {})


def test_every_key_of_the_organisation_is_read(reading: ReadFolder) -> None:
    """A full organisation comes back as written."""
    text = (
        "name: Acme\nreporting_currency: GBP\ntime_zone: Asia/Kolkata\n"
        "fiscal_year: {starts: 4, named_by: start}\nperiods: [week, month]\n"
        "active_by: accounts\nas_of: 2026-06-30\ntiers: [1, 2]\nsegments: no\n"
    )
    organisation = sound(reading(organisation=text)).organisation

    assert (organisation.fiscal_year.starts, organisation.fiscal_year.named_by) == (4, "start")
    assert organisation.periods == ("week", "month")
    assert organisation.active_by == "accounts"
    assert organisation.as_of == dt.date(2026, 6, 30)
    assert organisation.tiers == ("1", "2")
    assert organisation.segments == ("no",)


def test_numbers_are_exact_to_the_last_digit(reading: ReadFolder) -> None:
    """A level goes from its text to a decimal; floating point would lose these digits."""
    text = "nps: {target: {floor: 0.1, target: 12345678901234567.89}}\n"
    (target,) = sound(reading(kpis=text)).kpis["nps"].target

    assert target == Target(floor=Decimal("0.1"), target=Decimal("12345678901234567.89"))


def test_a_percentage_may_be_written_with_its_sign_or_as_a_ratio(reading: ReadFolder) -> None:
    """92.5% and 0.925 are the same level, above 100% too."""
    text = "net_revenue_retention: {target: {floor: 0.925, target: 92.5%, stretch: 110 %}}\n"
    (target,) = sound(reading(kpis=text)).kpis["net_revenue_retention"].target

    assert target == Target(floor=Decimal("0.925"), target=Decimal("0.925"), stretch=Decimal("1.1"))


def test_a_kpi_that_rises_may_still_have_a_band(reading: ReadFolder) -> None:
    """An organisation may find that too much of a good thing is bad."""
    text = "customer_interaction_time: {band: {low: 2, high: 6, floor_high: 10}}\n"
    (band,) = sound(reading(kpis=text)).kpis["customer_interaction_time"].band

    assert band == Band(low=Decimal(2), high=Decimal(6), floor_high=Decimal(10))


def test_anchors_aliases_and_merges_hold(reading: ReadFolder) -> None:
    """YAML's own means of not repeating oneself work, and what is merged can be overridden."""
    text = (
        "nps: &usual\n  target: &t {floor: 0, target: 40}\n  note: first\n"
        "sales_revenue:\n  <<: *usual\n  note: second\nnumber_of_contacts: {target: *t}\n"
    )
    config = sound(reading(kpis=text))

    assert config.kpis["sales_revenue"].target == config.kpis["nps"].target
    assert config.kpis["number_of_contacts"].target == config.kpis["nps"].target
    assert config.kpis["sales_revenue"].note == "second"


def test_a_mapping_that_merges_itself_ends(reading: ReadFolder) -> None:
    """A loop of anchors is read once round."""
    assert sound(reading(kpis="nps: &a\n  <<: *a\n  note: x\n")).kpis["nps"].note == "x"


def test_nothing_below_a_key_means_nothing_set(reading: ReadFolder) -> None:
    """A KPI with all its lines commented out is still measured, with defaults."""
    config = sound(reading(kpis="nps:\n  target:\n  # floor: 1\ncsat:\n", accounts="acme:\n"))

    assert config.kpis["nps"].goals == ()
    assert set(config.kpis) == {"nps", "csat"}
    assert set(config.accounts) == {"acme"}


def test_an_empty_file_and_a_byte_order_mark_do_no_harm(reading: ReadFolder) -> None:
    """What editors leave behind is no mistake."""
    config = sound(reading(kpis="", scorecards="\ufeff# nothing yet\n"))

    assert (config.kpis, config.scorecards) == ({}, {})


def test_params_are_the_kpis_own_with_the_given_ones_on_top(
    reading: ReadFolder, registry: Registry
) -> None:
    """What config leaves out keeps the default of the KPI, not that of its struct."""
    text = "customer_lifetime_value:\n  params: {discount: 0.03, channels: email, capped: false}\n"
    config = sound(reading(kpis=text))
    params = config.params_of(registry.kpis["customer_lifetime_value"])

    assert params.horizon_years == 12  # type: ignore[attr-defined]
    assert params.discount == Decimal("0.03")  # type: ignore[attr-defined]
    assert params.channels == ("email",)  # type: ignore[attr-defined]
    assert params.capped is False  # type: ignore[attr-defined]
    nps = registry.kpis["nps"]
    assert config.params_of(nps) == nps.params


def test_the_engine_gets_what_decides_values(reading: ReadFolder, registry: Registry) -> None:
    """Calendar, currency, periods, pinned day, and only those parameters that are set."""
    text = (
        "name: Acme\nreporting_currency: GBP\ntime_zone: Asia/Kolkata\n"
        "fiscal_year: {starts: 4, named_by: start}\nperiods: week\n"
        "active_by: accounts\nas_of: 2026-06-30\n"
        "limits: {seconds: 60, memory: 4GB, spill: 1TB}\n"
    )
    kpis = "nps: {}\ncustomer_lifetime_value: {params: {horizon_years: 7}}\n"
    config = sound(reading(organisation=text, kpis=kpis))

    assert settings_of(config, registry) == Settings(
        calendar=Calendar(
            time_zone=ZoneInfo("Asia/Kolkata"), fiscal_start=4, fiscal_named_by="start"
        ),
        kinds=("week",),
        reporting_currency="GBP",
        active_by="accounts",
        params={
            "customer_lifetime_value": msgspec.structs.replace(
                registry.kpis["customer_lifetime_value"].params, horizon_years=7
            )
        },
        as_of="2026-06-30",
        limits=Limits(seconds=60, memory="4GB", spill="1TB"),
    )
    assert settings_of(sound(reading()), registry).limits == Limits()


def test_every_setting_knows_its_line(reading: ReadFolder) -> None:
    """Places lead to the key; what isn't written leads to what it would stand in."""
    config = sound(reading(scorecards=f"# first\n{CARD}"))

    assert config.place("scorecards", "standard").line == 2
    assert config.place("scorecards", "standard", "kpis", "nps", "target", "floor").line == 4
    assert config.place("scorecards", "standard", "title").line == 2


def test_two_thousand_account_changes_are_checked_within_a_second(
    write: Callable[..., Path], registry: Registry
) -> None:
    """Checking stays quick for a large organisation."""
    changes = "".join(
        f"account-{n}:\n  author: Kim\n  until: 2027-01-01\n"
        f"  change:\n    nps:\n      weight: {n % 9 + 1}\n"
        f"      target: {{floor: 0, target: 30, stretch: 60}}\n      reason: Agreed in May.\n"
        for n in range(2000)
    )
    folder = write(scorecards=CARD, accounts=changes)

    began = time.process_time()
    config = load(folder, registry)
    assert time.process_time() - began < 1
    assert len(config.accounts) == 2000


def test_reading_twice_gives_the_same(write: Callable[..., Path], registry: Registry) -> None:
    """Config is a value: two readings of the same files are equal."""
    folder = write(scorecards=CARD)

    assert read(folder, registry) == read(folder, registry)
