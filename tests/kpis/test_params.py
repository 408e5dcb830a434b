"""Settings of KPIs that can't be followed are refused where they are read."""

from __future__ import annotations

import msgspec
import pytest

from kam_business.key_account_score import KeyAccountScoreParams
from kam_relationship.account_engagement import TouchTargets
from kam_retention.competitor_response import Promise
from kam_retention.csat import CsatParams
from kam_retention.defection_risk import Alarm
from kam_revenue.expansion import Likelihood
from kam_revenue.leads import Ripening
from kam_revenue.product_mix import TargetMix
from kam_revenue.product_utilisation import UnderUse
from kam_revenue.sales_sources import Quotas
from kamengine import Params


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


@pytest.mark.parametrize(
    ("params", "settings", "complaint"),
    [
        (Likelihood, {"threshold": "1.1"}, "the threshold 1.1 must lie between 0 and 1"),
        (Likelihood, {"threshold": "NaN"}, "the threshold NaN"),
        (Quotas, {"monthly": {"kim": -1}}, "the quota -1 of 'kim' must lie between 0 and"),
        (Quotas, {"monthly": {"kim": "0.0000001"}}, "at most 6 digits after the point"),
        (TargetMix, {"shares": {"crm": "0.5", "erp": "0.4"}}, "add up to 0.9; they must add up"),
        (TargetMix, {"shares": {"crm": 2, "erp": -1}}, "the share 2 of 'crm' must lie between"),
        (TargetMix, {"shares": {"crm": "Infinity"}}, "the share Infinity of 'crm'"),
        (Ripening, {"days": 0}, "`days` is 0; it must lie between 1 and 3650"),
    ],
)
def test_settings_of_sales_must_make_sense(
    params: type[Params], settings: object, complaint: str
) -> None:
    """What no sale could be measured by is named in the complaint."""
    with pytest.raises(msgspec.ValidationError, match=complaint):
        msgspec.convert(settings, params)


@pytest.mark.parametrize(
    ("targets", "complaint"),
    [
        ({"targets": {"A": 0}}, "the target 0 of 'A' must lie between 0.000001 and 1000"),
        ({"other": 1_001}, "the target 1001 of 'other'"),
        ({"targets": {"A": "0.0000015"}}, "at most 6 digits after the point"),
        ({"other": "NaN"}, "the target NaN of 'other'"),
    ],
)
def test_a_touch_target_must_be_one(targets: object, complaint: str) -> None:
    """A target that nothing could be held against is named in the complaint."""
    with pytest.raises(msgspec.ValidationError, match=complaint):
        msgspec.convert(targets, TouchTargets)


@pytest.mark.parametrize("threshold", [0, "-0.1", "1.1", "NaN"])
def test_a_threshold_is_a_share(threshold: object) -> None:
    """A product can't be used less than not at all, nor must it be used more than wholly."""
    with pytest.raises(msgspec.ValidationError, match="above 0 and at most 1"):
        msgspec.convert({"threshold": threshold}, UnderUse)


def test_weights_and_maps_may_be_written_as_plain_numbers() -> None:
    """YAML's integers and floats are taken as the decimals that they were written as."""
    weights = msgspec.convert({"weights": {"growth": 3, "size": 0.1}}, KeyAccountScoreParams)
    assert {k: str(v) for k, v in weights.weights.items()} == {"growth": "3", "size": "0.1"}


def test_a_promise_is_no_time_in_the_past() -> None:
    """Hours to respond in can't be negative; none at all is a promise too."""
    with pytest.raises(msgspec.ValidationError, match="`sla_hours` is -1; it must be 0 or more"):
        msgspec.convert({"sla_hours": -1}, Promise)
    assert msgspec.convert({"sla_hours": 0}, Promise).sla_hours == 0


@pytest.mark.parametrize("likelihood", ["-0.1", "1.1", "NaN"])
def test_a_likelihood_is_a_share(likelihood: str) -> None:
    """What lies outside of 0 to 1 is named in the complaint."""
    with pytest.raises(msgspec.ValidationError, match=f"`likelihood` is {likelihood}; it must lie"):
        msgspec.convert({"likelihood": likelihood}, Alarm)
