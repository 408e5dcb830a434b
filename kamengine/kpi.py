"""What a KPI is: a declaration, and one SQL query that returns evidence."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeAlias, get_args

import msgspec

Family: TypeAlias = Literal["relationship", "revenue", "retention", "learning", "business"]
Timing: TypeAlias = Literal["leading", "lagging"]
Kind: TypeAlias = Literal["activity", "objective"]
Direction: TypeAlias = Literal["higher", "lower", "band"]
Empty: TypeAlias = Literal["zero", "undefined"]
SubjectType: TypeAlias = Literal["account", "manager", "team", "segment", "organisation"]

HUNDRED = Decimal(100)

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


class Overlap(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What each ``part`` has of what it should have, over all that there should be.

    The numerator is what a part has, the denominator what it should have. Both are added up part
    by part, and of each part the smaller sum counts: what one has too much never makes up for
    what another lacks. Where both add up to the same whole, the value is one less half the sum
    of the differences between the parts' shares and those they should have.

    Attributes:
        scale: The value of a perfect fit: 100 for an index.
    """

    scale: int = 1


class MeanOfParts(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The mean of what the parts come to: each ``part`` counts the same, however many rows it has.

    A part comes to its numerators added up over its denominators added up, rounded to six digits.
    A roll-up pools the rows of each part first; it never averages the values of its subjects.
    """


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


class Composite(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """How far the other KPIs on the subject's scorecard attain their targets, in one number.

    The KPIs that count there are put into groups. A group's attainment is the mean of its KPIs';
    the value is 100 times the groups' attainments, each times its weight, added up, over the
    positive weights added up. It is computed when it is asked for, from values that were
    replayed and from the targets as they are then.

    Attributes:
        by: What groups the KPIs.
        weights: Group to weight; a group that isn't named doesn't count. A negative weight makes
            a difference, for which every group is needed; else the others stand in for a group
            without a value. Empty where the KPI's parameters are `TenureWeights`.
    """

    by: Literal["family", "timing"]
    weights: dict[str, Decimal] = {}


Value: TypeAlias = (
    Sum | Ratio | Mean | Quantile | Distinct | Latest | Overlap | MeanOfParts | Formula | Composite
)


class TenureWeights(Params, frozen=True):
    """The weights of families by how long the manager has been here, in half-open bands.

    Attributes:
        from_month: The completed months of tenure with which each band begins; the first is 0.
        relationship: Its weight in each band; those of a band add up to 100.
        revenue: Its weight in each band.
        retention: Its weight in each band.
        learning: Its weight in each band.
        business: Its weight in each band.
        by_weight: Whether the KPIs of a family count by their weights on the scorecard, instead
            of all alike.
    """

    from_month: tuple[int, ...] = (0,)
    relationship: tuple[Decimal, ...] = (Decimal(0),)
    revenue: tuple[Decimal, ...] = (Decimal(0),)
    retention: tuple[Decimal, ...] = (Decimal(0),)
    learning: tuple[Decimal, ...] = (Decimal(0),)
    business: tuple[Decimal, ...] = (Decimal(0),)
    by_weight: bool = False

    def __post_init__(self) -> None:
        months = self.from_month
        if not months or months[0] != 0 or list(months) != sorted(set(months)):
            raise ValueError(f"`from_month` is {list(months)}; it must begin with 0 and rise")
        for family, weights in self.families().items():
            if len(weights) != len(months):
                raise ValueError(
                    f"`{family}` has {len(weights)} weights for {len(months)} bands of tenure"
                )
            if any(not 0 <= weight <= HUNDRED for weight in weights):
                raise ValueError(f"`{family}` has a weight that isn't between 0 and 100")
        for month, *band in zip(months, *self.families().values(), strict=True):
            if sum(band) != HUNDRED:
                told = f"the weights from month {month} add up to {sum(band)}, not 100"
                raise ValueError(told)

    def families(self) -> dict[str, tuple[Decimal, ...]]:
        """Return the weights by family."""
        return {family: getattr(self, family) for family in get_args(Family)}


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
    ``part``        optional breakdown: channel, product, survey; what `Overlap` pools first
    ``item``        what `Distinct` and `Latest` tell rows apart by, and ``min_items`` counts
    ``problem``     optional; says why ``numerator`` is NULL
    ``ripe_at``     optional; before this moment the row counts nowhere, because its case needs
                    time until it can be told how it went
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
        sql: DuckDB SQL that returns evidence; empty for a `Formula` and a `Composite`.
        params: The settings, with their defaults.
        empty: What no evidence at all means: a true zero, or nothing that can be said.
        min_count: Rows below which the value is withheld.
        min_items: Different ``item`` of accounts below which the value is withheld: raters,
            respondents, whoever must not be told apart.
        controllable_by: The roles who can influence it.
        source: Where the formula comes from.
        numerator: What the numerator counts, in words.
        denominator: What the denominator counts, in words.
        duckdb_only: Why its SQL runs on DuckDB alone; empty where it is portable, as SQL has to
            be that doesn't say so (docs/portability.md).
        replaced_by: The id of the KPI to use instead, for one that is deprecated. It goes on
            working, and says so wherever it is asked for.
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
    min_items: int = 0
    controllable_by: tuple[str, ...] = ("manager",)
    source: str = ""
    numerator: str = ""
    denominator: str = ""
    duckdb_only: str = ""
    replaced_by: str = ""

    @property
    def meaning(self) -> str:
        """The first paragraph of the documentation, on one line."""
        return " ".join(self.doc.strip().split("\n\n")[0].split())
