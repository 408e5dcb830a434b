"""Definitions written down whole, and read back."""

from __future__ import annotations

import msgspec
import pytest

from kamengine.engine import decode
from kamengine.errors import DefinitionError
from kamengine.event import EventType
from kamengine.history.declared import alike, definitions_of, described, restored
from kamengine.kpi import KPI
from kamengine.plugins import Registry, load
from tests.bakery import TURNOVER, registry_of


@pytest.mark.parametrize("registry", [load(), registry_of()], ids=["shipped", "bakery"])
def test_every_definition_comes_back_as_it_was(registry: Registry) -> None:
    """Through JSON and back it decodes, reads and computes the same."""
    for (sort, name), definition in definitions_of(registry).items():
        content = msgspec.json.decode(msgspec.json.encode(described(definition)))
        back = restored(sort, content)
        assert described(back) == content, name
        if isinstance(definition, EventType):
            assert isinstance(back, EventType)
            same = decode.schema_fingerprint(back) == decode.schema_fingerprint(definition)
            assert same, name
        elif isinstance(definition, KPI):
            assert isinstance(back, KPI)
            assert msgspec.structs.replace(back, params=definition.params) == definition, name
            params = msgspec.structs.asdict(definition.params)
            assert msgspec.structs.asdict(back.params) == params, name
        else:
            assert back == definition


def test_layout_and_words_mean_nothing() -> None:
    """Comments, case, layout and the title don't make another definition; a number does."""
    same = msgspec.structs.replace(
        TURNOVER, title="Money", sql=TURNOVER.sql.replace("\n", "\n  -- so\n").lower()
    )
    other = msgspec.structs.replace(TURNOVER, sql=TURNOVER.sql.replace("amount", "2 * amount"))
    assert alike(described(TURNOVER), described(same))
    assert not alike(described(TURNOVER), described(other))


def test_what_can_t_be_read_is_told() -> None:
    """A record of a newer kamengine names the definition, and what to do."""
    content = described(TURNOVER) | {"value": {"type": "Sorcery"}}
    with pytest.raises(DefinitionError, match="turnover"):
        restored("kpi", content)
