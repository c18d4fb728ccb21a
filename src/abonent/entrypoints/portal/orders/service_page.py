"""One service for a line in words and numbers: what it gives and costs, what changing it means, or why not. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from abonent.domains.catalog.packages_rules import Package
from abonent.domains.lines.queries import Line
from abonent.domains.orders.queries import Standing
from abonent.domains.orders.rules import Action, Refusal, Why
from abonent.entrypoints.portal.orders import words
from abonent.entrypoints.portal.packages import words as package_words
from abonent.foundation.clock import now
from abonent.web import format as formats

# Links to what a refusal is about: address and words.
Links = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why not now, and ways out."""

    words: str
    ways: Links


@dataclass(frozen=True, slots=True)
class Page:
    """All of the page. `hidden` are the fields of the form; `whens` the choice of when, the chosen one marked."""

    code: str
    text: str
    title: str
    connected: bool
    problem: str
    facts: list[tuple[str, str]]
    notes: list[str]
    refused: Refused | None
    whens: list[tuple[str, str, bool]]
    hidden: list[tuple[str, str]]
    button: str
    danger: bool
    back: tuple[str, str]


def present(
    standing: Standing,
    line: Line,
    *,
    order_id: UUID,
    chosen: datetime | None,
    later: datetime,
    problem: str,
) -> Page:
    """Return the page; `chosen` is when it takes effect, None: at once; `later` is when the next period begins."""
    version, connect = standing.version, standing.action is Action.CONNECT
    name = words.name(version)
    refused = _refused(standing) if standing.refusal else None
    return Page(
        code=version.code,
        text=words.spoken(version.texts),
        title=_("Buy “%(package)s”") % {"package": name} if version.package else words.title(standing.action, name),
        connected=standing.product is not None,
        problem=problem,
        facts=_of_connecting(standing, line, chosen) if connect else _of_disconnecting(standing, line, chosen),
        notes=_notes(standing, line),
        refused=refused,
        whens=[] if standing.refusal and standing.refusal.why is not Why.SHORT else _whens(standing, chosen, later),
        hidden=[
            ("id", f"{order_id}"),
            ("line", f"{line.id}"),
            ("action", f"{standing.action}"),
            ("version", f"{version.id}"),
            ("total_minor", f"{standing.price.total_minor}"),
            ("effective_at", chosen.isoformat() if chosen else ""),
        ],
        button=_button(standing),
        danger=not connect,
        back=("/packages/buy/", _("Packages")) if version.package else ("/services/", _("Services")),
    )


def _button(standing: Standing) -> str:
    if standing.action is Action.DISCONNECT:
        return _("Disconnect")
    total = standing.price.total_minor
    if standing.version.package:
        return _("Buy for %(sum)s") % {"sum": formats.money(total)}
    return _("Connect for %(sum)s") % {"sum": formats.money(total)} if total else _("Connect, free of charge")


def _of_connecting(standing: Standing, line: Line, chosen: datetime | None) -> list[tuple[str, str]]:
    version, price = standing.version, standing.price
    facts = [(_("To pay for it"), formats.money(price.total_minor))]
    if version.package:
        facts += _of_package(version.package, chosen or now())
    if version.once_minor and version.fee_minor:
        facts.append((_("Of it to connect, once"), formats.money(price.once_minor)))
    if version.fee_minor and price.first < price.end:
        days = formats.days(price.first, price.end - timedelta(days=1))
        facts.append((_("Of it the fee for %(days)s") % {"days": days}, formats.money(price.fee_minor)))
    if price.next_on is not None:
        facts.append((_("Then"), words.later_fee(version.fee_minor, version.per, price.next_on)))
    facts.append((_("Begins"), formats.day(chosen) if chosen else _("within a few minutes")))
    if line.prepaid:
        facts.append((_("You have"), formats.money(standing.available_minor)))
        if standing.refusal is None or standing.refusal.why is not Why.SHORT:
            facts.append((_("Balance afterwards"), formats.money(standing.available_minor - price.total_minor)))
    return facts


def _of_package(package: Package, begins_at: datetime) -> list[tuple[str, str]]:
    """Return what a package adds, until when, and whether it is bought again."""
    ends_at = package.ends_at(begins_at, ZoneInfo(settings.TIME_ZONE))
    facts = [
        (_("You get"), package_words.adds(package)),
        (_("To be used until"), package_words.last_day(ends_at)),
        (_("At which hours"), package_words.hours(package)),
    ]
    again = _("bought again at the same price, until you say no") if package.renews else _("nothing: it is bought once")
    return [*facts, (_("When it ends"), again)]


def _of_disconnecting(standing: Standing, line: Line, chosen: datetime | None) -> list[tuple[str, str]]:
    version = standing.version
    facts = [(_("It costs you now"), words.fee(version))]
    if standing.product is not None:
        facts.append((_("Connected since"), formats.day(standing.product.since)))
    facts += [
        (_("To disconnect"), _("free of charge")),
        (_("Ends"), formats.day(chosen) if chosen else _("within a few minutes")),
    ]
    if standing.given_back_minor:
        facts.append((_("Comes back for days that are paid"), formats.money(standing.given_back_minor)))
    if line.prepaid and standing.given_back_minor:
        after = standing.available_minor + standing.given_back_minor
        facts.append((_("Balance afterwards"), formats.money(after)))
    return facts


def _notes(standing: Standing, line: Line) -> list[str]:
    version = standing.version
    if standing.action is Action.DISCONNECT:
        return [_("Your packages and the tariff stay as they are.")]
    if version.package:
        notes = [_("Usage takes from what ends soonest. What is not used by the last day is lost.")]
        if version.package.renews:
            notes.append(
                _("Each time we tell you by SMS. On the page of packages you can say that it is not bought again.")
            )
        return [*notes, _("It can be undone until it begins; once it has, it is yours.")]
    notes = [_("The sum is held now and charged when the service is there. If that fails, you have it back at once.")]
    if not standing.price.total_minor:
        notes = []
    if version.fee_minor and line.prepaid:
        notes.append(
            _("When there is not enough for the fee, it is not charged and the service is off until there is.")
        )
    return (
        [*notes, _("You can disconnect it at any time; days that are paid and not used come back.")]
        if (version.fee_minor)
        else [*notes, _("You can disconnect it at any time.")]
    )


def _whens(standing: Standing, chosen: datetime | None, later: datetime) -> list[tuple[str, str, bool]]:
    if not standing.version.package and (standing.version.per != "month" or not standing.version.fee_minor):
        return []
    here = f"/services/{standing.version.code}/"
    return [
        (here, _("At once"), chosen is None),
        (f"{here}?when=next", _("From %(day)s") % {"day": formats.day(later)}, chosen is not None),
    ]


def _refused(standing: Standing) -> Refused:
    refusal = standing.refusal or Refusal(Why.NOT_SOLD)
    if refusal.why is Why.SHORT:
        return _short(refusal.missing_minor, of_package=standing.version.package is not None)
    if refusal.why is Why.LIMIT:
        return _limited(refusal.left_minor)
    if refusal.why is Why.ON_THE_WAY and standing.open_order is not None:
        return Refused(
            _("This package is ordered already, and not there yet.")
            if standing.version.package
            else _("Something is on the way with this service already."),
            [(f"/orders/{standing.open_order.id}/", _("See how it stands"))],
        )
    related = [(f"/services/{code}/", words.name(version)) for code, version in standing.related.items()]
    named = ", ".join(f"«{words.name(version)}»" for version in standing.related.values())
    reasons: dict[Why, Callable[[], str]] = {
        Why.NO_NETWORK: lambda: _("Services cannot be changed here right now. Try again later, or call us."),
        Why.BLOCKED: lambda: _("A block is on. Services can be connected when it is over."),
        Why.NOT_SOLD: lambda: _("This service is not sold any more."),
        Why.NOT_FOR_LINE: lambda: _("This service is not for this connection."),
        Why.REGION: lambda: _("This service is not sold in this region."),
        Why.HAS_ALREADY: lambda: _("This service is connected already."),
        Why.HAS_NOT: lambda: _("This service is not connected."),
        Why.CONFLICTS: lambda: _("It does not work together with %(names)s. Disconnect that first.") % {"names": named},
        Why.NEEDS: lambda: _("It works only together with %(names)s. Connect that first.") % {"names": named},
        Why.NO_USE: lambda: _("Your tariff has no use for this package."),
        Why.UNLIMITED: lambda: _("Your tariff has no end of this: there is nothing to add."),
        Why.NEEDED_BY: lambda: _("%(names)s works only together with it. Disconnect that first.") % {"names": named},
    }
    said = reasons.get(refusal.why)
    return Refused(said() if said else _("This cannot be ordered right now."), related)


def _short(missing_minor: int, *, of_package: bool) -> Refused:
    exact = f"{missing_minor // 100}.{missing_minor % 100:02}"
    missing = formats.money(missing_minor)
    return Refused(
        (_("Short by %(sum)s for this package.") if of_package else _("Short by %(sum)s for this service."))
        % {"sum": missing},
        [
            (f"/topup/?amount={exact}", _("Top up %(sum)s") % {"sum": missing}),
            ("/promised/", _("Promised payment")),
        ],
    )


def _limited(left_minor: int) -> Refused:
    words = (
        _(
            "The spending limit leaves %(sum)s until the end of the month: this costs more. "
            "Raise the limit, or wait for the next month."
        )
        if left_minor
        else _("The spending limit is reached. Raise it, or wait for the next month")
    )
    return Refused(words % {"sum": formats.money(left_minor)}, [("/limits/", _("Spending limits"))])
