"""What must hold of a pack, and which badge each check is needed for."""

from __future__ import annotations

from kamengine.checking.finding import Check

CHECKS = (
    Check(name="loading", badge="bronze", holds="The pack is loaded, not quarantined."),
    Check(
        name="contract",
        badge="bronze",
        holds="The pack states the version of the contract that it is written for. What it relies"
        " on that will go is told as a warning, with what replaces it, and costs no badge yet.",
    ),
    Check(
        name="declaration",
        badge="bronze",
        holds="Every declaration is complete: a name in form, a meaning in one sentence, a title,"
        " a unit, what a ratio divides by, a projection's key.",
    ),
    Check(
        name="parameters",
        badge="bronze",
        holds="Every parameter has a type that SQL can be given exactly, a meaning, and a use.",
    ),
    Check(
        name="surroundings",
        badge="bronze",
        holds="No Python of the pack reads the clock, chance or the network. (SQL that does isn't"
        " even loaded.)",
    ),
    Check(
        name="binding",
        badge="bronze",
        holds="All SQL binds against the declared event types and projections.",
    ),
    Check(
        name="evidence",
        badge="bronze",
        holds="Every KPI's query returns the columns of evidence, of their types, exact ones for"
        " amounts.",
    ),
    Check(
        name="computing",
        badge="bronze",
        holds="Every definition can be computed over thousands of invented events.",
    ),
    Check(
        name="keys",
        badge="bronze",
        holds="No projection has two rows of a key, over the same events.",
    ),
    Check(
        name="documentation",
        badge="silver",
        holds="Every KPI's documentation is in form: meaning, inputs, shape, unit, empty and null"
        " rule, source, example.",
    ),
    Check(
        name="portability",
        badge="silver",
        holds="All SQL runs on Spark as well, or its definition says why not.",
    ),
    Check(
        name="cases",
        badge="silver",
        holds="Every KPI has hand-worked cases, and they pass.",
    ),
    Check(
        name="parts",
        badge="silver",
        holds="Values are the same for all events at once, account by account, and batch by batch.",
    ),
    Check(
        name="order",
        badge="silver",
        holds="Values are the same in whatever order events come in.",
    ),
    Check(
        name="independence",
        badge="gold",
        holds="A query written independently of each KPI leads to the same numbers.",
    ),
)
"""What must hold, the badge that it is needed for, in the order in which it is looked at."""
