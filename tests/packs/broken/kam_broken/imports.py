"""Needs what isn't installed."""

from __future__ import annotations

import importlib

importlib.import_module("nobody_ever_wrote_this")
