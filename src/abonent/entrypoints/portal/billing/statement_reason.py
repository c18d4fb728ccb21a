"""Why a sum was charged, in words."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from abonent.domains.billing import equipment_rules, products_rules, tariffs_rules
from abonent.domains.billing.changes.rules import FEE
from abonent.domains.billing.content import rules as content_rules
from abonent.domains.billing.gifts import rules as gifts_rules
from abonent.domains.billing.packages.rules import Source
from abonent.domains.billing.pauses import rules as pauses_rules
from abonent.domains.billing.promised import rules as promised_rules
from abonent.domains.billing.rules import FEE_CATEGORIES
from abonent.domains.billing.statement.explanation import Explanation
from abonent.entrypoints.portal.billing import fees_words
from abonent.entrypoints.portal.billing import statement_words as words
from abonent.entrypoints.portal.billing.words import category_name, price_address
from abonent.entrypoints.portal.subscriptions import words as subscription_words
from abonent.web import format as formats
from abonent.web.words import correction_reason


@dataclass(frozen=True, slots=True)
class Reason:
    """`facts` are names with values; `formula` is how the sum came about, `price` where its price is explained."""

    title: str
    what: str
    when: str
    sum: str
    formula: str
    facts: list[tuple[str, str]]
    price: str
    # The charge that a correction puts right, or the corrections of a charge: address with words.
    further: list[tuple[str, str]]


def reason(found: Explanation, zone: ZoneInfo) -> Reason:
    """Put an explanation into words."""
    at = found.at.astimezone(zone)
    price = formats.money(found.price_minor)
    unit = words.price_unit(found.kind, found.unit_size)
    where = words.spoken(found.destination, "")
    of_content, of_service = found.kind == "content", found.kind == products_rules.CATEGORY
    of_partner = found.kind == content_rules.CATEGORY
    facts = [
        *_partner(found),
        (
            _("Number or name"),
            (where or found.peer) if of_content else "" if of_service or of_partner else formats.phone(found.peer),
        ),
        (_("Where to"), "" if of_content else where),
        (_("Roaming"), words.spoken(found.zone, "")),
        (_("Used"), words.quantity(found.kind, found.quantity)),
        (_("Of it in the package"), _included(found)),
        (_("From which packages"), _buckets(found)),
        (_("Days"), fees_words.span(found.first_day, found.end_day)),
        (_("Price"), _price(found, price, unit)),
        (_("Promised payment"), _promised(found)),
        (_("Service") if of_service else _("Tariff"), words.spoken(found.tariff, "")),
        (
            _("Terms in force since"),
            "" if found.correction or of_partner else formats.day(found.tariff_from, year=True),
        ),
        (_("Given back"), formats.money(sum(one.amount_minor for one in found.given_back)) if found.given_back else ""),
        (_("Rule of the tariff"), found.rule if found.record_id else ""),
        (_("Record for support"), found.record_id),
    ]
    titles = words.titles()
    return Reason(
        title=_("Why %(sum)s") % {"sum": formats.money(found.amount_minor)},
        what=titles.get((found.kind, found.direction), category_name(found.kind)),
        when=f"{formats.day(at)}, {at:%H:%M:%S}",
        sum=formats.money(found.amount_minor),
        formula=_formula(found, unit, price),
        facts=[(name, value) for name, value in facts if value],
        price=_of_price(found),
        further=_further(found),
    )


def _of_price(found: Explanation) -> str:
    """Return the page of the price; what no tariff prices has none."""
    if found.correction is not None or found.kind in ("transfer", promised_rules.CATEGORY, content_rules.CATEGORY):
        return ""
    return price_address(found.tariff_version_id, FEE if found.kind == "fee" else found.rule)


def _partner(found: Explanation) -> list[tuple[str, str]]:
    """Return whose subscription it is, for which period, and which account paid."""
    one = found.partner
    if one is None:
        return []
    account = _("Content account") if one.from_content else _("Main balance")
    back = formats.money(one.returned_minor) if one.returned_minor else ""
    return [
        (_("Subscription"), words.spoken(one.names, found.peer)),
        (_("Paid from"), account),
        (_("Days given back"), back),
    ]


def _further(found: Explanation) -> list[tuple[str, str]]:
    """Return the other side of a correction, or the subscription; refunds have receipts of their own."""
    if found.correction is not None:
        charge_id = found.correction.charge_id
        return [(f"/statement/charge/{charge_id}/", _("The charge that is corrected"))] if charge_id else []
    of = [(f"/subscriptions/{found.partner.subscription_id}/", _("The subscription"))] if found.partner else []
    return of + [
        (f"/statement/charge/{one.id}/", _("Corrected on %(day)s") % {"day": formats.day(one.at)})
        for one in found.given_back
    ]


def _price(found: Explanation, price: str, unit: str) -> str:
    if found.kind in (*FEE_CATEGORIES, "transfer"):
        return ""
    by_piece = found.kind not in ("voice", "data")
    sentence = _("%(price)s for %(unit)s") if by_piece else _("%(price)s for %(unit)s; begun ones count as whole")
    return sentence % {"price": price, "unit": unit}


def _promised(found: Explanation) -> str:
    if found.promised is None:
        return ""
    return _("%(sum)s until %(until)s") % {
        "sum": formats.money(found.promised.promise.amount_minor),
        "until": formats.moment(found.promised.promise.due_at),
    }


def _included(found: Explanation) -> str:
    if not found.included:
        return ""
    return words.quantity(found.kind, min(found.included, found.quantity)) or formats.number(found.included)


def _buckets(found: Explanation) -> str:
    """Return which buckets covered it, and how much each; empty when it can only be the tariff's own."""
    told = []
    for held, amount in found.covered_by:
        names = found.packages.get(held.offer_version_id or 0, {})
        name = {
            Source.TARIFF: _("the tariff's own"),
            Source.ROLL_OVER: _("left of the period before"),
            Source.GIFT: _("a gift"),
            Source.FAMILY: _("from the family’s package"),
        }.get(held.source) or _("“%(name)s”") % {"name": words.spoken(names, "")}
        told.append(f"{name}: {words.quantity(found.kind, amount) or formats.number(amount)}")
    return "; ".join(told)


def _once() -> dict[str, str]:
    """Return what an order cost, by its rule."""
    return {
        products_rules.ONCE_RULE: _("The price of connecting, once"),
        pauses_rules.ONCE_RULE: _("The price of a block for a while, once"),
        products_rules.SIM_RULE: _("The price of another SIM, once"),
        products_rules.NUMBER_RULE: _("The price of another number, once"),
        tariffs_rules.CHANGE_RULE: _("The price of changing to this tariff, once"),
        equipment_rules.RENT: _("The rent of equipment for a month"),
        equipment_rules.PART: _("A monthly part of the price of equipment"),
    }


def _by_kind(found: Explanation, price: str) -> str | None:
    """Return why staff moved a sum, or what of a subscription it is; None for anything else."""
    if found.kind == "correction":
        return correction_reason(found.rule)
    if found.kind != content_rules.CATEGORY:
        return None
    if found.rule == content_rules.RETURN_RULE:
        return _("Whole days that were paid and left over when the subscription ended")
    return subscription_words.for_period(found.partner.per if found.partner else "", price)


def _formula(found: Explanation, unit: str, price: str) -> str:
    if found.kind == "transfer":
        if found.rule == gifts_rules.FEE_RULE:
            return _("The fee for a gift to another number, at your wish")
        by_fee = found.rule == "transfer-fee"
        return _("The fee for the transfer") if by_fee else _("Money sent to another subscriber, at your wish")
    if (named := _by_kind(found, price)) is not None:
        return named
    if once := _once().get(found.rule):
        return once
    if found.kind in ("fee", products_rules.CATEGORY):
        of_service = found.kind == products_rules.CATEGORY
        return fees_words.formula(
            found.rule, found.price_minor, found.quantity, found.unit_size, found.amount_minor, service=of_service
        )
    if found.kind == promised_rules.CATEGORY:
        return _("The fee for taking a promised payment, once")
    if not found.billed_units:
        return _("All of it is covered by the package") if found.included else _("Nothing was used that costs money")
    if not found.price_minor:
        return _("Free by the tariff")
    parts = {
        "number": formats.number(found.billed_units),
        "unit": unit,
        "price": price,
        "sum": formats.money(found.amount_minor),
    }
    return _("%(number)s × %(price)s for %(unit)s = %(sum)s") % parts
