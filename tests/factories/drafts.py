"""Drafts of what is sold and said, and who writes and publishes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from django.utils.timezone import localdate

from abonent.demo import catalogue as demo
from abonent.domains.catalog import actions as catalog
from abonent.domains.catalog import tariffs_yaml
from abonent.domains.catalog.offers import yaml as offers_yaml
from abonent.domains.catalog.offers.rules import Catalogue
from abonent.domains.catalog.tariffs_yaml import Sheet
from abonent.domains.support.drafts import actions as drafts
from abonent.domains.support.drafts import contents as drafts_contents
from abonent.domains.support.drafts import queries as drafts_queries
from abonent.domains.support.drafts.actions import Step
from abonent.domains.support.drafts.rules import Kind
from abonent.domains.support.queries import Agent
from abonent.foundation.clock import now
from tests.factories.offers import offer

QUESTION = """\
topics:
  numbers:
    icon: phone
    name: {ru: Номера, en: Numbers}
questions:
  change-number:
    topic: numbers
    ru: {title: 'Как сменить номер?', also: замена, body: 'В [салоне](/help/shops/).'}
    en: {title: 'How do I change my number?', also: replace, body: 'In a [shop](/help/shops/).'}
"""


def tomorrow(days: int = 1) -> date:
    """Return a day to come."""
    return localdate(now()) + timedelta(days=days)


def text(code: str = "novel", **known: object) -> str:
    """Return a service that begins tomorrow, as a draft says it."""
    version = offer(code, **{"valid_from": tomorrow(), "fee_minor": 9_900, **known})
    return offers_yaml.write(Catalogue((), (version,)))


def tariff(code: str = "svobodny") -> Sheet:
    """Return a tariff of the demo as a sheet; it is not published."""
    version = next(one for one in demo.tariffs() if one.tariff_code == code)
    return Sheet(version, {"ru": "О тарифе.", "en": "About it."}, None, {})


def published_tariff() -> Sheet:
    """Publish a tariff that began long ago, and return it."""
    sheet = tariff()
    catalog.publish(sheet.version)
    catalog.present(tariff_code=sheet.version.tariff_code, about=sheet.about)
    return sheet


def dearer(sheet: Sheet, days: int = 20) -> str:
    """Return a version of the tariff with another fee, from a day to come."""
    version = replace(sheet.version, valid_from=tomorrow(days), fee_minor=sheet.version.fee_minor + 5_000)
    return tariffs_yaml.write(replace(sheet, version=version, why={"ru": "Связь дорожает.", "en": "It costs more."}))


def make(by: Agent, said: str = "", kind: Kind = Kind.OFFER) -> int:
    """Write a draft down."""
    return drafts.make(agent=by, kind=kind, text=said or text(), origin="10.0.0.0/24", at=now())


def step(by: Agent, draft_id: int, reason: str = "", revision: int | None = None) -> Step:
    """Return who does something with the draft as it is now."""
    return Step(
        by, draft_id, drafts_queries.draft(draft_id).revision if revision is None else revision, "10.0.0.0/24", now(),
        reason,
    )  # fmt: skip


def handed_over(by: Agent, said: str = "", kind: Kind = Kind.OFFER) -> int:
    """Write a draft and ask for a second person."""
    draft_id = make(by, said, kind)
    drafts.hand_over(step(by, draft_id))
    return draft_id


def seen(draft_id: int) -> str:
    """Return the mark of what a second person sees now."""
    draft = drafts_queries.draft(draft_id)
    compared = drafts_contents.pairs(draft.kind, draft.text, draft.code)
    return drafts_contents.seen(draft.text, compared)


def publish(by: Agent, draft_id: int) -> None:
    """Agree to a draft as it is."""
    drafts.publish(step(by, draft_id), seen=seen(draft_id))
