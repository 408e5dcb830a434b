"""Which scorecard is whose: rules over accounts, and which of two rules is nearer.

A scorecard that names an account is nearest to it; then one whose rule looks at more
attributes (tier and segment before tier alone); then one without a rule. Two that are equally
near to the same account would make its score a matter of luck, so that is an error.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from kamengine.config.model import AppliesTo, Carrier, ScorecardSettings


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Who is scored.

    Attributes:
        id: The account's, manager's or team's id.
        type: Which of them.
        attributes: What the log knows of an account: ``tier``, ``segment``.
    """

    id: str
    type: Carrier = "account"
    attributes: Mapping[str, str] = {}


class Rank(NamedTuple):
    """How near a rule is; the greater is nearer."""

    named: bool
    attributes: int


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What a scorecard asks of its subjects.

    Attributes:
        carriers: The kinds of subject.
        names: The accounts named; empty where none is.
        attributes: For each attribute that it looks at, the values it takes.
    """

    carriers: frozenset[Carrier]
    names: frozenset[str]
    attributes: dict[str, frozenset[str]]

    @property
    def rank(self) -> Rank:
        """How near it is to what it matches."""
        return Rank(bool(self.names), len(self.attributes))

    def takes(self, attributes: Mapping[str, str]) -> bool:
        """Tell whether it holds for every subject with these attributes."""
        return not self.names and all(
            attributes.get(name) in values for name, values in self.attributes.items()
        )

    def matches(self, subject: Subject) -> bool:
        """Tell whether it holds for a subject."""
        if subject.type not in self.carriers:
            return False
        return subject.id in self.names if self.names else self.takes(subject.attributes)


def rule_of(scorecard: ScorecardSettings) -> Rule:
    """Return a scorecard's rule."""
    asked = msgspec.structs.asdict(scorecard.applies_to)
    names = frozenset(asked.pop("accounts"))
    return Rule(
        carriers=frozenset(scorecard.carriers),
        names=names,
        attributes={name: frozenset(values) for name, values in asked.items() if values},
    )


def nearest(scorecards: Mapping[str, ScorecardSettings], subject: Subject) -> str | None:
    """Return the name of the scorecard that is nearest to a subject; None where none is its."""
    rules = {name: rule_of(scorecard) for name, scorecard in scorecards.items()}
    matching = [name for name, rule in rules.items() if rule.matches(subject)]
    return max(matching, key=lambda name: rules[name].rank, default=None)


def ambiguities(scorecards: Mapping[str, ScorecardSettings]) -> Iterator[tuple[str, str, str]]:
    """Yield each two scorecards that are equally near to someone, and to whom, in words."""
    rules = {name: rule_of(scorecard) for name, scorecard in scorecards.items()}
    for (a, one), (b, other) in itertools.combinations(rules.items(), 2):
        if one.rank == other.rank and one.carriers & other.carriers:
            shared = next(_shared(one, other, list(rules.values())), None)
            if shared is not None:
                yield a, b, shared


def _shared(one: Rule, other: Rule, rules: list[Rule]) -> Iterator[str]:
    """Yield, in words, whom two equally near rules share with no nearer rule to decide."""
    carriers = one.carriers & other.carriers
    if one.names:
        yield from (f"account {name}" for name in sorted(one.names & other.names))
        return
    names = sorted(one.attributes.keys() | other.attributes.keys())
    for values in itertools.product(*(_common(one, other, name) for name in names)):
        held = dict(zip(names, values, strict=True))
        nearer = (r for r in rules if r.rank > one.rank and r.carriers >= carriers)
        if not any(rule.takes(held) for rule in nearer):
            yield describe(held) or f"every {' and '.join(sorted(carriers))}"


def _common(one: Rule, other: Rule, name: str) -> list[str]:
    sets = [r.attributes[name] for r in (one, other) if name in r.attributes]
    return sorted(frozenset.intersection(*sets))


def describe(attributes: Mapping[str, str]) -> str:
    """Write attributes as people say them: ``segment enterprise, tier A``."""
    return ", ".join(f"{name} {value}" for name, value in sorted(attributes.items()))


def reason(applies_to: AppliesTo, subject: Subject) -> str:
    """Say why a scorecard is a subject's."""
    if applies_to.accounts:
        return "it names the account"
    looked_at = {
        name: subject.attributes[name]
        for name, values in msgspec.structs.asdict(applies_to).items()
        if values and name in subject.attributes
    }
    return describe(looked_at) or f"it is for every {subject.type}"
