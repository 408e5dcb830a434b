"""The words that invented accounts, people and products are called by."""

from __future__ import annotations

NEGLECTED = "northwind"
"""The account whose touches dry up and which leaves."""
FADING = "juniper-foods"
"""The account that has gone silent lately and whose contract soon ends."""
EXCELLENT = "amara-01"
"""The manager whose accounts thrive."""
LEAVER = "boris-02"
"""The manager who leaves in the middle of a quarter."""
HEIR = "chen-03"
"""The manager who takes over the leaver's accounts on that day."""

TEAMS = (
    "north",
    "south",
    "east",
    "west",
    "central",
    "coast",
    "alps",
    "delta",
    "harbour",
    "metro",
)

GIVEN_NAMES = (
    *("Amara", "Boris", "Chen", "Dana", "Emil", "Fatima", "Goran", "Hana", "Ines", "Jonas"),
    *("Kim", "Lena", "Mateo", "Nadia", "Oskar", "Priya", "Quinn", "Ravi", "Sofia", "Tomas"),
    *("Uma", "Viktor", "Wanda", "Xenia", "Yusuf", "Zoe"),
)

FAMILY_NAMES = (
    *("Adeyemi", "Becker", "Cruz", "Dvořák", "Eriksen", "Ferrari", "García", "Haddad"),
    *("Ito", "Jansen", "Kowalska", "Larsen", "Müller", "Nguyen", "Okafor", "Petrov"),
    *("Quist", "Rossi", "Sato", "Tanaka", "Usman", "Vogel", "Weber", "Yüksel", "Zhang"),
)

COMPANY_WORDS = (
    *("acme", "alpine", "amber", "apex", "aurora", "beacon", "birch", "bluebird", "canyon"),
    *("cedar", "cobalt", "coral", "crescent", "delta", "eastgate", "ember", "evergreen"),
    *("falcon", "fjord", "garnet", "granite", "harbor", "hazel", "horizon", "indigo", "ivory"),
    *("kestrel", "lantern", "larch", "lotus", "maple", "meridian", "mistral", "nimbus"),
    *("oakridge", "onyx", "opal", "orchid", "osprey", "pinnacle", "quarry", "raven", "redwood"),
    *("river", "saffron", "sequoia", "sierra", "solstice", "summit", "tundra", "vertex"),
    *("willow", "zenith", "zephyr"),
)

COMPANY_ENDINGS = ("AG", "Corp", "Group", "Holding", "Inc", "Industries", "Ltd", "SA")
INDUSTRIES = ("automotive", "energy", "finance", "food", "health", "logistics", "media", "retail")
REGIONS = ("americas", "apac", "dach", "nordics", "uk")
PRODUCTS = (
    *("core", "analytics", "support-plus", "integrations"),
    *("mobile", "security", "training", "archive"),
)
DEPARTMENTS = ("finance", "it", "legal", "operations", "procurement", "sales")
SENIORITIES = ("c-level", "vp", "director", "manager", "specialist")
COMPETITORS = ("brightline", "omnisys", "parallax", "vectra")


def slug(name: str, number: int) -> str:
    """Return an id such as ``kim-03``."""
    return f"{name.lower()}-{number:02d}"
