"""The guide to importing: its example is true, and it leaves out no key."""

from __future__ import annotations

import json
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from kamengine import plugins
from kamengine.log.export import line_of
from kamengine.log.intake import Intake
from kamengine.mapping.declaration import Condition, EventRule, Format, Mapping, Skip, Source
from kamengine.mapping.field import Entry, Field, Number, Part
from kamengine.mapping.importing import MappedFile
from kamengine.mapping.reading import read_mapping

GUIDE = (Path(__file__).parents[2] / "docs" / "importing.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    assert found
    return found[1]


def test_the_example(tmp_path: Path) -> None:
    """The guide's file, through the guide's mapping, gives the guide's event."""
    registry, zone = plugins.load(), ZoneInfo("UTC")
    (tmp_path / "crm.yaml").write_text(block("yaml"))
    (tmp_path / "deals-2026.csv").write_text(block("csv"))
    mapping, found = read_mapping(tmp_path / "crm.yaml", registry.event_types)
    assert mapping, found
    spare = tmp_path / "rejected"
    file = MappedFile(tmp_path / "deals-2026.csv", mapping, zone, rejects=spare, spare=spare)
    (admission,) = file.admissions(Intake(registry, zone))
    assert admission.rejections == []
    assert json.loads(line_of(admission.events[0])) == json.loads(block("json"))
    assert len(admission.events) == 2


@pytest.mark.parametrize(
    "part", [Condition, Entry, EventRule, Field, Format, Mapping, Number, Skip, Source]
)
def test_every_key_is_in_the_guide(part: type[Part]) -> None:
    """A key that a mapping may have is written about."""
    names = [field.encode_name for field in msgspec.structs.fields(part)]
    missing = [n for n in names if not re.search(rf"[`{{, ]{n}[`:]", GUIDE)]
    assert missing == []
