"""Another SIM and another number in words and sums. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from abonent.domains.help.rules import City, Shop
from abonent.domains.lines.queries import Line
from abonent.domains.orders.numbers.queries import Offered, Shelf
from abonent.domains.orders.numbers.queries import Standing as NumberStanding
from abonent.domains.orders.numbers.rules import ORDINARY
from abonent.domains.orders.sims.queries import Standing
from abonent.domains.orders.sims.rules import Form
from abonent.entrypoints.portal.sims import words
from abonent.entrypoints.portal.sims.words import Way
from abonent.web import format as formats

Facts = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """A form of SIM, or a number to choose: `badge` is what it is sold as."""

    value: str
    title: str
    about: str
    price: str
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What it means and costs; `refused` says why it cannot be, with a way out; `hidden` are the form's fields."""

    title: str
    facts: Facts
    notes: list[str]
    button: str
    refused: str
    way: Way | None
    hidden: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for, as typed; `problem` is what is wrong with the digits."""

    digits: str = ""
    at_end: bool = False
    region: str = ""
    kind: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The shelf: numbers, filters (value, words, chosen), the address of more, what is held, why none can be had."""

    rows: list[Row]
    regions: list[tuple[str, str, bool]]
    kinds: list[tuple[str, str, bool]]
    held: str
    held_until: str
    hold_for: str
    refused: str
    way: Way | None
    prices: Facts = field(default_factory=list)


def forms(standings: Sequence[Standing]) -> list[Row]:
    """Return the forms of a SIM to choose from."""
    return [
        Row(one.form.value, words.form(one.form), words.about(one.form), words.price(one.total_minor))
        for one in standings
    ]


def shops(found: Sequence[Shop], cities: Sequence[City], chosen: str) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """Return the shops by city: code, address, whether it is the one chosen."""
    language = get_language() or ""
    return [
        (
            city.names.get(language, city.code),
            [
                (shop.code, shop.addresses.get(language, shop.code), shop.code == chosen)
                for shop in found
                if shop.city == city.code
            ],
        )
        for city in cities
    ]


def sim_question(standing: Standing, line: Line, order_id: UUID, *, iccid: str, shop: Shop | None) -> Question:
    """Return all that another SIM means before it is ordered."""
    facts = [(_("Price"), words.price(standing.total_minor)), (_("What"), words.form(standing.form))]
    if iccid:
        facts.append((_("Number of the card (ICCID)"), " ".join(iccid[at : at + 4] for at in range(0, len(iccid), 4))))
    if shop is not None:
        facts.append((_("Where"), shop.addresses.get(get_language() or "", shop.code)))
    if standing.waits_until is not None:
        facts.append((_("It waits for you until"), formats.day(standing.waits_until, year=True)))
    facts += _money(line, standing.available_minor, standing.total_minor, refused=standing.refusal is not None)
    refusal = standing.refusal
    return Question(
        title=words.form(standing.form),
        facts=facts,
        notes=_sim_notes(standing),
        button=words.paid(words.button(standing.form), standing.total_minor),
        refused=words.refused(refusal) if refusal else "",
        way=words.way_out(refusal) if refusal else None,
        hidden=[
            ("id", f"{order_id}"), ("line", f"{line.id}"), ("rules", f"{standing.rules.id}"),
            ("total_minor", f"{standing.total_minor}"), ("iccid", iccid), ("shop", shop.code if shop else ""),
        ],
    )  # fmt: skip


def numbers(found: Shelf, asked: Search) -> Numbers:
    """Return the shelf of numbers."""
    terms = found.rules.terms
    beauties = sorted(terms.beauties, key=lambda one: one.price_minor)
    kinds = [("", _("Any kind"), not asked.kind), (ORDINARY, _("Ordinary"), asked.kind == ORDINARY)]
    kinds += [(one.code, words.beauty(terms, one.code), asked.kind == one.code) for one in beauties]
    regions = [("", _("Any region"), not asked.region)]
    regions += [(code, words.region(terms, code), asked.region == code) for code in terms.regions]
    prices = [(_("Ordinary"), words.price(terms.price_minor))]
    prices += [(words.beauty(terms, one.code), words.price(one.price_minor)) for one in beauties]
    held = found.held
    return Numbers(
        rows=[_number(one, found) for one in found.offered],
        regions=regions,
        kinds=kinds,
        held=held.number if held and held.until else "",
        held_until=formats.clock(held.until) if held and held.until else "",
        hold_for=words.minutes(terms.hold_min),
        refused=words.refused(found.refusal) if found.refusal else "",
        way=words.way_out(found.refusal) if found.refusal else None,
        prices=prices,
    )


def number_question(standing: NumberStanding, line: Line, order_id: UUID, *, seen_by_others: int) -> Question:
    """Return all that another number means before it is ordered."""
    terms = standing.rules.terms
    facts = [
        (_("Price"), words.price(standing.total_minor)),
        (_("New number"), formats.phone(standing.number)),
        (_("Kind of number"), words.beauty(terms, standing.beauty.code if standing.beauty else ORDINARY)),
        (_("Instead of"), formats.phone(line.number)),
        (_("Takes effect"), _("at %(time)s") % {"time": formats.clock(standing.effective_at)}),
    ]
    if standing.held_until:
        facts.append((_("Held for you until"), formats.clock(standing.held_until)))
    facts += _money(line, standing.available_minor, standing.total_minor, refused=standing.refusal is not None)
    refusal = standing.refusal
    return Question(
        title=_("Change the number?"),
        facts=facts,
        notes=_number_notes(standing, seen_by_others),
        button=words.paid(_("Change the number"), standing.total_minor),
        refused=words.refused(refusal) if refusal else "",
        way=words.way_out(refusal) if refusal else None,
        hidden=[
            ("id", f"{order_id}"), ("line", f"{line.id}"), ("rules", f"{standing.rules.id}"),
            ("total_minor", f"{standing.total_minor}"), ("number", standing.number),
        ],
    )  # fmt: skip


def _money(line: Line, available_minor: int, total_minor: int, *, refused: bool) -> Facts:
    if not line.prepaid:
        return [(_("Paid"), _("with the next bill"))] if total_minor else []
    facts = [(_("You have"), formats.money(available_minor))]
    if not refused:
        facts.append((_("Balance afterwards"), formats.money(available_minor - total_minor)))
    return facts


def _sim_notes(standing: Standing) -> list[str]:
    first = {
        Form.ESIM: _("The old SIM works until the eSIM is installed. You need Wi-Fi or another connection for that."),
        Form.SHOP: _("The old SIM works until the new one is handed to you with your identity document checked."),
        Form.CARD: _("The old SIM stops working as soon as the network serves the new one, within a few minutes."),
    }[standing.form]
    notes = [
        first,
        _("Number, balance, tariff, services and packages stay. What is saved on the old card does not come along."),
        _("For a day after it, codes by SMS do not count as a proof: you need a password or another second proof."),
        _("Nobody with whom you shared this number sees it any more: share it anew, if you want to."),
        _("We tell all your numbers and your e-mail address, now and when it is done."),
    ]
    if standing.total_minor:
        notes.append(_("The price is held now and charged when the new SIM works. If it never does, you have it back."))
    return notes


def _number_notes(standing: NumberStanding, seen_by_others: int) -> list[str]:
    terms = standing.rules.terms
    notes = [
        _("You sign in by the new number; by the old one you cannot. Password, passkeys and e-mail stay the same."),
        _("Codes and messages come to the new number. Tell banks and other services before, not after."),
        _("Balance, tariff, services, packages, autopay and the SIM stay. Money sent to the old number does not come."),
        _("The old number is kept %(days)s for nobody but you: until then you can change back to it.")
        % {"days": words.days(terms.rest_days)},
    ]
    if seen_by_others:
        notes.append(_("Those with whom you share this number go on seeing it, as the new one."))
    if terms.wait_min:
        notes.append(
            _("You have %(minutes)s to undo it. We tell all your numbers and your e-mail address now.")
            % {"minutes": words.minutes(terms.wait_min)}
        )
    if standing.total_minor:
        notes.append(
            _("The price is held now and charged when the number is changed. If that fails, you have it back.")
        )
    return notes


def _number(one: Offered, found: Shelf) -> Row:
    about = words.region(found.rules.terms, one.free.region)
    if one.free.rests:
        about = _("Your former number, kept for you")
    badge = words.beauty(found.rules.terms, one.beauty.code) if one.beauty else ""
    return Row(one.free.number, formats.phone(one.free.number), about, words.price(one.price_minor), badge)
