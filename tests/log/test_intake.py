from __future__ import annotations

import datetime as dt
import json

import pytest

from kamengine.log.instants import micros
from kamengine.log.intake import Intake
from kamengine.plugins import Registry

OFFICE = '{"channel": "office"}'


def line(data: str = OFFICE, **fields: object) -> bytes:
    """Write an event; a field given as None is left out."""
    event: dict[str, object] = {
        "id": "v1",
        "type": "visit.noted",
        "occurred_at": "2026-09-03T10:00:00Z",
        **fields,
    }
    head = json.dumps({k: v for k, v in event.items() if v is not None})
    return f'{head[:-1]}, "data": {data}}}'.encode()


def fee(data: str, **fields: object) -> bytes:
    return line(data, **{"type": "fee.charged", "version": 2, "account_id": "acme", **fields})


def cloud(data: str = OFFICE, **attributes: object) -> bytes:
    """Write a CloudEvent."""
    named: dict[str, object] = {
        "specversion": "1.0",
        "id": "c1",
        "type": "visit.noted",
        "source": "/crm",
        "time": "2026-09-03T10:00:00Z",
        **attributes,
    }
    head = json.dumps({k: v for k, v in named.items() if v is not None})
    return f'{head[:-1]}, "data": {data}}}'.encode()


def reason(intake: Intake, text: bytes) -> str:
    """Return why a line is rejected."""
    admission = intake.admit(text)
    assert admission.events == []
    (rejection,) = admission.rejections
    return str(rejection.error)


def test_an_event_becomes_what_the_log_takes(intake: Intake) -> None:
    """All fields arrive; times become microseconds and the payload stays as it was written."""
    text = line(
        '{"channel":"office",  "minutes":30}',
        account_id="acme",
        manager_id="kim",
        source="crm",
        occurred_at="2026-09-03T12:00:00.000001+02:00",
    )
    at = micros(dt.datetime(2026, 9, 3, 10, 0, 0, 1, tzinfo=dt.UTC))
    assert intake.admit(text).events == [
        (
            "v1",
            "visit.noted",
            1,
            "acme",
            "kim",
            at,
            None,
            "crm",
            '{"channel":"office",  "minutes":30}',
        )
    ]


@pytest.mark.parametrize(
    "text",
    [
        line('{"channel": "office", "unheard_of": {"a": [1, "x: y"]}}'),
        line('{"channel": "office", "minutes": null}'),
        line('{"channel": "video", "ended_at": "2026-09-03T11:00:00.5+02:00"}'),
        line('{"channel": "video", "people": ["ü", "\\u00fc", "a\\"b"]}'),
        fee('{"amount": "12.34"}'),
        fee('{"amount": 12345678901234567890123456789012.123456}'),
        fee('{"amount": -1e3, "parts": {"a": "0.5", "b": 1}}'),
        fee('{"amount": "0.1000000000"}'),
        fee('{"cents": 5}', version=1),
        fee('{"cents": 5}', version=None),
        line("{}", type="badge.lost", manager_id="kim"),
        line()
        .replace(b', "data": {"channel": "office"}', b"")
        .replace(b"visit.noted", b"badge.lost")
        .replace(b'"id"', b'"manager_id": "kim", "id"'),
        line() + b"\r",
    ],
)
def test_what_is_fit_comes_in(intake: Intake, text: bytes) -> None:
    """Unknown payload fields, nulls, older versions and exact decimals are all fine."""
    admission = intake.admit(text)
    assert [str(r.error) for r in admission.rejections] == []
    assert len(admission.events) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"id": }', "The line isn't JSON: 'JSON is malformed: invalid character (byte 7)'."),
        (b"12", "An event must be a JSON object: '12'."),
        (b'"text"', "An event must be a JSON object: '\"text\"'."),
        (b'{"id": "\xff"}', "The line isn't UTF-8: byte 0xff at column 9; save the file as UTF-8."),
        (
            line(type="visit.nodet"),
            "There is no event type of that name: 'visit.nodet'; did you mean 'visit.noted'?",
        ),
        (
            line(type="nothing"),
            "There is no event type of that name: 'nothing'; `kamengine events types` shows all.",
        ),
        (line(id=None), "id is missing."),
        (line(id=""), "id must be text of length >= 1: ''."),
        (line(id=7), "id must be text, not a whole number: 7."),
        (line(id="a\0b"), "id can't hold the character U+0000: 'a\\x00b'."),
        (
            line(occured_at="2026-09-03", occurred_at=None),
            "An event has no such field: 'occured_at'; did you mean 'occurred_at'?",
        ),
        (line(version=2), "visit.noted has no version 2; its newest is 1."),
        (line(version=0), "version must be a whole number >= 1: 0."),
        (fee("{}", account_id=None), "fee.charged must carry account_id."),
        (line("{}", type="badge.lost"), "badge.lost must carry manager_id."),
        (
            line("{}", type="badge.lost", manager_id="kim", account_id="acme"),
            "badge.lost can not carry account_id: 'acme'.",
        ),
        (
            line(occurred_at="2026-09-03T10:00:00"),
            "occurred_at has no offset from UTC, such as Z or +02:00: '2026-09-03T10:00:00'.",
        ),
        (
            line(occurred_at="3.9.2026"),
            "occurred_at is no RFC 3339 time, such as 2026-09-03T10:00:00Z: '3.9.2026'.",
        ),
        (line(occurred_at="2026-02-30"), "occurred_at is no day of the calendar: '2026-02-30'."),
        (
            line(occurred_at="2026-09-03T12:00:00.000001Z"),
            "occurred_at is in the future of the log's clock, 2026-09-03T12:00:00Z: "
            "'2026-09-03T12:00:00.000001Z'.",
        ),
        (
            line(recorded_at="2026-09-04"),
            "recorded_at is in the future of the log's clock, 2026-09-03T12:00:00Z: '2026-09-04'.",
        ),
        (line("{}"), "data.channel is missing."),
        (
            line('{"chanel": "office"}'),
            "data.channel is missing; is it what was given as 'chanel'?",
        ),
        (
            line('{"channel": "ofice"}'),
            "data.channel is none of the values that it may have: 'ofice'; did you mean 'office'?",
        ),
        (
            line('{"channel": "pigeon"}'),
            "data.channel is none of the values that it may have: 'pigeon'; "
            "one of office, video, fair.",
        ),
        (
            line('{"channel": "office", "minutes": "30"}'),
            "data.minutes must be a whole number, not text: '30'.",
        ),
        (
            line('{"channel": "office", "minutes": 1.5}'),
            "data.minutes must be a whole number, not a number with a fraction: '1.5'.",
        ),
        (
            line('{"channel": "office", "rating": 6}'),
            "data.rating must be a whole number <= 5: 6.",
        ),
        (
            line('{"channel": "office", "calls": 9223372036854775808}'),
            "data.calls must be a whole number <= 9223372036854775807: 9223372036854775808.",
        ),
        (
            line('{"channel": "office", "minutes": 9223372036854775808}'),
            "data.minutes must be a whole number <= 9223372036854775807: 9223372036854775808.",
        ),
        (
            line('{"channel": "office", "people": ["a", 3]}'),
            "data.people[1] must be text, not a whole number: 3.",
        ),
        (
            line('{"channel": "office", "follow_up_on": "soon"}'),
            "data.follow_up_on is no date: 'soon'; write it like 2026-09-03.",
        ),
        (
            line('{"channel": "office", "ended_at": "2026-09-03T10:00:00"}'),
            "data.ended_at has no offset from UTC: '2026-09-03T10:00:00'; "
            "end it in Z or an offset such as +02:00.",
        ),
        (
            line('{"channel": "office", "ended_at": "2026-09-03t10:00:00z"}'),
            "data.ended_at is no RFC 3339 time: '2026-09-03t10:00:00z'; "
            "write it like 2026-09-03T10:00:00Z.",
        ),
        (line('{"channel": "fair"}'), "data: a visit at a fair needs people."),
        (
            line('{"channel": "office", "minutes": 666}'),
            "The check of visit.noted failed: KeyError('a mistake in the pack itself').",
        ),
        (line("[]"), "data must be an object, not a list: '[]'."),
        (
            line('{"channel": "office", "channel": "video"}'),
            "data has a field twice: 'channel'; say it once.",
        ),
        (
            line('{"channel": "office", "x": {"a": 1, "a": 2}}'),
            "data has a field twice: 'a'; say it once.",
        ),
        (
            line('{"channel": "office", "x": ' + "[" * 5_000 + "]" * 5_000 + "}"),
            "The event is nested too deeply.",
        ),
        (
            fee('{"amount": "0.1234567"}'),
            "data.amount can't be kept exactly: '0.1234567'; "
            "a decimal may have 32 digits before the point and 6 behind it.",
        ),
        (
            fee('{"amount": 1, "parts": {"a": "1e40"}}'),
            "data.parts can't be kept exactly: '1e40'; "
            "a decimal may have 32 digits before the point and 6 behind it.",
        ),
        (
            fee('{"amount": "NaN"}'),
            "data.amount can't be kept exactly: 'NaN'; "
            "a decimal may have 32 digits before the point and 6 behind it.",
        ),
        (
            fee('{"amount": "\\u0661\\u0662"}'),
            "data.amount must be written with the digits 0 to 9: '١٢'.",
        ),
        (fee('{"amount": "much"}'), "data.amount is no decimal number: 'much'."),
        (
            line('{"channel": "' + "x" * 100 + '"}'),
            f"data.channel is none of the values that it may have: '{'x' * 60}…'; "
            "one of office, video, fair.",
        ),
    ],
)
def test_what_is_unfit_is_told_in_a_sentence(intake: Intake, text: bytes, expected: str) -> None:
    """The sentence names the field, the value, and what to write instead."""
    assert reason(intake, text) == expected


@pytest.mark.parametrize(
    ("day", "start"),
    [
        ("2026-09-03", dt.datetime(2026, 9, 2, 22, tzinfo=dt.UTC)),
        ("2026-01-15", dt.datetime(2026, 1, 14, 23, tzinfo=dt.UTC)),
    ],
)
def test_a_bare_date_is_the_start_of_that_day(intake: Intake, day: str, start: dt.datetime) -> None:
    """The day starts in the organisation's time zone: Berlin, in summer and in winter."""
    (event,) = intake.admit(line(occurred_at=day, recorded_at=day)).events
    assert (event[5], event[6]) == (micros(start), micros(start))


def test_a_quarantined_pack_is_suspected(intake: Intake, registry: Registry) -> None:
    """Where a pack couldn't be loaded, an unknown type may be one of its own."""
    registry.add("broken", object())
    assert "it may belong to a quarantined pack (broken)" in reason(intake, line(type="zzz"))


def test_good_and_bad_lines_keep_their_numbers(intake: Intake) -> None:
    """Blank lines count as lines and are nothing else; the order is kept."""
    text = b"\n".join([line(id="a"), b"", b"oops", line(id="b", recorded_at="2026-09-01"), b"{}"])
    admission = intake.admit(text + b"\n", first=11)
    assert [event[0] for event in admission.events] == ["a", "b"]
    assert admission.lines == [11, 14]
    assert [(r.line, r.raw) for r in admission.rejections] == [(13, b"oops"), (15, b"{}")]


def test_an_object_over_two_lines_is_not_taken_for_one(intake: Intake) -> None:
    """Each line stands for itself: a pretty-printed event is told line by line."""
    text = line().replace(b', "data"', b',\n"data"')
    assert [r.line for r in intake.admit(text).rejections] == [1, 2]


def test_an_array_is_many_events_on_a_line(intake: Intake) -> None:
    """Its good items come in and its bad ones are rejected one by one."""
    admission = intake.admit(b"[" + line(id="a") + b", {}, " + cloud() + b"]")
    assert [event[0] for event in admission.events] == ["a", "c1"]
    assert admission.lines == [1, 1]
    assert [(r.line, r.raw) for r in admission.rejections] == [(1, b"{}")]


class TestCloudEvents:
    """CloudEvents 1.0 in JSON."""

    def test_attributes_become_fields(self, intake: Intake) -> None:
        """``time`` is when it occurred and ``subject`` the account."""
        (event,) = intake.admit(cloud(subject="acme", datacontenttype="application/json")).events
        at = micros(dt.datetime(2026, 9, 3, 10, tzinfo=dt.UTC))
        assert event == ("c1", "visit.noted", 1, "acme", None, at, None, "/crm", OFFICE)

    def test_extensions_say_more(self, intake: Intake) -> None:
        """``accountid`` wins over ``subject``; deliveries' own attributes are let pass."""
        text = cloud(
            '{"amount": 1}',
            type="fee.charged",
            subject="invoice 7",
            accountid="acme",
            managerid="kim",
            schemaversion=2,
            recordedtime="2026-09-03T11:00:00Z",
            traceparent="00-1",
        )
        (event,) = intake.admit(text).events
        recorded = micros(dt.datetime(2026, 9, 3, 11, tzinfo=dt.UTC))
        assert (event[2], event[3], event[4], event[6]) == (2, "acme", "kim", recorded)

    def test_a_subject_beside_a_manager_is_no_account(self, intake: Intake) -> None:
        """Who says ``managerid`` says ``accountid`` too where there is one."""
        text = cloud("{}", type="badge.lost", subject="badge 9", managerid="kim")
        assert [event[3] for event in intake.admit(text).events] == [None]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (
                cloud(specversion="0.3"),
                "A CloudEvent of this specversion isn't understood: '0.3'; send 1.0.",
            ),
            (
                cloud(time=None),
                "A CloudEvent must have a time: it says when the event occurred.",
            ),
            (
                cloud(datacontenttype="text/xml"),
                "A CloudEvent's data must be JSON: 'text/xml'; send application/json.",
            ),
            (
                cloud(data_base64="eA=="),
                "A CloudEvent's data must be JSON; send data, not data_base64.",
            ),
            (
                cloud(acountid="acme"),
                "A CloudEvent has no such attribute: 'acountid'; did you mean 'accountid'?",
            ),
            (cloud(id=None), "id is missing."),
            (cloud("{}"), "data.channel is missing."),
        ],
    )
    def test_what_is_unfit_is_told(self, intake: Intake, text: bytes, expected: str) -> None:
        """Each has its sentence."""
        assert reason(intake, text) == expected
