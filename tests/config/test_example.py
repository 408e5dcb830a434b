"""The example organisation is sound, and `init` copies it and nothing else."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from kamengine.config.example import copy_example
from kamengine.config.folder import load, read
from kamengine.config.resolution import resolve
from kamengine.config.rules import Subject
from kamengine.config.section import When
from kamengine.errors import WorkspaceError
from kamengine.plugins import Registry

EXAMPLE = Path(__file__).parents[2] / "config"
WHEN = When(day=dt.date(2026, 6, 30))


def test_the_example_is_without_complaint(registry: Registry) -> None:
    """What everybody starts from must not need mending."""
    assert [str(c) for c in read(EXAMPLE, registry).complaints] == []


@pytest.mark.parametrize("segment", ["enterprise", "mid-market", "small"])
@pytest.mark.parametrize("tier", ["A", "B", "C"])
def test_every_account_of_the_example_has_its_vital_few(
    tier: str, segment: str, registry: Registry
) -> None:
    """Whatever its tier and segment, an account has 8 to 10 KPIs whose weights make 100."""
    attributes = {"tier": tier, "segment": segment}
    resolved = resolve(
        load(EXAMPLE, registry), registry, Subject(id="x", attributes=attributes), WHEN
    )

    assert 8 <= len(resolved.kpis) <= 10
    assert sum(kpi.weight for kpi in resolved.kpis) == 100
    assert all(kpi.goal for kpi in resolved.kpis)


@pytest.mark.parametrize("carrier", ["manager", "team", "organisation"])
def test_managers_teams_and_the_whole_have_their_vital_few(
    carrier: str, registry: Registry
) -> None:
    """The other scorecards of the example hold 8 to 10 KPIs that count for 100 as well."""
    subject = Subject(id="x", type=carrier)  # type: ignore[arg-type]
    resolved = resolve(load(EXAMPLE, registry), registry, subject, WHEN)

    assert 8 <= len(resolved.kpis) <= 10
    assert sum(kpi.weight for kpi in resolved.kpis) == 100


def test_a_new_workspace_holds_the_example_and_nothing_else(tmp_path: Path) -> None:
    """Byte for byte, and no database yet."""
    root = tmp_path / "deep" / "ws"
    copied = copy_example(root)

    found = sorted(p for p in root.rglob("*") if p.is_file())
    assert found == sorted(copied)
    assert {p.relative_to(root / "config"): p.read_bytes() for p in found} == {
        p.relative_to(EXAMPLE): p.read_bytes() for p in EXAMPLE.rglob("*") if p.is_file()
    }


def test_now_can_be_pinned_in_the_copy(tmp_path: Path, registry: Registry) -> None:
    """A demonstration's history stands still, so its "now" must too."""
    copy_example(tmp_path / "ws", as_of=dt.date(2025, 3, 31))

    config = load(tmp_path / "ws" / "config", registry)
    assert config.organisation.as_of == dt.date(2025, 3, 31)


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_place_that_is_taken_is_refused_and_left_alone(kind: str, tmp_path: Path) -> None:
    """Nothing of anybody's is overwritten or mixed with."""
    root = tmp_path / "ws"
    if kind == "file":
        root.write_text("mine")
    else:
        (root / "mine").mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))

    with pytest.raises(WorkspaceError, match=r"empty folder.*ws"):
        copy_example(root)
    assert sorted(tmp_path.rglob("*")) == before
