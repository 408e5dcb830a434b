"""The worked cases, the documentation's form, and a story of one visit."""

from __future__ import annotations

import pytest
from kamengine.testing.documentation import faults_of_pack


@pytest.mark.kam_cases("kam_acme")
def test_the_worked_cases(kam_case):
    """The engine's values are those worked out by hand."""
    assert kam_case == []


def test_every_kpi_says_what_it_is(kam_registry):
    """No part of the documentation is missing."""
    assert faults_of_pack(kam_registry, "kam_acme") == {}


def test_a_visit_counts_for_the_manager_who_made_it(kam):
    """Whoever owns the account, the visitor's time is the visitor's."""
    kam.given(
        {
            "type": "acme_visit.logged",
            "account_id": "bolt",
            "manager_id": "kim",
            "occurred_at": "2026-07-02",
            "data": {"visit_id": "v1", "minutes": 60},
        }
    ).as_of("2026-09-30")
    kam.then("acme_visit_hours", by="manager", subject="kim", period="2026-Q3", value=1)
    kam.then("acme_visit_hours", by="manager", subject="lee", period="2026-Q3", value=0)
