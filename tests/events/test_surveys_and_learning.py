"""Answers to surveys, on the scale that they were given; trainings."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import duckdb
import msgspec
import pytest

from kamengine.plugins import Registry
from tests.events.history import History, day

NPS: dict[str, Any] = {"kind": "nps", "scale_min": 0, "scale_max": 10}


class TestResponses:
    def test_an_nps_answer_falls_into_one_of_three_groups(self, history: History) -> None:
        """0 to 6 detract, 7 and 8 are passive, 9 and 10 promote."""
        for score in range(11):
            history.state(
                "survey.responded", "2026-01-01", response_id=f"{score:02}", score=score, **NPS
            )
        assert [
            group for _, group in history.rows("survey_responses", "response_id, promoter_group")
        ] == (["detractor"] * 7 + ["passive"] * 2 + ["promoter"] * 2)

    def test_an_answer_of_another_kind_is_in_none(self, history: History) -> None:
        """It keeps the scale that it was given on, and the event's id where it has none."""
        history.state(
            "survey.responded",
            "2026-01-01",
            manager="kim",
            kind="csat",
            score=9,
            scale_min=1,
            scale_max=10,
            contact_id="c",
            survey_id="s",
        )
        assert history.rows(
            "survey_responses",
            "manager_id, response_id, kind, score, scale_min, scale_max, contact_id, survey_id, "
            "promoter_group, occurred_at, event_id",
        ) == [
            (
                "kim", "e1", "csat", Decimal(9), Decimal(1), Decimal(10), "c", "s", None,
                day("2026-01-01"), "e1",
            )
        ]  # fmt: skip

    def test_an_answer_stated_again_replaces_what_was_said(self, history: History) -> None:
        """The latest counts; of two at one instant, the greater id."""
        history.state("survey.responded", "2026-01-02", id="z", response_id="r", score=9, **NPS)
        history.state("survey.responded", "2026-01-02", id="b", response_id="r", score=2, **NPS)
        history.state("survey.responded", "2026-01-01", id="zz", response_id="r", score=5, **NPS)
        assert history.rows("survey_responses", "score, event_id") == [(Decimal(9), "z")]


@pytest.mark.parametrize(
    ("kind", "stated", "scale"),
    [
        ("nps", (None, None), (0, 10)),
        ("csat", (None, None), (1, 5)),
        ("esat", (None, None), (1, 5)),
        ("ces", (None, None), (1, 7)),
        ("csat", (0, 10), (0, 10)),
        ("csat", (None, 7), (1, 7)),
    ],
)
def test_an_old_answer_gets_the_scale_of_its_kind(
    registry: Registry, kind: str, stated: tuple[int | None, int | None], scale: tuple[int, int]
) -> None:
    """Version 1 of survey.responded may leave the scale out; version 2 always has one."""
    upcast = registry.event_types["survey.responded"].upcasts[0].columns
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT {upcast['scale_min']}, {upcast['scale_max']} FROM (SELECT ? AS kind, "
            "CAST(? AS DECIMAL(38, 6)) AS scale_min, CAST(? AS DECIMAL(38, 6)) AS scale_max)",
            [kind, *stated],
        ).fetchone()
    assert found == scale


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(
    ("answer", "clause"),
    [
        ({"kind": "nps", "score": 11}, "`score` 11 isn't on the nps scale from 0 to 10"),
        ({"kind": "nps", "score": -1}, "`score` -1 isn't on the nps scale from 0 to 10"),
        ({"kind": "nps", "score": "8.5"}, "`score` 8.5 of an nps answer must be a whole number"),
        ({"kind": "csat", "score": 0}, "`score` 0 isn't on the csat scale from 1 to 5"),
        ({"kind": "esat", "score": "5.1"}, "`score` 5.1 isn't on the esat scale from 1 to 5"),
        (
            {"kind": "nps", "score": 3, "scale_min": 1, "scale_max": 5},
            "an nps answer is on a scale from 0 to 10, not from 1 to 5",
        ),
        (
            {"kind": "csat", "score": 3, "scale_min": 5, "scale_max": 5},
            "`scale_max` 5 must be above `scale_min` 5",
        ),
        ({"kind": "csat", "score": "NaN"}, "`score` must be a finite number, not NaN"),
    ],
)
def test_an_answer_off_its_scale_is_refused(
    registry: Registry, version: int, answer: dict[str, object], clause: str
) -> None:
    """Both versions keep to the same scales and say what is wrong."""
    data = registry.event_types["survey.responded"].data_of(version)
    assert data is not None
    usual = {"nps": (0, 10), "csat": (1, 5), "esat": (1, 5)}[str(answer["kind"])]
    scale = {"scale_min": usual[0], "scale_max": usual[1]} if version == 2 else {}
    with pytest.raises(msgspec.ValidationError, match="^" + clause.replace("(", r"\(")):
        msgspec.convert(scale | answer, data)


def test_an_answer_of_version_two_states_its_scale(registry: Registry) -> None:
    """Leaving it out is the way of version 1, which stays accepted."""
    event_type = registry.event_types["survey.responded"]
    old, new = event_type.data_of(1), event_type.data_of(2)
    assert old is not None
    assert new is not None
    answer = {"kind": "csat", "score": 5}
    assert msgspec.to_builtins(msgspec.convert(answer, old))["scale_max"] is None
    with pytest.raises(msgspec.ValidationError, match="scale_min"):
        msgspec.convert(answer, new)


def test_a_training_is_on_time_up_to_the_end_of_its_day(history: History) -> None:
    """The last assignment says when it is due; the first completion counts."""
    for course, done in (("a", "2026-03-31T23:59"), ("b", "2026-04-01"), ("c", None)):
        history.state(
            "training.assigned", "2026-01-01", manager="kim", course_id=course, due_on="2026-03-31"
        )
        if done:
            history.state("training.completed", "2026-05-01", manager="kim", course_id=course)
            history.state("training.completed", done, manager="kim", course_id=course)
    assert history.rows("trainings", "course_id, mandatory, due_on, done_at, on_time") == [
        ("a", True, dt.date(2026, 3, 31), day("2026-03-31T23:59"), True),
        ("b", True, dt.date(2026, 3, 31), day("2026-04-01"), False),
        ("c", True, dt.date(2026, 3, 31), None, None),
    ]


def test_of_the_assessments_of_a_day_the_last_counts(history_ahead: History) -> None:
    """By the local day, of each instrument and competency; points are of a hundred."""
    for name, occurred_at, instrument, score in (
        ("first", "2026-03-01T08:00", "test", 1),
        ("again", "2026-03-01T09:00", "test", 2),
        ("other", "2026-03-01T09:00", "talk", 3),
        # two hours ahead of UTC it is the next day
        ("late", "2026-03-01T22:00", "test", 3),
    ):
        history_ahead.state(
            "assessment.completed",
            occurred_at,
            id=name,
            manager="kim",
            instrument=instrument,
            competency="c",
            score=score,
            max=3,
        )
    assert history_ahead.rows("assessments", "event_id, instrument, score, max_score, points") == [
        ("again", "test", Decimal(2), Decimal(3), Decimal("66.666667")),
        ("late", "test", Decimal(3), Decimal(3), Decimal(100)),
        ("other", "talk", Decimal(3), Decimal(3), Decimal(100)),
    ]
