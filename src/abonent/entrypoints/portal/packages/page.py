"""What a line has to use, and what can be bought, in words and numbers. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from abonent.domains.billing.gifts.queries import Gift
from abonent.domains.billing.packages import rules as packages_rules
from abonent.domains.billing.packages.queries import KIND_ORDER, Bought
from abonent.domains.billing.packages.rules import LeftOver, Source
from abonent.domains.billing.transfers import rules as transfers_rules
from abonent.domains.catalog.offers.rules import OfferVersion
from abonent.domains.catalog.rules import TariffVersion
from abonent.entrypoints.portal.orders import words as offers
from abonent.entrypoints.portal.packages import words
from abonent.web import charts
from abonent.web import format as formats


@dataclass(frozen=True, slots=True)
class Bar:
    """A bucket: `percent` is left of it, None: without limit. `stops`: the id with which it is bought no more."""

    title: str
    left: str
    percent: int | None
    about: list[str]
    low: bool
    stops: str


@dataclass(frozen=True, slots=True)
class Kind:
    """All buckets of a kind; `total` is what there is now."""

    code: str
    title: str
    total: str
    note: str
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class Row:
    """Something that was bought, given or came; leads to its receipt."""

    address: str
    icon: str
    title: str
    about: str
    amount: str
    income: bool = False


@dataclass(frozen=True, slots=True)
class ShopRow:
    """A package on sale; leads to its page, on which it is bought."""

    address: str
    title: str
    about: str
    price: str


def kinds(left_overs: Sequence[LeftOver], tariff: TariffVersion, versions: Mapping[int, OfferVersion]) -> list[Kind]:
    """Return the buckets by kind."""
    found = []
    for code in KIND_ORDER:
        of_kind = [one for one in left_overs if one.bucket == code and one.amount != 0]
        if of_kind:
            total = packages_rules.total(left_overs, code)
            bars = [_bar(one, tariff, versions) for one in of_kind]
            found.append(Kind(code, words.kind(code), _total(total), _note(total), bars))
    return found


def history(
    bought: Sequence[Bought], gifts: Sequence[Gift], line_id: int, versions: Mapping[int, OfferVersion]
) -> list[Row]:
    """Return what was bought, given and got, newest first."""
    rows: list[tuple[datetime, Row]] = []
    for one in bought:
        version = versions[one.offer_version_id]
        about = [formats.day(one.created_at), _("until %(day)s") % {"day": words.last_day(one.valid_until)}]
        about += [_("not bought again")] if one.stopped_at is not None else []
        paid = formats.money(-version.once_minor, sign=True)
        row = Row(f"/orders/{one.id}/", "plus", offers.name(version), " · ".join(about), paid)
        rows.append((one.created_at, row))
    rows += [(gift.settled_at or gift.asked_at, gift_row(gift, line_id)) for gift in gifts]
    return [row for _at, row in sorted(rows, key=lambda pair: pair[0], reverse=True)]


def gift_row(gift: Gift, line_id: int) -> Row:
    """Return a gift as one side sees it in a list."""
    income = gift.line_to_id == line_id
    number, name = (gift.number_from, gift.name_from) if income else (gift.number_to, gift.name_to)
    amount = words.quantity(gift.bucket, gift.amount)
    about = [name, transfers_rules.masked(number), formats.day(gift.settled_at or gift.asked_at)]
    return Row(
        f"/packages/gifts/{gift.id}/",
        "incoming" if income else "outgoing",
        _("A gift to you") if income else _("Your gift"),
        " · ".join(part for part in about if part),
        f"+{amount}" if income else f"{formats.MINUS}{amount}",
        income,
    )


def shop(versions: Sequence[OfferVersion]) -> list[tuple[str, str, list[ShopRow]]]:
    """Return the packages on sale by kind, the cheapest first."""
    shelves = []
    for code in KIND_ORDER:
        of_kind = [one for one in versions if one.package and one.package.bucket == code]
        if of_kind:
            rows = [_shop_row(one) for one in sorted(of_kind, key=lambda one: (one.once_minor, one.code))]
            shelves.append((code, words.kind(code), rows))
    return shelves


def _shop_row(version: OfferVersion) -> ShopRow:
    package = version.package
    about = [words.adds(package), words.lasts(package), words.again(package)] if package else []
    return ShopRow(
        f"/services/{version.code}/", offers.name(version), " · ".join(about), formats.money(version.once_minor)
    )


def _total(total: packages_rules.Total | None) -> str:
    if total is None:
        return ""
    if total.left is None:
        return _("Unlimited")
    return words.quantity(total.bucket, total.left)


def _note(total: packages_rules.Total | None) -> str:
    if total is None or total.left is None:
        return ""
    if total.left == 0 and total.then_kbps:
        return _("Used up: it goes on at %(speed)s, at no charge") % {"speed": words.speed(total.then_kbps)}
    if total.left == 0:
        return _("Used up: what you use now is charged by the tariff")
    if total.then_kbps:
        return _("Then it goes on at %(speed)s, at no charge") % {"speed": words.speed(total.then_kbps)}
    return ""


def _bar(left: LeftOver, tariff: TariffVersion, versions: Mapping[int, OfferVersion]) -> Bar:
    version = versions.get(left.offer_version_id or 0)
    name = offers.spoken(tariff.names) if left.source is Source.TARIFF else offers.name(version) if version else ""
    about = [words.then(left)]
    if left.hours is not None:
        about.append(_("from %(first)s to %(end)s") % {
            "first": f"{left.hours.first:02}:00", "end": f"{left.hours.end:02}:00"
        })  # fmt: skip
    if left.given:
        about.append(_("given to others: %(amount)s") % {"amount": words.quantity(left.bucket, left.given)})
    stops = f"{left.id}" if left.renews and left.source is Source.PACKAGE else ""
    if left.amount is None or left.left is None:
        return Bar(words.source(left, name), _("Unlimited"), None, about, low=False, stops=stops)
    return Bar(
        words.source(left, name),
        _("%(left)s of %(amount)s")
        % {"left": words.quantity(left.bucket, left.left), "amount": words.quantity(left.bucket, left.amount)},
        100 * left.left // left.amount if left.amount else 0,
        about,
        low=charts.is_low(left.left, left.amount),
        stops=stops,
    )
