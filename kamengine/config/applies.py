"""Whom a scorecard or an override is for."""

from __future__ import annotations

from kamengine.config.section import Months, Section, Segment, Text, Tier


class Tenure(Section, frozen=True, kw_only=True):
    """A half-open range of completed months since a manager was hired.

    Attributes:
        from_month: The first month of tenure that is inside.
        before_month: The first one that is outside again; none where it is left out.
    """

    from_month: Months = 0
    before_month: Months | None = None

    def holds(self, months: int) -> bool:
        """Tell whether a number of completed months is inside."""
        below = self.before_month is None or months < self.before_month
        return self.from_month <= months and below


class AppliesTo(Section, frozen=True, kw_only=True):
    """Whom it is for. Given several keys, all of them must fit; of a list, one must.

    Attributes:
        accounts: Accounts by id. Not together with other keys.
        managers: Managers by id, with the accounts that they own. Not together with other keys.
        tier: Accounts of one tier or several.
        segment: Accounts in one segment or several.
        industry: Accounts in one industry or several.
        region: Accounts in one region or several.
        team: Managers of one team or several, the accounts that they own, and the team itself.
        tenure: Managers by how long they have been here, and the accounts that they own.
    """

    accounts: tuple[Text, ...] = ()
    managers: tuple[Text, ...] = ()
    tier: tuple[Tier, ...] = ()
    segment: tuple[Segment, ...] = ()
    industry: tuple[Text, ...] = ()
    region: tuple[Text, ...] = ()
    team: tuple[Text, ...] = ()
    tenure: Tenure | None = None
