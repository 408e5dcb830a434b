"""The mapping that ships with the example organisation, on rows made up in its form."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kamengine import plugins
from kamengine.config.example import copy_example
from kamengine.log.intake import Intake
from kamengine.mapping.declaration import Mapping
from kamengine.mapping.importing import MappedFile
from kamengine.mapping.outcome import outcomes
from kamengine.mapping.reading import read_mapping
from kamengine.mapping.row import Event

ACCOUNTS = """\
account,sector,year_established,revenue,employees,office_location,subsidiary_of
Fig & Sons,technolgy,1996,1.1,28,Philipines,
Oak,retail,1999,2.5,49,Kenya,Fig & Sons
"""
TEAMS = "sales_agent,manager,regional_office\nAnn Ash,Bo Birch,East\n"
PIPELINE = """\
opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value
W1,Ann Ash,GTXPro,Fig & Sons,Won,10/20/2016,3/1/2017,4500
L1,Ann Ash,MG Special,Oak,Lost,1/5/2017,1/31/2017,0
E1,Ann Ash,MG Special,,Engaging,12/1/2017,,
P1,Ann Ash,GTXPro,Oak,Prospecting,,,
"""


@pytest.fixture(scope="module")
def registry() -> plugins.Registry:
    return plugins.load()


@pytest.fixture(scope="module")
def shipped(registry: plugins.Registry, tmp_path_factory: pytest.TempPathFactory) -> Mapping:
    """The mapping as `init` gives it to a new workspace."""
    root = tmp_path_factory.mktemp("w") / "new"
    copy_example(root)
    mapping, found = read_mapping(root / "config/mappings/maven_crm.yaml", registry.event_types)
    assert mapping, found
    return mapping


def events(mapping: Mapping, file: Path, content: str) -> list[Event]:
    file.write_text(content)
    found = list(outcomes(file, mapping, ZoneInfo("UTC")))
    assert [o.error for o in found if o.error] == []
    return [event for outcome in found for event in outcome.events]


def test_accounts(shipped: Mapping, tmp_path: Path) -> None:
    """Accounts are named by slugs, misspelt words are mended, a parent is another account."""
    fig, oak = events(shipped, tmp_path / "accounts.csv", ACCOUNTS)
    assert fig["id"] == "maven_crm:account-fig-sons"
    assert fig["account_id"] == "fig-sons"
    assert fig["occurred_at"] == "2016-10-01"
    assert fig["data"] == {"name": "Fig & Sons", "industry": "technology", "region": "Philippines"}
    assert oak["data"] == {
        "name": "Oak",
        "industry": "retail",
        "region": "Kenya",
        "parent_account_id": "fig-sons",
    }


def test_teams(shipped: Mapping, tmp_path: Path) -> None:
    """A sales agent is a manager, in the team of the office and the agent's manager."""
    (ann,) = events(shipped, tmp_path / "sales_teams.csv", TEAMS)
    assert ann["manager_id"] == "ann-ash"
    assert ann["data"] == {"name": "Ann Ash", "team": "east-bo-birch", "hired_on": "2016-10-01"}


def test_pipeline(shipped: Mapping, tmp_path: Path) -> None:
    """Every opportunity is opened, closed ones are closed, and won ones bring revenue."""
    found = events(shipped, tmp_path / "sales_pipeline.csv", PIPELINE)
    assert [(e["id"], e["occurred_at"], e.get("account_id")) for e in found] == [
        ("maven_crm:deal-W1-opened", "2016-10-20", "fig-sons"),
        ("maven_crm:deal-W1-closed", "2017-03-01", "fig-sons"),
        ("maven_crm:deal-W1-revenue", "2017-03-01", "fig-sons"),
        ("maven_crm:deal-L1-opened", "2017-01-05", "oak"),
        ("maven_crm:deal-L1-closed", "2017-01-31", "oak"),
        ("maven_crm:deal-E1-opened", "2017-12-01", None),
        ("maven_crm:deal-P1-opened", "2017-12-31", "oak"),
    ]
    assert {e["manager_id"] for e in found} == {"ann-ash"}
    assert found[1]["data"] == {
        "deal_id": "W1",
        "outcome": "won",
        "amount": 4500,
        "products": {"GTX Pro": 4500},
    }
    assert found[2]["data"] == {
        "amount": 4500,
        "period_start": "2017-03-01",
        "period_end": "2017-03-02",
        "product": "GTX Pro",
        "order_id": "W1",
    }
    assert found[4]["data"] == {
        "deal_id": "L1",
        "outcome": "lost",
        "amount": 0,
        "products": {"MG Special": 0},
    }


def test_an_unknown_stage(shipped: Mapping, tmp_path: Path) -> None:
    """A stage that the mapping doesn't know is rejected, not taken for an open deal."""
    file = tmp_path / "sales_pipeline.csv"
    file.write_text(PIPELINE.replace("Lost", "Paused"))
    errors = [str(o.error) for o in outcomes(file, shipped, ZoneInfo("UTC")) if o.error]
    assert len(errors) == 1
    assert "column deal_stage: The value map doesn't name this: 'Paused'" in errors[0]


def test_the_log_takes_them(shipped: Mapping, registry: plugins.Registry, tmp_path: Path) -> None:
    """Every event of the mapping is fit for the log."""
    zone, spare = ZoneInfo("America/New_York"), tmp_path / "rejected"
    files = {"accounts.csv": ACCOUNTS, "sales_teams.csv": TEAMS, "sales_pipeline.csv": PIPELINE}
    taken = []
    for name, content in files.items():
        (tmp_path / name).write_text(content)
        file = MappedFile(tmp_path / name, shipped, zone, rejects=spare, spare=spare)
        (admission,) = file.admissions(Intake(registry, zone))
        assert [str(rejection.error) for rejection in admission.rejections] == []
        taken.append(len(admission.events))
    assert taken == [2, 1, 7]
