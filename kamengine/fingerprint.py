"""Short names that change when what they stand for does."""

from __future__ import annotations

import hashlib


def fingerprint(*parts: str) -> str:
    """Hash parts in order into a short name that changes when any of them does."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
