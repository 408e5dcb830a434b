"""`kamengine events correct` and `retract`: say of an event that it was wrong."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
import msgspec

from kamengine.cli.context import App, pass_app
from kamengine.cli.output import Format, format_option, note, print_record
from kamengine.cli.stored import event_row, found
from kamengine.errors import EventError
from kamengine.vocabulary import AMENDING, EVENT_CORRECTED, EVENT_RETRACTED

if TYPE_CHECKING:
    from kamengine.log.contract import StoredEvent
    from kamengine.log.standing import Standing

SOURCE = "kamengine"

reason_option = click.option("--reason", required=True, help="Why; it stays in the log.")


@click.command()
@click.argument("event_id")
@reason_option
@format_option
@pass_app
def retract(app: App, event_id: str, reason: str, output: Format) -> None:
    """Retract an event: from the next replay on, it never was.

    A correction or retraction can be retracted too; what was before holds again.
    """
    event, standing = _target(app, event_id)
    if standing.status == "retracted":
        note(f"It is retracted already, by {standing.by}.")
        print_record(event_row(found(app, str(standing.by))), output)
        return
    _append(app, EVENT_RETRACTED.name, standing, {"target_id": event.id, "reason": reason}, output)


@click.command()
@click.argument("event_id")
@click.option("--data", required=True, help="The payload as it should be, whole; - reads stdin.")
@click.option(
    "--version",
    type=click.IntRange(min=1),
    help="The version of the event's type that the payload follows, if not the event's own.",
)
@reason_option
@format_option
@pass_app
def correct(
    app: App, event_id: str, data: str, version: int | None, reason: str, output: Format
) -> None:
    """Correct an event: from the next replay on, it says DATA.

    Its account, manager and time can't be corrected: retract it and append another.
    """
    event, standing = _target(app, event_id)
    if standing.status == "retracted" and event.type not in AMENDING:
        hint = f"retract its retraction {standing.by!r} first"
        raise EventError(
            "The event is retracted, and to correct it changes nothing", value=event_id, hint=hint
        )
    payload = _payload(sys.stdin.read() if data == "-" else data)
    if _same(payload, version or event.version, standing):
        note("It says so already; nothing was appended.")
        print_record(event_row(event, standing), output)
        return
    said: dict[str, object] = {"target_id": event.id, "data": payload, "reason": reason}
    if version is not None:
        said["version"] = version
    _append(app, EVENT_CORRECTED.name, standing, said, output)


def _target(app: App, event_id: str) -> tuple[StoredEvent, Standing]:
    from kamengine.log.standing import Standings

    event = found(app, event_id)
    return event, Standings(app.log).of(event)


def _payload(text: str) -> msgspec.Raw:
    try:
        return msgspec.Raw(msgspec.json.format(text, indent=-1).encode())
    except msgspec.DecodeError as error:
        raise click.BadParameter(f"It isn't JSON ({error}).", param_hint="--data") from error


def _same(payload: msgspec.Raw, version: int, standing: Standing) -> bool:
    from kamengine.log.content import same_payload

    return version == standing.version and same_payload(bytes(payload).decode(), standing.data)


def _append(
    app: App, type_name: str, standing: Standing, said: dict[str, object], output: Format
) -> None:
    """Append an amendment, under an id that names what it amends and how often that was done."""
    from kamengine.log.amendments import Amender

    times = 1 + sum(amendment.event.type == type_name for amendment in standing.amendments)
    verb = type_name.partition(".")[2]
    event_id = f"{said['target_id']}#{verb}" + (f"-{times}" if times > 1 else "")
    now = app.clock()
    line = {
        "id": event_id,
        "type": type_name,
        "occurred_at": now.isoformat(),
        "source": SOURCE,
        "data": said,
    }
    admission = app.intake.admit(msgspec.json.encode(line))
    for rejection in admission.rejections:
        raise rejection.error
    with app.log.transaction() as transaction:
        receipt = Amender(app.intake).append(transaction, admission.events)
    for refusal in receipt.refusals:
        raise refusal.error
    note("Appended; `kamengine replay` counts it.")
    print_record(event_row(found(app, event_id)), output)
