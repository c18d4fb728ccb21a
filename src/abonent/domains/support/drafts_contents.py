"""What a draft says, whatever it is of: one text, checked by publishing it and taking that back."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from abonent.domains.catalog.offers_rules import BadCatalogue, Problem
from abonent.domains.support import drafts_offers, drafts_questions, drafts_tariffs
from abonent.domains.support.drafts_rules import TEXT_LENGTH_MAX, Kind, Pair
from abonent.foundation.said import N_, said


def subject(kind: Kind, text: str) -> tuple[str, date | None]:
    """Return the code that a draft is known by, and from when on it holds; raises `BadCatalogue`."""
    if len(text) > TEXT_LENGTH_MAX:
        raise BadCatalogue([Problem(0, said(N_("more than %(most)s characters"), most=TEXT_LENGTH_MAX))])
    if kind is Kind.OFFER:
        return drafts_offers.subject(text)
    return drafts_tariffs.subject(text) if kind is Kind.TARIFF else drafts_questions.subject(text)


def publish(kind: Kind, text: str, code: str, at: datetime) -> None:
    """Let it hold from its day on; raises `BadCatalogue` and changes nothing."""
    if kind is Kind.OFFER:
        drafts_offers.publish(text, localdate(at))
    elif kind is Kind.TARIFF:
        drafts_tariffs.publish(text, at)
    else:
        drafts_questions.publish(text, code, at)


def check(kind: Kind, text: str, code: str, at: datetime) -> None:
    """Raise `BadCatalogue` with everything for which it could not be published now."""
    with transaction.atomic():
        # What is checked is what will be done: no second set of rules can disagree with the first.
        publish(kind, text, code, at)
        transaction.set_rollback(True)


def pairs(kind: Kind, text: str, code: str, at: datetime) -> list[Pair]:
    """Return what it says beside what is there now."""
    if kind is Kind.OFFER:
        return drafts_offers.pairs(text, localdate(at))
    return drafts_tariffs.pairs(text, localdate(at)) if kind is Kind.TARIFF else drafts_questions.pairs(text, code)


def seen(text: str, compared: list[Pair]) -> str:
    """Return a mark of a text together with what it takes the place of: another mark, and something else was seen."""
    return hashlib.sha256(f"{text}\0{[(one.code, one.was) for one in compared]}".encode()).hexdigest()[:32]
