"""Isn't Python."""

from __future__ import annotations

compile("def broken(:", __file__, "exec")
