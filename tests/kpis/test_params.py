"""Settings of KPIs that can't be followed are refused where they are read."""

from __future__ import annotations

import msgspec
import pytest

from kam_business.key_account_score import KeyAccountScoreParams
from kam_retention.csat import CsatParams
from kam_revenue.product_utilisation import UnderUse


@pytest.mark.parametrize(
    ("top_box", "complaint"),
    [
        ({}, "must name at least one scale"),
        ({"1-5": 4}, "'1-5' where a scale such as `1 to 5` must be"),
        ({"one to five": 4}, "'one to five' where a scale"),
        ({"1 to 5": 6}, "`top_box` of 1 to 5 is 6"),
        ({"1 to 5": 1}, "`top_box` of 1 to 5 is 1"),
        ({"1 to 5": "NaN"}, "`top_box` of 1 to 5 is NaN; it must be above 1 and at most 5"),
        ({"1 to 5": "many"}, "Invalid decimal string"),
    ],
)
def test_csat_refuses_a_map_that_says_nothing(top_box: object, complaint: str) -> None:
    """A scale that isn't one, or an answer that isn't on it, is named in the complaint."""
    with pytest.raises(msgspec.ValidationError, match=complaint):
        msgspec.convert({"top_box": top_box}, CsatParams)


@pytest.mark.parametrize(
    ("weights", "complaint"),
    [
        ({"growth": -1}, "the weight -1 of 'growth' must lie between 0 and 1000000"),
        ({"growth": 1_000_001}, "the weight 1000001 of 'growth'"),
        ({"growth": "0.0000001"}, "at most 6 digits after the point"),
        ({"growth": "NaN"}, "the weight NaN of 'growth'"),
        ({"growth": "heavy"}, "Invalid decimal string"),
    ],
)
def test_a_weight_must_be_one(weights: object, complaint: str) -> None:
    """A weight that no sum could hold exactly is named in the complaint."""
    with pytest.raises(msgspec.ValidationError, match=complaint):
        msgspec.convert({"weights": weights}, KeyAccountScoreParams)


@pytest.mark.parametrize("threshold", [0, "-0.1", "1.1", "NaN"])
def test_a_threshold_is_a_share(threshold: object) -> None:
    """A product can't be used less than not at all, nor must it be used more than wholly."""
    with pytest.raises(msgspec.ValidationError, match="above 0 and at most 1"):
        msgspec.convert({"threshold": threshold}, UnderUse)


def test_weights_and_maps_may_be_written_as_plain_numbers() -> None:
    """YAML's integers and floats are taken as the decimals that they were written as."""
    weights = msgspec.convert({"weights": {"growth": 3, "size": 0.1}}, KeyAccountScoreParams)
    assert {k: str(v) for k, v in weights.weights.items()} == {"growth": "3", "size": "0.1"}
