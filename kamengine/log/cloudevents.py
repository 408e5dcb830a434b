"""CloudEvents 1.0 in JSON, structured mode: how one becomes an event, and an event one.

``time`` is ``occurred_at`` and ``subject`` the account. Where the producer can, the extension
attributes ``accountid`` and ``managerid`` say it outright, ``schemaversion`` tells the version of
the payload, and ``recordedtime`` when the producer's system learnt of it. Other
extension attributes (``traceparent``, ``partitionkey``) concern the delivery and are not kept.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from kamengine.errors import EventError
from kamengine.log.contract import StoredEvent
from kamengine.log.instants import format_instant
from kamengine.suggestions import suggest

SPEC = "1.0"
DEFAULT_SOURCE = "kamengine"
KNOWN = {
    "specversion": None,
    "id": "id",
    "type": "type",
    "source": "source",
    "time": "occurred_at",
    "data": "data",
    "accountid": "account_id",
    "managerid": "manager_id",
    "schemaversion": "version",
    "recordedtime": "recorded_at",
    "subject": None,
    "datacontenttype": None,
    "dataschema": None,
}
"""Each attribute that is understood, and the envelope field that takes it as it is."""


class CloudEvent(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An event on its way out."""

    specversion: str
    id: str
    type: str
    source: str
    time: str
    subject: str | None = None
    accountid: str | None = None
    managerid: str | None = None
    schemaversion: Annotated[int, msgspec.Meta(ge=1)] = 1
    recordedtime: str | None = None
    datacontenttype: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"{}")


def to_envelope(given: dict[str, msgspec.Raw]) -> dict[str, msgspec.Raw]:
    """Turn the attributes of a CloudEvent into the fields of an event.

    Raises:
        EventError: It isn't of version 1.0, or lacks or holds what the log can't take.
    """
    _check_form(given)
    envelope = {
        field: given[attribute]
        for attribute, field in KNOWN.items()
        if field and attribute in given
    }
    if "subject" in given and not {"accountid", "managerid"} & given.keys():
        envelope["account_id"] = given["subject"]
    return envelope


def from_stored(event: StoredEvent) -> CloudEvent:
    """Turn an event of the log into a CloudEvent."""
    return CloudEvent(
        specversion=SPEC,
        id=event.id,
        type=event.type,
        source=event.source or DEFAULT_SOURCE,
        time=format_instant(event.occurred_at),
        subject=event.account_id,
        accountid=event.account_id,
        managerid=event.manager_id,
        schemaversion=event.version,
        recordedtime=format_instant(event.recorded_at),
        datacontenttype="application/json",
        data=msgspec.Raw(event.data.encode()),
    )


def _check_form(given: dict[str, msgspec.Raw]) -> None:
    version = msgspec.json.decode(given["specversion"])
    if version != SPEC:
        raise EventError(
            "A CloudEvent of this specversion isn't understood", value=version, hint=f"send {SPEC}"
        )
    if "data_base64" in given:
        raise EventError("A CloudEvent's data must be JSON", hint="send data, not data_base64")
    content = msgspec.json.decode(given.get("datacontenttype", msgspec.Raw(b"null")))
    if content is not None and not _is_json(str(content)):
        raise EventError(
            "A CloudEvent's data must be JSON", value=content, hint="send application/json"
        )
    if "time" not in given:
        raise EventError("A CloudEvent must have a time: it says when the event occurred")
    for attribute in given.keys() - KNOWN.keys():
        if near := suggest(attribute.replace("_", ""), ("accountid", "managerid", "subject")):
            raise EventError("A CloudEvent has no such attribute", value=attribute, hint=near)


def _is_json(content: str) -> bool:
    media = content.split(";", maxsplit=1)[0].strip().lower()
    return media.endswith(("/json", "+json"))
