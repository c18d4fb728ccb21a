"""A draft of a tariff: read, set beside what is there, published; who has the tariff is told by `billing.changes`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from django.utils.timezone import localdate

from abonent.domains.billing.changes import actions as changes
from abonent.domains.catalog import actions, queries, tariffs_yaml
from abonent.domains.catalog.offers.rules import BadCatalogue, Problem
from abonent.domains.catalog.rules import Offer
from abonent.domains.catalog.tariffs_yaml import Sheet
from abonent.domains.support.drafts.rules import Pair
from abonent.foundation.said import N_, Said, said


def subject(text: str) -> tuple[tuple[str, ...], date | None]:
    """Return the code of the tariff and the first day of the version; raises `BadCatalogue`."""
    version = tariffs_yaml.read(text).version
    return (version.tariff_code,), version.valid_from


def publish(text: str, _code: str, at: datetime) -> None:
    """Publish the version, unless it is there already, and what is said of the tariff; raises `BadCatalogue`."""
    sheet, today = tariffs_yaml.read(text), localdate(at)
    version = sheet.version
    known = queries.of_tariff(version.tariff_code)
    same = next((one for one in known if one.version.valid_from == version.valid_from), None)
    if known:
        _check_kept(sheet, known[0])
    if (
        sheet.sold_until is not None
        and sheet.sold_until <= max(today, version.valid_from if not known else today)
        and (not known or known[0].sold_until != sheet.sold_until)
    ):
        raise _bad(sheet, said(N_("it is sold until a day to come, after its first one")))
    if not known:
        if version.valid_from < today:
            raise _bad(sheet, said(N_("a new tariff begins today at the earliest")))
        actions.publish(version)
    elif same is None:
        try:
            changes.publish(version=version, why=sheet.why, at=at)
        except changes.NotPublished as error:
            raise _bad(sheet, error.reason) from None
    elif (same.version.fee_minor, same.version.terms) != (version.fee_minor, version.terms):
        words = N_("the terms of %(day)s are published and never edited; begin another version")
        raise _bad(sheet, said(words, day=version.valid_from))
    actions.present(tariff_code=version.tariff_code, about=sheet.about, sold_until=sheet.sold_until)


def pairs(text: str, _code: str) -> list[Pair]:
    """Return the tariff beside the version of its day, or the one before it."""
    sheet = tariffs_yaml.read(text)
    earlier = [
        one
        for one in queries.of_tariff(sheet.version.tariff_code)
        if one.version.valid_from <= sheet.version.valid_from
    ]
    was = _document(_sheet(earlier[-1])) if earlier else None
    return [Pair(sheet.version.tariff_code, was, _document(sheet))]


def begin(code: str, *, since: date, anew: date | None = None, until: date | None = None) -> str:
    """Return the text of a published version, to be corrected, to be archived from `until` on, or to follow `anew`."""
    offer = next(one for one in queries.of_tariff(code) if one.version.valid_from == since)
    sheet = _sheet(offer)
    if until is not None:
        sheet = replace(sheet, sold_until=until)
    if anew is not None:
        sheet = replace(sheet, version=replace(sheet.version, valid_from=anew, id=None))
    return tariffs_yaml.write(sheet)


def _sheet(offer: Offer) -> Sheet:
    about = {language: offer.about[language] or offer.version.names[language] for language in offer.version.names}
    return Sheet(offer.version, about, offer.sold_until, {})


def _document(sheet: Sheet) -> dict[str, object]:
    version = sheet.version
    return {
        "from": version.valid_from, "until": sheet.sold_until, "service": version.service,
        "category": version.category, "name": dict(version.names), "about": dict(sheet.about),
        **tariffs_yaml.told(version, sheet.why),
    }  # fmt: skip


def _check_kept(sheet: Sheet, known: Offer) -> None:
    """Raise `BadCatalogue` when what a tariff keeps for ever is another."""
    new, old = sheet.version, known.version
    if (dict(new.names), new.service, new.category) != (dict(old.names), old.service, old.category):
        raise _bad(sheet, said(N_("a tariff keeps its name, its kind of line and its category")))


def _bad(sheet: Sheet, reason: Said) -> BadCatalogue:
    return BadCatalogue([Problem(0, reason, sheet.version.tariff_code)])
