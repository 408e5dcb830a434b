from __future__ import annotations

from collections import Counter

import duckdb
import msgspec
import pyarrow as pa
import pytest

from benchmarks.decoding import statements
from benchmarks.measure import Figure, Run, figure, run
from benchmarks.suite import judge
from kam_events.simulation import lines
from kamengine.hookspecs import SimulationPlan

PLAN = SimulationPlan(accounts=20, managers=4, teams=2, years=1, events=4_000)


def measured(name: str, seconds: float, peak_mb: float = 100.0) -> Figure:
    return figure(name, [Run(seconds, seconds, 1_000, peak_mb)])


def test_every_event_is_decoded_into_the_facts_of_its_type() -> None:
    """The limit's first statements make a table for each type, with a row for each event."""
    events = [msgspec.json.decode(line) for line in lines(PLAN)]
    rows = [
        {
            "position": position,
            "id": event["id"],
            "type": event["type"],
            "version": event.get("version", 1),
            "account_id": event.get("account_id"),
            "manager_id": event.get("manager_id"),
            "occurred_at": 0,
            "recorded_at": 0,
            "source": event["source"],
            "data": msgspec.json.encode(event["data"]).decode(),
        }
        for position, event in enumerate(events, 1)
    ]
    engine = duckdb.connect()
    engine.register("log", pa.Table.from_pylist(rows))
    for statement in statements():
        engine.execute(statement).fetchall()
    for kind, count in Counter(event["type"] for event in events).items():
        table = kind.replace(".", "_")
        assert engine.execute(f"SELECT count(*) FROM {table}").fetchone() == (count,)
    scales = engine.execute("SELECT count(*) FROM survey_responded WHERE scale_max IS NULL")
    assert scales.fetchone() == (0,)
    (billed,) = engine.execute("SELECT sum(amount) FROM revenue_recognized").fetchone() or (0,)
    cents = sum(
        int(e["data"]["amount"].replace(".", ""))
        for e in events
        if e["type"] == "revenue.recognized"
    )
    assert billed * 100 == cents


def test_a_figure_is_the_median_of_its_runs() -> None:
    """Of 1, 9 and 2 seconds the figure is 2, and 1,000 events are 500 a second."""
    found = figure("x", [Run(s, s + 1, 1_000, 10 * s) for s in (1.0, 9.0, 2.0)])
    assert (found.seconds, found.wall, found.peak_mb) == (2.0, 3.0, 20.0)
    assert found.events_per_second == 500.0


def test_targets_divide_figures_of_the_same_run() -> None:
    """A replay in 2 s against a limit of 1 s has half its speed and misses 0.6."""
    figures = {f.name: f for f in (measured("cold replay", 2.0), measured("limit", 1.0))}
    verdicts = {v.title: v for v in judge(figures)}
    assert verdicts["cold replay, against the limit"].value == 0.5
    assert not verdicts["cold replay, against the limit"].met
    assert verdicts["peak memory of the cold replay, in MB"].met
    assert "cold replay, against eventsourcing" not in verdicts


def test_a_pair_is_judged_by_its_own_ratio() -> None:
    """A correction 1.05 times as long as the append beside it is in time, 1.2 times isn't."""
    for times, met in ((1.05, True), (1.2, False)):
        found = figure("correction", [Run(0.3, 0.4, 1, 100.0, t) for t in (0.9, times, 1.5)])
        (verdict,) = judge({"correction": found})
        assert (verdict.value, verdict.met) == (times, met)


def test_a_process_that_fails_is_no_measurement() -> None:
    """A module that ends in an error raises instead of giving a figure."""
    with pytest.raises(RuntimeError, match="exit code 1"):
        run("limit", "no-such-file.db")
