"""Plausible values for a field, from what its name and type say. The same sequence every time."""

from __future__ import annotations

import random
from typing import Final

from ampsandbox.tui.forms.fields import BOOLEANS, NUMBERS, FormField

_FIRST: Final = (
    "Ada",
    "Grace",
    "Linus",
    "Margaret",
    "Alan",
    "Katherine",
    "Dennis",
    "Radia",
    "Edsger",
    "Barbara",
)
_LAST: Final = (
    "Lovelace",
    "Hopper",
    "Torvalds",
    "Hamilton",
    "Turing",
    "Johnson",
    "Ritchie",
    "Perlman",
    "Liskov",
)
_COMPANIES: Final = (
    "Big Co.",
    "Acme Inc.",
    "Globex",
    "Initech",
    "Umbrella Labs",
    "Northwind",
    "Soylent",
    "Hooli",
)
_CITIES: Final = (("Berlin", "DE"), ("Lisbon", "PT"), ("Austin", "US"), ("Osaka", "JP"), ("Toronto", "CA"))
_TITLES: Final = ("Head of Sales", "Engineer", "Founder", "Account Manager", "VP Marketing")
_THINGS: Final = (
    "Spring launch",
    "New Feature Announcement",
    "Q3 renewal",
    "Welcome series",
    "Pilot project",
)


class FakeValues:
    """Values that belong together: name, company and e-mail of one made-up person at a time."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._serial = 0
        self.next_person()

    def next_person(self) -> None:
        """Make up another person."""
        self._serial += 1
        pick = self._random.choice
        self.first, self.last, self.company = pick(_FIRST), pick(_LAST), pick(_COMPANIES)
        self.city, self.country = pick(_CITIES)
        self.domain = "".join(c for c in self.company.lower() if c.isalnum()) + ".example"

    def value(self, field: FormField) -> str:
        """A value for the field that the CRM would take."""
        if field.options:
            return self._random.choice(field.options)
        if field.type in BOOLEANS:
            return self._random.choice(("true", "false"))
        text = self._by_name(field.name.lower()) or self._by_type(field)
        return text[: field.length] if field.length else text

    def _by_name(self, name: str) -> str:
        meanings = {
            "email": f"{self.first}.{self.last}{self._serial}@{self.domain}".lower(),
            "firstname": self.first, "lastname": self.last, "company": self.company, "website": f"https://{self.domain}",
            "domain": self.domain, "phone": f"+1 555 01{self._serial % 100:02}", "city": self.city,
            "country": self.country, "title": self._random.choice(_TITLES), "postal": "10115", "zip": "10115",
            "street": "1 Main Street", "address": "1 Main Street", "subject": self._random.choice(_THINGS),
            "campaign": self._random.choice(_THINGS), "description": "Written by a test",
            "dealname": f"{self.company} {self._random.choice(_THINGS)}",
            "score": self._random.choice(("cold", "warm", "hot")),
        }  # fmt: skip
        if any(
            word in name for word in ("number", "amount", "count", "revenue", "price", "quantity", "rate")
        ):
            return ""
        found = next((value for word, value in meanings.items() if word in name.replace("_", "")), "")
        return found or (self.company if name == "name" else "")

    def _by_type(self, field: FormField) -> str:
        if field.type in NUMBERS:
            return str(self._random.randrange(1, 100) * (100 if "amount" in field.name.lower() else 10))
        if field.type == "date":
            return f"2026-{self._random.randrange(1, 13):02}-{self._random.randrange(1, 29):02}"
        if field.type == "datetime":
            return f"2026-{self._random.randrange(1, 13):02}-15T09:00:00Z"
        if field.type in ("url", "email"):
            return self._by_name("email" if field.type == "email" else "website")
        if field.type in ("reference", "id"):
            return ""
        return f"{field.label or field.name} {self._serial}"
