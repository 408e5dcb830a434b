"""The log on stderr: what packs say through structlog."""

from __future__ import annotations

import logging
import sys


def configure(level: str) -> None:
    """Send the log to stderr: for people on a terminal, as JSON lines elsewhere.

    Where nothing has imported structlog there is nobody to log, and its import is spared.
    """
    if "structlog" not in sys.modules:
        return
    import structlog

    renderer: structlog.typing.Processor = structlog.processors.JSONRenderer()
    if sys.stderr.isatty():
        renderer = structlog.dev.ConsoleRenderer()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
    )
