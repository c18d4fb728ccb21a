"""What people have on paper, and what they remember: birth dates, documents, code words. All of it is invented.

Thrown with keys of their own, so that papers change nothing else in the demo.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from abonent.demo.dice import key, pick, throw

CODE_WORDS = (
    "ромашка", "зелёный ёж", "маяк", "сорока", "черника", "самовар", "радуга", "весло", "снегирь", "клюква",
    "метель", "фонарь", "жёлудь", "карусель", "парус", "подснежник",
)  # fmt: skip
# Nobody's passport has this series.
SERIES = "00 00"
GROWN_UP, ELDERLY = (1962, 43), (1940, 20)


@dataclass(frozen=True, slots=True)
class Papers:
    """A person's birth date, identity document and code word."""

    birth_date: date
    document: str
    code_word: str


def papers(seed: int, place: int, index: int, *, elder: bool) -> Papers:
    """Return the papers of person number `index` of the group at `place`."""
    own = key(seed, "papers", place + index)
    first_year, years = ELDERLY if elder else GROWN_UP
    born = date(first_year, 1, 1) + timedelta(days=throw(own, 0, years * 365))
    return Papers(born, f"{SERIES} {place + index + 1:06d}", pick(CODE_WORDS, own, 1))
