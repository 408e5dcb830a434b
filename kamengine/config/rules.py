"""Whom a rule takes, and which of two rules is nearer.

A rule that names a manager is nearest; then one that names an account; then one that looks at
more attributes (tier and segment before tier alone); then one without any. Two that are equally
near to the same subject would make its score a matter of luck, so that is an error.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

from kamengine.config.applies import AppliesTo, Tenure
from kamengine.config.section import Carrier

NAMES = ("accounts", "managers")

LOOKED_AT: dict[Carrier, frozenset[str]] = {
    "account": frozenset(AppliesTo.__struct_fields__),
    "manager": frozenset({"managers", "team", "tenure"}),
    "team": frozenset({"team"}),
    "organisation": frozenset(),
}
"""The keys of ``applies_to`` by which subjects of a kind can be told apart."""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Who is scored.

    Attributes:
        id: The account's, manager's or team's id.
        type: Which of them.
        attributes: What the log knows: ``tier``, ``segment``, ``industry`` and ``region`` of an
            account, with the ``manager`` who owns it; of that manager, or of a manager who is
            scored, ``team`` and ``tenure`` (completed months).
    """

    id: str
    type: Carrier = "account"
    attributes: Mapping[str, str] = {}

    @property
    def manager(self) -> str | None:
        """The manager who answers for it: the owner of an account, a manager for themselves."""
        return self.id if self.type == "manager" else self.attributes.get("manager")

    def known(self, name: str) -> str | None:
        """Return an attribute; a team's own name is its team."""
        if self.type == "team" and name == "team":
            return self.id
        return self.attributes.get(name)


class Rank(NamedTuple):
    """How near a rule is; the greater is nearer."""

    named: int
    attributes: int


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What a scorecard or an override asks of its subjects.

    Attributes:
        carriers: The kinds of subject.
        accounts: The accounts named; empty where none is.
        managers: The managers named; empty where none is.
        attributes: For each attribute that it looks at, the values it takes.
        tenure: The tenure that it asks for.
    """

    carriers: frozenset[Carrier]
    accounts: frozenset[str] = frozenset()
    managers: frozenset[str] = frozenset()
    attributes: Mapping[str, frozenset[str]] = {}
    tenure: Tenure | None = None

    @property
    def rank(self) -> Rank:
        """How near it is to what it matches."""
        named = 2 if self.managers else 1 if self.accounts else 0
        return Rank(named, len(self.attributes) + (self.tenure is not None))

    def takes(self, attributes: Mapping[str, str]) -> bool:
        """Tell whether it holds for every subject with these attributes."""
        if self.accounts or self.managers or not self._in_tenure(attributes.get("tenure")):
            return False
        return all(attributes.get(name) in values for name, values in self.attributes.items())

    def matches(self, subject: Subject) -> bool:
        """Tell whether it holds for a subject."""
        if subject.type not in self.carriers:
            return False
        if self.managers:
            return subject.manager in self.managers
        if self.accounts:
            return subject.type == "account" and subject.id in self.accounts
        if not self._in_tenure(subject.known("tenure")):
            return False
        return all(subject.known(name) in values for name, values in self.attributes.items())

    def _in_tenure(self, months: str | None) -> bool:
        if self.tenure is None:
            return True
        return months is not None and self.tenure.holds(int(months))


@lru_cache(maxsize=1024)
def rule_of(applies_to: AppliesTo, carriers: tuple[Carrier, ...]) -> Rule:
    """Return the rule that is written."""
    return Rule(
        carriers=frozenset(carriers),
        accounts=frozenset(applies_to.accounts),
        managers=frozenset(applies_to.managers),
        attributes={
            name: frozenset(getattr(applies_to, name))
            for name in AppliesTo.__struct_fields__
            if name not in {*NAMES, "tenure"} and getattr(applies_to, name)
        },
        tenure=applies_to.tenure,
    )


def shared(one: Rule, other: Rule, rules: Sequence[Rule]) -> str | None:
    """Say in words whom two equally near rules both take with no nearer rule to decide."""
    if one.rank != other.rank or not one.carriers & other.carriers:
        return None
    return next(_shared(one, other, rules), None)


def _shared(one: Rule, other: Rule, rules: Sequence[Rule]) -> Iterator[str]:
    carriers = one.carriers & other.carriers
    if one.rank.named:
        yield from (f"account {name}" for name in sorted(one.accounts & other.accounts))
        yield from (f"manager {name}" for name in sorted(one.managers & other.managers))
        return
    choices = _choices(one, other, rules)
    for values in itertools.product(*choices.values()):
        held = dict(zip(choices, values, strict=True))
        nearer = (r for r in rules if r.rank > one.rank and r.carriers >= carriers)
        if not any(rule.takes(held) for rule in nearer):
            yield describe(held) or f"every {' and '.join(sorted(carriers))}"


def _choices(one: Rule, other: Rule, rules: Sequence[Rule]) -> dict[str, list[str]]:
    """Return, for each attribute that either looks at, the values that both take.

    Of tenure, one month of each range that no rule cuts stands for all of the range.
    """
    names = sorted(one.attributes.keys() | other.attributes.keys())
    choices = {name: _common(one, other, name) for name in names}
    asked = [rule.tenure for rule in (one, other) if rule.tenure is not None]
    if asked:
        cuts = {0} | {
            month
            for rule in rules
            if rule.tenure is not None
            for month in (rule.tenure.from_month, rule.tenure.before_month)
            if month is not None
        }
        months = [m for m in sorted(cuts) if all(tenure.holds(m) for tenure in asked)]
        choices["tenure"] = [str(month) for month in months]
    return choices


def _common(one: Rule, other: Rule, name: str) -> list[str]:
    sets = [r.attributes[name] for r in (one, other) if name in r.attributes]
    return sorted(frozenset.intersection(*sets))


def describe(attributes: Mapping[str, str]) -> str:
    """Write attributes as people say them: ``segment enterprise, tier A``."""
    return ", ".join(
        f"{value} months of tenure" if name == "tenure" else f"{name} {value}"
        for name, value in sorted(attributes.items())
    )


def reason(applies_to: AppliesTo, subject: Subject) -> str:
    """Say why a scorecard or an override is a subject's."""
    if applies_to.managers:
        return f"it names the manager {subject.manager}"
    if applies_to.accounts:
        return "it names the account"
    asked = [name for name in AppliesTo.__struct_fields__ if getattr(applies_to, name)]
    looked_at = {name: known for name in asked if (known := subject.known(name)) is not None}
    every = "the" if subject.type == "organisation" else "every"
    return describe(looked_at) or f"it is for {every} {subject.type}"
