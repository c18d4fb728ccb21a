"""What a draft says, whatever it is of: one text, checked by publishing it and taking that back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Protocol

from django.db import transaction

from abonent.domains.catalog.offers.rules import BadCatalogue, Problem
from abonent.domains.support.drafts import offers as drafts_offers
from abonent.domains.support.drafts import questions as drafts_questions
from abonent.domains.support.drafts import shops as drafts_shops
from abonent.domains.support.drafts import tariffs as drafts_tariffs
from abonent.domains.support.drafts.rules import TEXT_LENGTH_MAX, Kind, Pair
from abonent.foundation.said import N_, said


class Contents(Protocol):
    """What a module of a kind of drafts does with a text; `code` is what the draft is known by."""

    def subject(self, text: str) -> tuple[tuple[str, ...], date | None]: ...
    def publish(self, text: str, code: str, at: datetime) -> None: ...
    def pairs(self, text: str, code: str) -> list[Pair]: ...


_OF: Mapping[Kind, Contents] = {
    Kind.OFFER: drafts_offers,
    Kind.TARIFF: drafts_tariffs,
    Kind.QUESTION: drafts_questions,
    Kind.SHOP: drafts_shops,
}


def subject(kind: Kind, text: str) -> tuple[tuple[str, ...], date | None]:
    """Return the codes of what a draft is of, and from when on it holds; raises `BadCatalogue`."""
    if len(text) > TEXT_LENGTH_MAX:
        raise BadCatalogue([Problem(0, said(N_("more than %(most)s characters"), most=TEXT_LENGTH_MAX))])
    return _OF[kind].subject(text)


def publish(kind: Kind, text: str, code: str, at: datetime) -> None:
    """Let it hold from its day on; raises `BadCatalogue` and changes nothing."""
    _OF[kind].publish(text, code, at)


def check(kind: Kind, text: str, code: str, at: datetime) -> None:
    """Raise `BadCatalogue` with everything for which it could not be published now."""
    with transaction.atomic():
        # What is checked is what will be done: no second set of rules can disagree with the first.
        publish(kind, text, code, at)
        transaction.set_rollback(True)


def pairs(kind: Kind, text: str, code: str) -> list[Pair]:
    """Return what it says beside what is there now."""
    return _OF[kind].pairs(text, code)


def seen(text: str, compared: list[Pair]) -> str:
    """Return a mark of a text together with what it takes the place of: another mark, and something else was seen."""
    return hashlib.sha256(f"{text}\0{[(one.code, one.was) for one in compared]}".encode()).hexdigest()[:32]
