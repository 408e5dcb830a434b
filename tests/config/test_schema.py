"""The JSON Schemas that editors check the YAML by: complete, explained, and of one mind with us."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

from docs.generate import shipped
from kamengine.cli.schema import text
from kamengine.config.folder import SHAPES, load_organisation
from kamengine.config.schema import DIALECT, FOLDER, described, schemas
from kamengine.kpi import Params
from kamengine.plugins import Registry
from tests.config.test_complaints import CARD, MISTAKES, ORGANISATION

EXAMPLE = Path(__file__).parents[2] / "config"
BETWEEN_SETTINGS = {
    "floor above target",
    "floor below target, lower is better",
    "stretch short of target",
    "stretch at target",
    "band out of order",
    "target and band",
    "target where a band is best",
    "percent sign forgotten",
    "percent sign too much",
    "city for a time zone",
    "time zone",
    "weights all 0",
    "no target",
    "rule for managers",
    "accounts and tier",
    "both are for all",
    "removal of what no scorecard has",
    "added and removed",
    "change of nothing",
    "no author",
    "no end",
    "ends before it begins",
    "a scorecard that never holds",
    "two goals at a time",
    "two weights at a time",
    "no weight at all",
    "one of several goals out of order",
    "bands without tenure",
    "no relationship KPI",
    "a tenure that is none",
    "colours out of order",
    "two overrides equally near",
    "thousands",  # 1_000 is a number to YAML 1.1, and none to us
    "date",  # a matter of the format, which not every editor checks
}
"""Mistakes that one value alone doesn't show: `config check` tells them."""


class Plain(yaml.SafeLoader):
    """Reads YAML as editors do: a date is its text, and so is a yes or a no."""


Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(("timestamp", "bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Plain.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


def plain(written: str) -> Any:
    return yaml.load(written, Loader=Plain)


@pytest.fixture(scope="module")
def real() -> Registry:
    return shipped()


@pytest.fixture(scope="module")
def validators(real: Registry) -> dict[str, jsonschema.Draft202012Validator]:
    organisation = load_organisation(EXAMPLE, real)
    return {
        name: jsonschema.Draft202012Validator(schema)
        for name, schema in schemas(real, organisation).items()
    }


def faults(validator: jsonschema.Draft202012Validator, written: str) -> list[str]:
    return [error.message for error in validator.iter_errors(plain(written))]


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping in a schema."""
    if isinstance(schema, dict):
        yield schema
        for inner in schema.values():
            yield from nodes(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from nodes(inner)


@pytest.mark.parametrize("name", SHAPES)
def test_each_is_a_schema(name: str, validators: dict[str, Any]) -> None:
    """It follows the dialect that it names."""
    schema = validators[name].schema
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == DIALECT


@pytest.mark.parametrize("name", SHAPES)
def test_every_key_is_described(name: str, validators: dict[str, Any]) -> None:
    """An editor can say of each key what it is for."""
    keys = [
        (key, told.get("description", ""))
        for node in nodes(validators[name].schema)
        if isinstance(node.get("properties"), dict)
        for key, told in node["properties"].items()
        if isinstance(told, dict)
    ]
    assert len(keys) > 5
    assert [key for key, told in keys if len(told) < 10] == []


@pytest.mark.parametrize(
    "file", sorted(f for f in EXAMPLE.rglob("*.yaml") if "mappings" not in f.parts), ids=str
)
def test_the_example_refers_to_its_schema_and_follows_it(
    file: Path, validators: dict[str, Any]
) -> None:
    """The first line names a schema that is there, and nothing in the file is against it."""
    first = file.read_text().splitlines()[0]
    reference = first.removeprefix("# yaml-language-server: $schema=")
    schema = (file.parent / reference).resolve()

    assert schema.parent == EXAMPLE / FOLDER
    assert schema.is_file()
    assert faults(validators[schema.stem], file.read_text()) == []


def test_the_schemas_beside_the_example_are_of_this_day(real: Registry) -> None:
    """`kamengine config schema --write -w .` keeps them so."""
    organisation = load_organisation(EXAMPLE, real)
    for name, schema in schemas(real, organisation).items():
        assert (EXAMPLE / FOLDER / f"{name}.json").read_text() == text(schema), name


@pytest.mark.parametrize("mistake", sorted(MISTAKES.keys() - BETWEEN_SETTINGS))
def test_an_editor_finds_what_one_value_shows(mistake: str, validators: dict[str, Any]) -> None:
    """What `config check` refuses for the word alone, the schema refuses too."""
    name, written, _, _ = MISTAKES[mistake]
    try:
        found = faults(validators[name], written)
    except yaml.YAMLError:
        return  # no YAML at all: editors say so themselves
    assert found or mistake == "duplicate key"


GOOD = {
    "organisation": f"{ORGANISATION}as_of: 2026-06-30\ntiers: [A, 1]\nsegments: no\n",
    "kpis": "nps:\ncsat: {target: {floor: 50.5%, target: 0.8}, note: n}\n"
    "sales_revenue:\n  min_count: 3\n  target:\n    - {floor: 0, target: 1}\n"
    "    - {period: 2026, from: 2026-01-01, floor: 0, target: 2}\n"
    "number_of_contacts: {params: {days: 90}}\n",
    "scorecards": f"{CARD}    csat: 5\n"
    "    win_rate: {weight: [3, {weight: 4, from: 2026-01-01}]}\n"
    "  for: [account, manager]\n  audience: client-facing\n  missing: zero\n"
    "  applies_to: {accounts: [acme, 17]}\n  weigh_by: tenure\n"
    "  tenure_bands: [{from_month: 0, relationship: 40, revenue: 30, retention: 30}]\n",
    "overrides": "x:\n  applies_to: {tier: A, tenure: {before_month: 18}}\n  author: D\n"
    "  until: 2027-01-01\n  remove: {nps: why, csat: {reason: why, until: 2026-01-01}}\n",
    "accounts": "acme:\n  add: {nps: {weight: 1, reason: a, author: b, until: 2027-01-01}}\n",
    "managers": "kim:\n  for: manager\n  change: {nps: {weight: 0, reason: a}}\n"
    "  audience: internal\n",
}


@pytest.mark.parametrize("name", GOOD)
def test_every_way_of_writing_is_allowed(name: str, validators: dict[str, Any]) -> None:
    """Short forms, lists of one, ratios with and without their sign, days, empty entries."""
    assert faults(validators[name], GOOD[name]) == []


def test_descriptions_come_from_docstrings() -> None:
    """Of the struct and of those that it inherits from, on one line each."""

    class Base(Params, frozen=True):
        """Something.

        Attributes:
            days: How many
                days.
        """

        days: int = 1

    class Other(Base, frozen=True):
        """Something else.

        Attributes:
            since: ``from``: the first ``day``.

        More of it.
        """

        since: int = msgspec.field(name="from", default=1)

    assert described(Other) == {"days": "How many days.", "since": "The first `day`."}


def test_the_text_is_json_that_ends_in_a_line_break(validators: dict[str, Any]) -> None:
    """What is written can be read by anything."""
    written = text(validators["kpis"].schema)
    assert written.endswith("}\n")
    assert json.loads(written) == validators["kpis"].schema
