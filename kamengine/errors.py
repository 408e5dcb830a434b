"""One tree of errors. Each says what failed, with which value, where, and what to do next."""

from __future__ import annotations


class KamengineError(Exception):
    """The root of everything that kamengine raises on purpose.

    Args:
        what: What failed, as a clause without a full stop.
        value: The offending value, where there is one.
        where: File and line, event id, plugin or KPI: wherever the reader should look.
        hint: The next step, as a sentence without its full stop.
    """

    def __init__(
        self, what: str, *, value: object = None, where: str | None = None, hint: str | None = None
    ) -> None:
        self.what = what
        self.value = value
        self.where = where
        self.hint = hint
        super().__init__(what)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        value = f": {self.value!r}" if self.value is not None else ""
        hint = f"; {self.hint}" if self.hint else ""
        sentence = f"{place}{self.what}{value}{hint}"
        return sentence if sentence.endswith("?") else f"{sentence}."


class DefinitionError(KamengineError):
    """An event type, projection or KPI is declared in a way that can't work."""


class PluginError(KamengineError):
    """A pack can't be loaded."""


class EventError(KamengineError):
    """An event isn't fit for the log."""


class ConflictingEventError(EventError):
    """An event carries the id of another one with other content."""


class LogError(KamengineError):
    """The log can't be read or written."""


class CorruptLogError(LogError):
    """The log's hash chain doesn't hold."""


class ConfigError(KamengineError):
    """A workspace's YAML says something that can't be followed."""


class PeriodError(KamengineError):
    """A period or a date isn't written in a form that kamengine knows."""


class ReplayError(KamengineError):
    """A replay can't be carried through; the state before it stands."""


class WorkspaceError(KamengineError):
    """A folder isn't a workspace, or lacks what was asked of it."""


class UnknownNameError(KamengineError):
    """A KPI, event type, account or period is asked for that nobody registered."""


class MappingError(KamengineError):
    """A mapping file can't turn rows into events."""


class ReportError(KamengineError):
    """A report can't be made or written."""
