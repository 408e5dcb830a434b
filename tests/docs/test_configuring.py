"""What the guide to the YAML shows can be written so."""

from __future__ import annotations

from pathlib import Path

from docs.generate import shipped
from kamengine.config.folder import FILES, read
from tests.docs.blocks import ROOT, blocks

GUIDE = ROOT / "docs" / "configuring.md"
ORGANISATION = "name: Acme\nreporting_currency: EUR\ntime_zone: UTC\n"


def test_each_example_can_be_followed(tmp_path: Path) -> None:
    """Each in place of the example's file of that name, beside what it rests on."""
    registry = shipped()
    shown = [block for block in blocks(GUIDE) if block.language == "yaml"]
    assert {block.file for block in shown} == {"scorecards.yaml", "accounts.yaml", "kpis.yaml"}
    example = {name: (ROOT / "config" / name).read_text() for name in FILES[1:3]}
    for block in shown:
        rests_on = {"kpis.yaml": {}, "scorecards.yaml": {"kpis.yaml": example["kpis.yaml"]}}
        beside = rests_on.get(block.file or "", example)
        files = {"organisation.yaml": ORGANISATION, **beside, str(block.file): block.text}
        for name in FILES:
            (tmp_path / name).write_text(files.get(name, ""))
        assert [str(c) for c in read(tmp_path, registry).complaints] == [], block.text


def test_every_file_is_in_the_guide() -> None:
    """The table at its beginning names them all."""
    told = GUIDE.read_text("utf-8")
    assert [name for name in FILES if f"`{name}`" not in told] == []
