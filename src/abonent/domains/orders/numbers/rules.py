"""Another number for a line: what numbers cost by how they look, for how long one is held, why not now. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from abonent.domains.catalog.offers.rules import LANGUAGES
from abonent.domains.lines.numbers.rules import pattern
from abonent.domains.orders.sims.rules import Facts, Refusal, Why, check_number, kept_back
from abonent.foundation.values.terms import InvalidTerms, check_names

ORDINARY = "ordinary"
MASKS_MOST = 40
BEAUTY = ("code", "names", "price_minor", "masks")


@dataclass(frozen=True, slots=True)
class Beauty:
    """Numbers that are dearer since they are easy to remember: `masks` say of the last digits what makes them so."""

    code: str
    names: Mapping[str, str]
    price_minor: int
    masks: tuple[str, ...]

    def fits(self, number: str) -> bool:
        return any(re.search(pattern(mask), number) for mask in self.masks)


@dataclass(frozen=True, slots=True)
class Terms:
    """What another number costs: `price_minor` an ordinary one, else by the first of `beauties` that fits.

    One is held `hold_min` minutes for who decides. What is ordered waits `wait_min` minutes, in which it can be undone,
    and the number given up rests `rest_days`. `regions` are names by code and language.
    """

    price_minor: int
    hold_min: int
    wait_min: int
    rest_days: int
    beauties: tuple[Beauty, ...]
    regions: Mapping[str, Mapping[str, str]]

    def beauty_of(self, number: str) -> Beauty | None:
        """Return the most beautiful that the number is; None: it is an ordinary one."""
        return next((one for one in self.beauties if one.fits(number)), None)

    def by_rank(self) -> list[tuple[int, str]]:
        """Return the expressions of all masks, each with the place of its beauty."""
        return [(rank, pattern(mask)) for rank, one in enumerate(self.beauties) for mask in one.masks]

    def price_of(self, number: str) -> int:
        """Return what the number costs in minor units, once."""
        beauty = self.beauty_of(number)
        return beauty.price_minor if beauty else self.price_minor

    def held_until(self, at: datetime) -> datetime:
        return at + timedelta(minutes=self.hold_min)

    def to_json(self) -> dict[str, Any]:
        beauties = [
            {"code": one.code, "names": dict(one.names), "price_minor": one.price_minor, "masks": list(one.masks)}
            for one in self.beauties
        ]
        return {
            "price_minor": self.price_minor, "hold_min": self.hold_min, "wait_min": self.wait_min,
            "rest_days": self.rest_days, "beauties": beauties,
            "regions": {code: dict(names) for code, names in self.regions.items()},
        }  # fmt: skip

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Terms:
        """Return the terms that were written down; raise `InvalidTerms` for what has another shape."""
        check_names(said, (one.name for one in fields(cls)))
        try:
            for one in said["beauties"]:
                check_names(one, BEAUTY, "of a beauty ")
                if not all(isinstance(text, str) for text in (one["code"], *one["masks"])) or isinstance(
                    one["masks"], str
                ):
                    raise TypeError("the code of a beauty is a text, its masks are a list of texts")
            beauties = tuple(
                Beauty(one["code"], one["names"], one["price_minor"], tuple(one["masks"])) for one in said["beauties"]
            )
            numbers = {name: said[name] for name in ("price_minor", "hold_min", "wait_min", "rest_days")}
            return cls(**numbers, beauties=beauties, regions={**said["regions"]})
        except TypeError as error:
            raise InvalidTerms(f"of another shape: {error}") from None


def check(terms: Terms) -> None:
    """Raise `InvalidTerms` when they cannot be meant."""
    least = {"price_minor": 0, "hold_min": 1, "wait_min": 0, "rest_days": 1}
    for name, lowest in least.items():
        check_number(name, getattr(terms, name), lowest)
    codes = [one.code for one in terms.beauties]
    if len(set(codes)) < len(codes) or ORDINARY in codes:
        raise InvalidTerms("beauties: each has a code of its own")
    for one in terms.beauties:
        _check_names(one.code, one.names)
        check_number(f"{one.code}: price_minor", one.price_minor, 0)
        if not 0 < len(one.masks) <= MASKS_MOST:
            raise InvalidTerms(f"{one.code}: there are 1 to {MASKS_MOST} masks")
        for mask in one.masks:
            try:
                pattern(mask)
            except ValueError:
                raise InvalidTerms(f"{one.code}: {mask!r} is no mask") from None
    for code, names in terms.regions.items():
        _check_names(code, names)


def refused(facts: Facts) -> Refusal | None:
    """Return why the line gets no other number now, money aside."""
    if facts.silent:
        # It may be in other hands: its owner first shows that it is not.
        return Refusal(Why.BLOCKED)
    return kept_back(facts)


def _check_names(where: str, names: object) -> None:
    if not isinstance(names, Mapping) or set(names) != set(LANGUAGES) or not all(map(_is_text, names.values())):
        raise InvalidTerms(f"{where}: a name in each of {', '.join(LANGUAGES)} is asked for")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
