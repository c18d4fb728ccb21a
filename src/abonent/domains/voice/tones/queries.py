"""Reads of tones; values, not models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from abonent.domains.lines.queries import Line
from abonent.domains.voice import models, queries
from abonent.domains.voice.queries import HITS, TONES, Service
from abonent.domains.voice.tones import rules as tones_rules
from abonent.domains.voice.tones.rules import Rule


class NoSuchTone(LookupError):
    """There is none, or it is sold no more."""


@dataclass(frozen=True, slots=True)
class Tone:
    """A tone as it is sold, without its sound; see the table of the same name."""

    code: str
    category: str
    categories: Mapping[str, str]
    names: Mapping[str, str]
    artist: str
    language: str
    is_hit: bool
    is_sold: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """The tones of a line: its rules in the order in which they are asked, the tones they name, both services.

    `is_told`: the platform plays by them already.
    """

    rules: tuple[Rule, ...]
    tones: Mapping[str, Tone]
    service: Service
    hits: Service
    may_be_copied: bool
    is_told: bool


def overview(line: Line, at: datetime) -> Overview:
    """Return the page of a line's tones."""
    rules = tones_rules.ordered(rules_of(line.id))
    tones = {tone.code: tone for tone in _values(models.Tone.objects.filter(code__in={rule.tone for rule in rules}))}
    wish = models.ToneWish.objects.filter(line_id=line.id).first()
    services = queries.services(line, at, TONES, HITS)
    return Overview(
        tuple(rules), tones, services[TONES], services[HITS],
        bool(wish and wish.may_be_copied), wish is None or wish.told >= wish.said,
    )  # fmt: skip


def rules_of(line_id: int) -> list[Rule]:
    """Return the rules of a line."""
    return [
        Rule(row.pk, row.tone_id, row.caller, frozenset(map(int, row.days)), row.from_min, row.until_min)
        for row in models.ToneRule.objects.filter(line_id=line_id).order_by("id")
    ]


def sold() -> list[Tone]:
    """Return the catalogue, in its order."""
    return _values(models.Tone.objects.filter(is_sold=True))


def tone(code: str) -> Tone:
    """Return a tone that is sold; raise `NoSuchTone`."""
    found = _values(models.Tone.objects.filter(code=code, is_sold=True))
    if not found:
        raise NoSuchTone(code)
    return found[0]


def sound(code: str) -> bytes:
    """Return the sound of a tone, WAV; raise `NoSuchTone`."""
    row = models.Tone.objects.filter(code=code).values_list("sound", flat=True).first()
    if row is None:
        raise NoSuchTone(code)
    return bytes(row)


def _values(rows: QuerySet[models.Tone]) -> list[Tone]:
    found = rows.defer("sound").order_by("place", "code")
    return [
        Tone(row.code, row.category, row.categories, row.names, row.artist, row.language, row.is_hit, row.is_sold)
        for row in found
    ]
