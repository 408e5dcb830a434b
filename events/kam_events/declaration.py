"""How a family declares its event types: the payload's docstring is the type's meaning."""

from __future__ import annotations

import msgspec

from kamengine.event import EventData, EventType, Presence, Upcast


class Family(msgspec.Struct, frozen=True):
    """Event types that belong together.

    Attributes:
        heading: What they are listed under.
    """

    heading: str

    def event(
        self,
        name: str,
        data: type[EventData],
        *,
        account: Presence = "required",
        manager: Presence = "optional",
        version: int = 1,
        upcasts: tuple[Upcast, ...] = (),
        merges_into: str | None = None,
        follows_merge: bool = True,
    ) -> EventType:
        """Declare an event type of this family; see `kamengine.event.EventType`."""
        return EventType(
            name=name,
            data=data,
            doc=" ".join((data.__doc__ or "").split("\n\n")[0].split()),
            family=self.heading,
            account=account,
            manager=manager,
            version=version,
            upcasts=upcasts,
            merges_into=merges_into,
            follows_merge=follows_merge,
        )
