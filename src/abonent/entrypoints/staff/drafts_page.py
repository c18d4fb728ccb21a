"""Drafts in words: how they stand, what they change, field by field, and how a customer will see it. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import get_day_names
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from abonent.domains.catalog import tariffs_yaml
from abonent.domains.catalog.offers import yaml as offers_yaml
from abonent.domains.catalog.offers.rules import OfferVersion, Problem
from abonent.domains.catalog.rules import Offer, TariffVersion
from abonent.domains.help import rules_text, rules_yaml
from abonent.domains.help.rules import Question, Shop
from abonent.domains.help.rules_text import Block
from abonent.domains.support.drafts import questions as drafts_questions
from abonent.domains.support.drafts.queries import Draft, Step
from abonent.domains.support.drafts.rules import Difference, Event, Kind, Pair, State, Value, changed_words
from abonent.entrypoints.staff import drafts_sizes
from abonent.web import format as formats

LANGUAGES = ("ru", "en")
DIFFERENCES_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Field:
    """A field that differs; of a text `before` and `after` are what both have, cut at words."""

    name: str
    was: str
    becomes: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing of a draft: `what` happens to it, and its fields."""

    code: str
    what: str
    fields: list[Field]


@dataclass(frozen=True, slots=True)
class Row:
    """A draft in a list."""

    id: int
    title: str
    about: str
    state: str
    waits: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What a customer sees in one language: a row of the list, or a question with its answer."""

    language: str
    title: str
    text: str
    price: str
    facts: list[tuple[str, str]]
    blocks: list[Block]


def kind(of: Kind) -> str:
    """Return what a draft is of."""
    return {
        Kind.OFFER: _("Service"), Kind.TARIFF: _("Tariff"), Kind.QUESTION: _("Question"), Kind.SHOP: _("Shop"),
    }[of]  # fmt: skip


def line_service(of: str) -> str:
    """Return for which connections something is."""
    return {
        "mobile": _("Mobile"), "internet": _("Home internet"), "tv": _("TV"), "satellite": _("Satellite TV"),
    }[of]  # fmt: skip


def state(of: State) -> str:
    """Return how a draft stands."""
    return {
        State.DRAFT: pgettext("draft", "Draft"),
        State.WAITING: pgettext("draft", "Waits for a second person"),
        State.PUBLISHED: pgettext("draft", "Published"),
        State.DISCARDED: pgettext("draft", "Thrown away"),
    }[of]


def row(found: Draft) -> Row:
    """Return a draft for a list."""
    since = _("from %(day)s") % {"day": formats.day(found.valid_from, year=True)} if found.valid_from else ""
    about = " · ".join(one for one in (since, found.author_name, formats.moment(found.changed_at)) if one)
    return Row(found.id, f"{kind(found.kind)} {found.code}", about, state(found.state), found.state is State.WAITING)


def steps(found: Sequence[Step]) -> list[tuple[str, str, str]]:
    """Return what was done with a draft: when, what and by whom, what was said."""
    words = {
        Event.MADE: _("Begun"),
        Event.SAVED: _("Changed"),
        Event.HANDED_OVER: _("Handed over"),
        Event.TAKEN_BACK: _("Taken back"),
        Event.SENT_BACK: _("Sent back"),
        Event.PUBLISHED: pgettext("draft", "Published"),
        Event.DISCARDED: pgettext("draft", "Thrown away"),
    }
    return [(formats.moment(one.at), f"{words[one.event]} · {one.agent_name}", one.said) for one in found]


def problem(found: Problem) -> str:
    """Return what is wrong, in the language of the page, with its line in the YAML."""
    said = found.reason.told(_)
    said = f"{found.of}: {said}" if found.of else said
    return _("Line %(line)s: %(problem)s") % {"line": found.line, "problem": said} if found.line else said


def things(pairs: Sequence[Pair]) -> tuple[list[Thing], int]:
    """Return what a draft changes, and how many fields more than are shown."""
    found, left, more = [], DIFFERENCES_SHOWN, 0
    for pair in pairs:
        differences = pair.differences()
        more += max(0, len(differences) - left)
        shown = differences[:left]
        left -= len(shown)
        found.append(Thing(pair.code, _what(pair, differences), [_field(one) for one in shown]))
    return found, more


def _what(pair: Pair, differences: Sequence[Difference]) -> str:
    if pair.becomes is None:
        return _("It goes: customers find it no more")
    if pair.was is None:
        return _("New")
    if not differences:
        return _("Nothing differs from what is there")
    return _("Beside what is there until then")


def _field(found: Difference) -> Field:
    was, becomes = (_value(found.path, one) for one in (found.was, found.becomes))
    if found.path[-1] in ("ru", "en", "title", "also", "body") and found.was and found.becomes:
        before, was, becomes, after = changed_words(was, becomes)
        return Field(_name(found.path), was, becomes, before, after)
    return Field(_name(found.path), was, becomes)


def _name(path: tuple[str, ...]) -> str:
    """Return the name of a field: the words we have for it, else those of the YAML."""
    known = {
        "from": _("First day"),
        "until": _("Sold no more from"),
        "city": _("City"),
        "address": _("Address"),
        "hours": _("Opening hours"),
        "at": _("Latitude and longitude"),
        "drawn": _("Lines of the city's map"),
        "time_zone": _("Time zone"),
        "name": _("Name"),
        "text": _("Text"),
        "about": _("Text"),
        "why": _("Why, for who has it"),
        "category": _("Category"),
        "topic": _("Topic"),
        "for": _("For which connections"),
        "service": _("For which connections"),
        "once_minor": _("To connect, once"),
        "fee_minor": _("Fee"),
        "price_minor": _("Price"),
        "per": _("The fee is for"),
        "requires": _("Needs"),
        "conflicts": _("Not beside"),
        "regions": _("Regions"),
        "network": _("Features of the network"),
        "package": _("Package"),
        "of": _("A package of"),
        "days": _("For how many days"),
        "renews": _("When it ends it is bought again"),
        **{code: name.capitalize() for code, name in zip(rules_yaml.DAYS, _day_names(), strict=True)},
        "prices": _("Price"),
        "allowances": _("Included"),
        "switching": _("Change to this tariff"),
        "access": _("Connection"),
        "down_kbps": _("Speed to the customer, kbit/s"),
        "up_kbps": _("Speed from the customer, kbit/s"),
        "channels": _("Channels"),
        "fee": _("Fee"),
        "amount": _("Amount"),
        "title": _("Question"),
        "also": _("Other words for it"),
        "body": _("Answer"),
        "ru": _("in Russian"),
        "en": _("in English"),
    }
    return ", ".join(dict.fromkeys(known.get(one, one) for one in path))


def _day_names(language: str | None = None) -> list[str]:
    """Return the days of the week from Monday on."""
    names = get_day_names(locale=language or translation.get_language() or LANGUAGES[0])
    return [names[day] for day in range(7)]


def _value(path: tuple[str, ...], value: Value | None) -> str:
    if value is None or value in ("", ()):
        return ""
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, int):
        return formats.money(value) if path[-1].endswith("_minor") else formats.number(value)
    if path[-1] in ("from", "until"):
        return formats.day(date.fromisoformat(value), year=True)
    words = {"yes": _("yes"), "no": _("no"), "month": _("a month"), "day": _("a day")}
    return words.get(value, value) if path[-1] not in ("ru", "en") else value


def seen(found: Draft) -> list[Seen]:
    """Return how customers will see what a draft says, in one language, then in the other."""
    return [one for language in LANGUAGES for one in _seen_in(found, language)]


def _seen_in(found: Draft, language: str) -> list[Seen]:
    with translation.override(language):
        if found.kind is Kind.OFFER:
            return [_offer(one, language) for one in offers_yaml.parse(found.text).versions]
        if found.kind is Kind.TARIFF:
            sheet = tariffs_yaml.read(found.text)
            return [_tariff(Offer(sheet.version, sheet.about, sheet.sold_until), language)]
        if found.kind is Kind.SHOP:
            return [_shop(one, language) for one in drafts_questions.read(found.text).shops or ()]
        return [_question(one, language) for one in drafts_questions.read(found.text).questions or ()]


def _offer(version: OfferVersion, language: str) -> Seen:
    facts = [(_("To connect"), formats.money(version.once_minor))] if version.once_minor else []
    if version.package is not None:
        facts.append((_("Size"), drafts_sizes.told(version.package.bucket, version.package.amount)))
        facts.append((_("For how many days"), formats.number(version.package.days)))
    facts.append((_("First day"), formats.day(version.valid_from, year=True)))
    return Seen(language, version.names[language], version.texts[language], price(version), facts, [])


def price(version: OfferVersion) -> str:
    """Return what a service costs, in one line, as its row in the cabinet says."""
    said = _("%(sum)s a day") if version.per == "day" else _("%(sum)s a month")
    fee = said % {"sum": formats.money(version.fee_minor)} if version.fee_minor else _("No fee")
    if not version.once_minor:
        return fee
    once = _("%(sum)s to connect") % {"sum": formats.money(version.once_minor)}
    return f"{fee}, {once}" if version.fee_minor else once


def tariff_price(version: TariffVersion) -> str:
    """Return the fee of a tariff."""
    said = _("%(sum)s a day") if version.terms.fee.per == "day" else _("%(sum)s a month")
    return said % {"sum": formats.money(version.fee_minor)} if version.fee_minor else _("No fee")


def _tariff(offer: Offer, language: str) -> Seen:
    version = offer.version
    facts = []
    names = {"voice": _("Minutes"), "data": _("Internet"), "sms": "SMS"}
    for allowance in version.terms.allowances:
        amount = allowance.amount
        words = _("Unlimited")
        if amount is not None:
            minutes = f"{formats.number(amount // 60)}{formats.NBSP}{_('min')}"
            words = {"voice": minutes, "data": formats.data_size(amount)}.get(allowance.bucket, formats.number(amount))
        facts.append((names[allowance.bucket], words))
    facts.append((_("First day"), formats.day(version.valid_from, year=True)))
    return Seen(language, version.names[language], offer.about[language], tariff_price(version), facts, [])


def _shop(shop: Shop, language: str) -> Seen:
    facts = [
        (name.capitalize(), rules_yaml.told_hours(hours).replace("-", "–") or _("closed"))
        for name, hours in zip(_day_names(language), shop.hours, strict=True)
    ]
    return Seen(language, shop.addresses[language], shop.about.get(language, ""), "", facts, [])


def _question(question: Question, language: str) -> Seen:
    text = question.texts[language]
    return Seen(language, text.title, "", "", [], rules_text.read(text.body))
