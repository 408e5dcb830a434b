"""What a KPI is: a declaration, and one SQL query that returns evidence."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

Family: TypeAlias = Literal["relationship", "revenue", "retention", "learning", "business"]
Timing: TypeAlias = Literal["leading", "lagging"]
Kind: TypeAlias = Literal["activity", "objective"]
Direction: TypeAlias = Literal["higher", "lower", "band"]
Empty: TypeAlias = Literal["zero", "undefined"]
SubjectType: TypeAlias = Literal["account", "manager", "team", "segment", "organisation"]

SUBJECT_TYPES: tuple[SubjectType, ...] = (
    "account",
    "manager",
    "team",
    "segment",
    "organisation",
)


class Params(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of a KPI that config may change; each is bound into its SQL as ``$name``.

    Fields may be ``str``, ``bool``, ``int``, ``Decimal``, a tuple of them, or a dict from ``str``
    to any of them, with defaults.
    """


class Sum(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The numerators added up, in another unit.

    Attributes:
        per: What the sum is divided by: 60 where evidence is minutes and the value hours.
    """

    per: int = 1


class Ratio(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The numerators added up over the denominators added up."""


class Mean(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The numerators added up over the number of rows.

    Attributes:
        per: What the mean is divided by, as for `Sum`.
    """

    per: int = 1


class Quantile(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The numerator below which a share of the rows lies, interpolated between neighbours.

    Attributes:
        q: The share: 0.5 for the median.
        per: What the numerator is divided by, as for `Sum`.
    """

    q: Decimal = Decimal("0.5")
    per: int = 1


class Distinct(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """How many different values the evidence column ``item`` has."""


class Latest(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The ratio over the latest row of each account and ``item`` in the window.

    Attributes:
        carried: Whether a row from before the window holds until it is replaced (a rating
            that stands) or only the window's own rows count (an answer to a survey).
    """

    carried: bool = False


class Operand(msgspec.Struct, frozen=True, kw_only=True):
    """A value that a formula reads.

    Attributes:
        kpi: The KPI whose value it is.
        of: Whose value: that of the same subject, or the whole organisation's.
        empty: The number that stands in where the operand has no rows; None leaves the
            formula undefined.
    """

    kpi: str
    of: Literal["subject", "organisation"] = "subject"
    empty: Decimal | None = None


class Formula(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A value made of the values of other KPIs for the same period.

    Attributes:
        operands: Name in the formula to operand.
        numerator: SQL over the operands' names, the KPI's ``$params`` and ``years`` (the
            window's length in years).
        denominator: Likewise; the value is numerator over denominator.
        flag: SQL that yields a word where the value needs one beside it ("capped"), or NULL.
    """

    operands: dict[str, Operand]
    numerator: str
    denominator: str = "1"
    flag: str | None = None


Value: TypeAlias = Sum | Ratio | Mean | Quantile | Distinct | Latest | Formula


class KPI(msgspec.Struct, frozen=True, kw_only=True):
    """A measure: what it means, which evidence it rests on, and how that becomes a value.

    The SQL returns evidence, one row for each thing that counts:

    ==============  =========================================================================
    ``account_id``  whose account; NULL or left out where the measure has none
    ``manager_id``  optional; left out or NULL, whoever owned the account at ``occurred_at``
    ``occurred_at`` when it counts; the row falls into every window that contains it
    ``period``      optional; names the one window of ``windows`` that the row belongs to,
                    whatever its ``occurred_at`` (which may then be left out: the window's end)
    ``numerator``   exact decimal; NULL where the row counts but its amount can't be known
    ``denominator`` exact decimal, 1 where it is left out
    ``event_id``    the event that the row stands for, or a list of several
    ``more_events`` optional; further events, as a list. Where the row names a ``period`` they
                    are looked up when somebody asks for them, and cost a replay nothing
    ``part``        optional breakdown: channel, product, survey
    ``item``        what `Distinct` and `Latest` tell rows apart by
    ``problem``     optional; says why ``numerator`` is NULL
    ==============  =========================================================================

    Attributes:
        id: The name, for keeps.
        version: Raised by hand when the meaning changes.
        title: The name that people read.
        doc: The documentation; its first paragraph is the meaning, in one sentence.
        family: Where it belongs in the 3R+1 (or business).
        timing: Whether it runs ahead of results or records them.
        kind: Whether it measures activity or an objective.
        unit: The unit of the value; a value in ``%`` is a ratio (0.07 for 7 %).
        better: Which way is better.
        value: How evidence becomes a value.
        sql: DuckDB SQL that returns evidence; empty for a `Formula`.
        params: The settings, with their defaults.
        empty: What no evidence at all means: a true zero, or nothing that can be said.
        min_count: Rows below which the value is withheld.
        controllable_by: The roles who can influence it.
        source: Where the formula comes from.
        numerator: What the numerator counts, in words.
        denominator: What the denominator counts, in words.
    """

    id: str
    version: int
    title: str
    doc: str
    family: Family
    timing: Timing
    unit: str
    better: Direction
    value: Value
    sql: str = ""
    kind: Kind = "objective"
    params: Params = Params()
    empty: Empty = "undefined"
    min_count: int = 0
    controllable_by: tuple[str, ...] = ("manager",)
    source: str = ""
    numerator: str = ""
    denominator: str = ""

    @property
    def meaning(self) -> str:
        """The first paragraph of the documentation, on one line."""
        return " ".join(self.doc.strip().split("\n\n")[0].split())
