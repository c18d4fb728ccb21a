"""Tones in words and rows. No I/O."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from abonent.domains.voice.queries import Service
from abonent.domains.voice.tones import rules as tones_rules
from abonent.domains.voice.tones.queries import Overview, Tone
from abonent.domains.voice.tones.rules import Rule
from abonent.entrypoints.portal.calls import tones_words as words
from abonent.entrypoints.portal.calls.tones_forms import Asked
from abonent.entrypoints.portal.orders import words as order_words
from abonent.web import format as formats


@dataclass(frozen=True, slots=True)
class Row:
    """A tone in a list."""

    code: str
    name: str
    about: str
    is_hit: bool


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule: what, for whom, when."""

    id: int
    tone: Row
    who: str
    when: str


@dataclass(frozen=True, slots=True)
class Offer:
    """The service that tones need: how it stands, what it costs, where it is connected or ended."""

    is_on: bool
    name: str
    about: str
    address: str


@dataclass(frozen=True, slots=True)
class Page:
    """All of the page; `heard` answers what was `asked`: "": nothing plays."""

    rules: list[RuleRow]
    offer: Offer | None
    hits: Offer | None
    needs_hits: bool
    may_be_copied: bool
    is_told: bool
    asked: Asked
    days: list[tuple[str, str, bool]]
    heard: str


@dataclass(frozen=True, slots=True)
class Shelves:
    """The catalogue: categories to choose from, each with whether it is the chosen one, and the tones."""

    categories: list[tuple[str, str, bool]]
    rows: list[Row]


def present(found: Overview, asked: Asked) -> Page:
    """Return the page."""
    rule = tones_rules.heard(found.rules, asked.caller, asked.local) if found.service.is_on else None
    if rule is not None and found.tones[rule.tone].is_hit and not found.hits.is_on:
        rule = None
    return Page(
        rules=[_rule(one, found) for one in found.rules],
        offer=_offer(found.service),
        hits=_offer(found.hits),
        needs_hits=any(one.is_hit for one in found.tones.values()) and not found.hits.is_on,
        may_be_copied=found.may_be_copied,
        is_told=found.is_told,
        asked=asked,
        days=[(day, name, day == asked.day) for day, name in words.weekdays()],
        heard=order_words.spoken(found.tones[rule.tone].names, rule.tone) if rule else "",
    )


def shelves(sold: Sequence[Tone], chosen: str) -> Shelves:
    """Return the catalogue, all of it when there is no such category."""
    names = {one.category: order_words.spoken(one.categories, one.category) for one in sold}
    known = chosen if chosen in names else ""
    return Shelves(
        [("", _("All"), not known), *((code, name, code == known) for code, name in names.items())],
        [tone(one) for one in sold if known in ("", one.category)],
    )


def tone(of: Tone) -> Row:
    """Return a tone as a row."""
    price = _("with “Hits”") if of.is_hit else _("included in the fee")
    told = [of.artist, order_words.spoken(of.categories, of.category), words.language(of.language), price]
    return Row(of.code, order_words.spoken(of.names, of.code), " · ".join(one for one in told if one), of.is_hit)


def days(ticked: Collection[str]) -> list[tuple[str, str, bool]]:
    """Return the days of the week to tick."""
    return [(day, name, day in ticked) for day, name in words.weekdays()]


def _rule(one: Rule, found: Overview) -> RuleRow:
    who = formats.phone(one.caller) if one.caller else _("Everybody")
    return RuleRow(one.id, tone(found.tones[one.tone]), who, words.when(one))


def _offer(service: Service) -> Offer | None:
    version = service.version
    if version is None:
        return None
    about = order_words.price(version)
    if service.is_paused:
        about = _("Off until there is enough money for the fee")
    return Offer(service.is_on, order_words.name(version), about, f"/services/{version.code}/")
