"""Relationship: how close we are to the customer, and how close they are to us."""

from __future__ import annotations

from collections.abc import Iterable

from kam_relationship.contact_gap import CONTACT_GAP_DAYS, KEY_CONTACT_GAP_DAYS
from kam_relationship.effort_outcome_gap import EFFORT_OUTCOME_GAP
from kam_relationship.inbound_share import INBOUND_INTERACTION_SHARE
from kam_relationship.interaction_time import CUSTOMER_INTERACTION_TIME
from kam_relationship.number_of_contacts import NUMBER_OF_CONTACTS
from kamengine.hookspecs import hookimpl
from kamengine.kpi import KPI


@hookimpl
def kamengine_kpis() -> Iterable[KPI]:
    """Register the relationship KPIs."""
    return (
        CONTACT_GAP_DAYS,
        KEY_CONTACT_GAP_DAYS,
        CUSTOMER_INTERACTION_TIME,
        EFFORT_OUTCOME_GAP,
        INBOUND_INTERACTION_SHARE,
        NUMBER_OF_CONTACTS,
    )
