from __future__ import annotations

from tests.kpis.conftest import courier, registry, simulated

__all__ = ["courier", "registry", "simulated"]
