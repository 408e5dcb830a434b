"""Is written for a contract of the future, and can't even be imported."""

from __future__ import annotations

import importlib

kamengine_api = "3.1"

importlib.import_module("kamengine.wonders")
