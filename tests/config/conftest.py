"""A registry of KPIs as the catalogue has them, and a folder to write config into."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from kam_revenue.product_mix import TargetMix
from kam_revenue.sales_sources import Quotas
from kamengine.config.folder import Reading, read
from kamengine.kpi import KPI, Direction, Params, Ratio
from kamengine.plugins import Pack, Registry

ORGANISATION = "name: Acme\nreporting_currency: EUR\ntime_zone: Europe/Berlin\n"

CATALOGUE: dict[str, tuple[str, Direction]] = {
    "contact_gap_days": ("days", "lower"),
    "customer_interaction_time": ("hours/account/month", "higher"),
    "inbound_interaction_share": ("%", "higher"),
    "number_of_contacts": ("count", "higher"),
    "touches_to_closure": ("touches/deal", "lower"),
    "opportunity_conversion_rate": ("%", "higher"),
    "win_rate": ("%", "higher"),
    "time_to_close": ("days", "lower"),
    "time_to_close_p50": ("days", "lower"),
    "time_to_close_p90": ("days", "lower"),
    "sales_revenue": ("money", "higher"),
    "revenue_per_account": ("money/account", "higher"),
    "nps": ("points", "higher"),
    "csat": ("%", "higher"),
    "issue_resolution_time": ("hours", "lower"),
    "customer_churn_rate": ("%", "lower"),
    "retention_rate": ("%", "higher"),
    "contract_renewal_rate": ("%", "higher"),
    "contract_renewal_rate_no_rebid": ("%", "higher"),
    "gross_revenue_retention": ("%", "higher"),
    "net_revenue_retention": ("%", "higher"),
    "customer_lifetime_value": ("money", "higher"),
    "key_account_score": ("points", "higher"),
    "quota_attainment": ("%", "higher"),
    "product_mix_alignment": ("index", "higher"),
    "new_to_repeat_sales_ratio": ("ratio", "band"),
}

RELATIONSHIP = (
    "contact_gap_days",
    "customer_interaction_time",
    "inbound_interaction_share",
    "number_of_contacts",
)


class LifetimeParams(Params, frozen=True, kw_only=True):
    horizon_years: int = 10
    discount: Decimal = Decimal("0")
    channels: tuple[str, ...] = ("email", "call")
    capped: bool = True

    def __post_init__(self) -> None:
        if self.horizon_years < 1:
            raise ValueError(f"`horizon_years` is {self.horizon_years}; it must be at least 1")


PARAMS: dict[str, Params] = {
    "customer_lifetime_value": LifetimeParams(horizon_years=12),
    "quota_attainment": Quotas(),
    "product_mix_alignment": TargetMix(),
}


@pytest.fixture(scope="session")
def registry() -> Registry:
    registry = Registry()
    for name, (unit, better) in CATALOGUE.items():
        registry.kpis[name] = KPI(
            id=name,
            version=1,
            title=name.replace("_", " ").capitalize(),
            doc="A measure.",
            family="relationship" if name in RELATIONSHIP else "revenue",
            timing="lagging",
            unit=unit,
            better=better,
            value=Ratio(),
            params=PARAMS.get(name, Params()),
        )
    return registry


@pytest.fixture
def broken_registry(registry: Registry) -> Registry:
    broken = Registry()
    broken.kpis = {"nps": registry.kpis["nps"]}
    broken.packs = [
        Pack(name="kam_extra", distribution="x", version="1", status="quarantined", reason="no")
    ]
    return broken


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write the files of a config folder; `organisation` is a sound one unless given."""

    def write_files(**files: str) -> Path:
        for name, text in {"organisation": ORGANISATION, **files}.items():
            file = tmp_path / f"{name.replace('__', '/')}.yaml"
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="")
        return tmp_path

    return write_files


@pytest.fixture
def reading(write: Callable[..., Path], registry: Registry) -> Callable[..., Reading]:
    """Write the files of a config folder and read it."""
    return lambda **files: read(write(**files), registry)
