"""The config folder of a workspace: which files it holds, and reading them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from kamengine.config.changes import AccountSettings, ManagerSettings, Override
from kamengine.config.checks import check_each, check_organisation, check_together
from kamengine.config.complaint import Complaint, Place, Problem, complain
from kamengine.config.document import Document
from kamengine.config.files import ConfigFiles, gather
from kamengine.config.model import (
    Config,
    KPISettings,
    Organisation,
    Programme,
    ScorecardSettings,
)
from kamengine.config.reader import Path as SettingPath
from kamengine.config.reader import Reader
from kamengine.config.section import KPIId
from kamengine.config.words import checks, one_of
from kamengine.errors import ConfigError
from kamengine.plugins import Registry
from kamengine.suggestions import suggest

FOLDERS = ("accounts", "managers")
"""What may be written in one file, or in a folder of that name with a file for each."""

SHAPES: dict[str, Any] = {
    "organisation": Organisation,
    "kpis": dict[KPIId, KPISettings],
    "scorecards": dict[str, ScorecardSettings],
    "overrides": dict[str, Override],
    "accounts": dict[str, AccountSettings],
    "managers": dict[str, ManagerSettings],
}
"""What each file holds, by its name without the ending."""

FILES = tuple(f"{name}.yaml" for name in SHAPES)


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What came of reading a config folder.

    Attributes:
        config: None where there are errors.
        complaints: By file and line; warnings too.
    """

    config: Config | None
    complaints: tuple[Complaint, ...]

    @property
    def errors(self) -> tuple[Complaint, ...]:
        """The complaints that must be mended before anything is scored."""
        return tuple(c for c in self.complaints if c.severity == "error")

    def with_more(self, complaints: Iterable[Complaint]) -> Reading:
        """Return the same with more complaints, sorted among the others."""
        everything = _sorted([*self.complaints, *complaints])
        return Reading(config=self.config, complaints=everything)


def load(folder: Path | ConfigFiles, registry: Registry) -> Config:
    """Read a config folder for use.

    Raises:
        ConfigError: It can't be read, or something in it can't be followed; the first
            complaint, with how many more there are.
    """
    reading = read(folder, registry)
    if reading.config is not None:
        return reading.config
    raise _first_of(reading)


def load_organisation(folder: Path | ConfigFiles, registry: Registry) -> Organisation:
    """Read ``organisation.yaml`` alone: what events need to know, whatever else is amiss.

    Raises:
        ConfigError: It can't be read or followed.
    """
    organisation, reading = _FolderReading(folder, registry).read_organisation()
    if organisation is None or reading.errors:
        raise _first_of(reading)
    return organisation


def _first_of(reading: Reading) -> ConfigError:
    first, more = reading.errors[0], len(reading.errors) - 1
    hints = [first.hint or "", f"{more} more: `kamengine config check` lists all" if more else ""]
    where = f"{first.file}:{first.line}"
    hint = "; ".join(h for h in hints if h) or None
    return ConfigError(first.what, value=first.value, where=where, hint=hint)


def read(folder: Path | ConfigFiles, registry: Registry) -> Reading:
    """Read a config folder and collect every complaint about it.

    Args:
        folder: Holds ``organisation.yaml`` and, optionally, ``kpis.yaml``,
            ``scorecards.yaml``, ``overrides.yaml``, ``accounts.yaml``, ``accounts/*.yaml``,
            ``managers.yaml`` and ``managers/*.yaml``; or these files.
        registry: What the loaded packs offer.

    Raises:
        ConfigError: ``organisation.yaml`` is missing, or a file can't be read at all.
    """
    return _FolderReading(folder, registry).read()


class _FolderReading:
    def __init__(self, folder: Path | ConfigFiles, registry: Registry) -> None:
        self._files = gather(folder) if isinstance(folder, Path) else folder
        self._folder = self._files.folder
        self._registry = registry
        self._checks = checks(registry)
        self._reader = Reader(self._checks, {"params": self._params})
        self._complaints: list[Complaint] = []

    def read_organisation(self) -> tuple[Organisation | None, Reading]:
        organisation = self._organisation()
        return organisation, Reading(config=None, complaints=_sorted(self._complaints))

    def read(self) -> Reading:
        organisation = self._organisation()
        programme = Programme(
            kpis=self._section("kpis") or {},
            scorecards=self._section("scorecards") or {},
            overrides=self._section("overrides") or {},
            accounts=self._each("accounts"),
            managers=self._each("managers"),
            places=self._reader.places,
        )
        self._strangers()
        self._complaints += check_each(programme, self._registry)
        if not self._failed:
            self._complaints += check_together(programme, self._registry)
        found = _sorted(self._complaints)
        if self._failed or organisation is None:
            return Reading(config=None, complaints=found)
        fields = {name: getattr(programme, name) for name in programme.__struct_fields__}
        return Reading(config=Config(organisation=organisation, **fields), complaints=found)

    @property
    def _failed(self) -> bool:
        return any(c.severity == "error" for c in self._complaints)

    def _organisation(self) -> Organisation | None:
        if not self._files.has(self._folder / FILES[0]):
            hint = "make a workspace with `kamengine init DIR`, or name one with -w"
            where = str(self._folder)
            raise ConfigError("There is no organisation.yaml here", where=where, hint=hint)
        organisation: Organisation | None = self._section("organisation")
        if organisation:
            self._checks["tier"] = one_of("tier", organisation.tiers)
            self._checks["segment"] = one_of("segment", organisation.segments)
            self._complaints += check_organisation(organisation, self._reader.places)
        return organisation

    def _section(self, name: str) -> Any:
        file = self._folder / f"{name}.yaml"
        return self._file(file, name) if self._files.has(file) else None

    def _file(self, file: Path, name: str) -> Any:
        document = Document(str(file), self._files.read(file))
        content = self._reader.read(document, SHAPES[name], (name,))
        self._complaints += document.complaints
        return content

    def _each(self, name: str) -> dict[str, Any]:
        """Read ``NAME.yaml`` and every file of ``NAME/``; each has one entry."""
        found: dict[str, Any] = {}
        single = self._folder / f"{name}.yaml"
        files = [single] if self._files.has(single) else []
        below = self._files.inside(self._folder / name)
        for file in (*files, *(f for f in below if f.suffix == ".yaml")):
            before = {key: self._reader.places[name, key] for key in found}
            entries = self._file(file, name) or {}
            self._complaints += _twice(name, before, entries, self._reader.places)
            found.update(entries)
        return found

    def _params(self, path: SettingPath) -> type[msgspec.Struct] | None:
        kpi = self._registry.kpis.get(path[-2])
        return type(kpi.params) if kpi else None

    def _strangers(self) -> None:
        """A file under a name that nobody reads would be ignored without a word."""
        here = [f for f in self._files.inside(self._folder) if f.name not in FILES]
        inside = (f for name in FOLDERS for f in self._files.inside(self._folder / name))
        for file in sorted((*here, *(f for f in inside if f.suffix == ".yml"))):
            hint = suggest(file.name, FILES) or f"the files are {', '.join(FILES)}"
            if file.parent != self._folder:
                hint = f"call it {file.stem}.yaml"
            problem = Problem(what="No file of this name is read", hint=hint)
            self._complaints.append(complain(Place(file=str(file), line=1), problem, file.name))


def _sorted(complaints: list[Complaint]) -> tuple[Complaint, ...]:
    """Sort by place; of warnings that say the same of the same word, the first is enough."""
    ordered = sorted(complaints, key=lambda c: (c.file, c.line, c.column))
    seen: set[tuple[str, str | None]] = set()
    kept: list[Complaint] = []
    for complaint in ordered:
        said = (complaint.what, complaint.value)
        if complaint.severity == "error" or said not in seen:
            kept.append(complaint)
        seen.add(said)
    return tuple(kept)


def _twice(
    name: str,
    before: Mapping[str, Place],
    entries: Mapping[str, object],
    places: Mapping[SettingPath, Place],
) -> list[Complaint]:
    """Complain of accounts or managers that an earlier file has already."""
    what = f"This {name.removesuffix('s')} has an entry already"
    return [
        complain(places[name, key], Problem(what=what, hint=f"see {before[key]}"), key)
        for key in entries
        if key in before
    ]
