"""A change of the tariff in words and numbers: what it costs and brings, when, or why it cannot be. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from abonent.domains.lines.queries import Line
from abonent.domains.orders.rules import Refusal, Why
from abonent.domains.orders.tariffs.queries import TariffStanding
from abonent.domains.orders.tariffs.rules import DAYS_AHEAD_MAX
from abonent.entrypoints.portal.billing import fees_words
from abonent.entrypoints.portal.tariffs import words
from abonent.web import format as formats

Facts = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """When the change is asked for: `at`, None: now; `later` is when the next period begins.

    `typed` is what stands in the field of the day; `wrong`: that is no day.
    """

    when: str
    at: datetime | None
    later: datetime
    typed: str = ""
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Why not now, and ways out: addresses with words."""

    words: str
    ways: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Page:
    """All of the page. `whens` is the choice of when, the chosen one marked; `hidden` are the fields of the form.

    `warnings` are said before `notes`. `day` is the field of another day: its type, what stands in it,
    its bounds, its problem.
    """

    code: str
    title: str
    problem: str
    facts: Facts
    warnings: list[str]
    notes: list[str]
    refused: Refused | None
    whens: list[tuple[str, str, bool]]
    day: tuple[str, str, str, str, str] | None
    hidden: list[tuple[str, str]]
    button: str


def present(
    standing: TariffStanding, line: Line, chosen: Chosen, *, order_id: UUID, now: datetime, problem: str
) -> Page:
    """Return the page of a change to `standing.offer`."""
    version, refusal = standing.offer.version, standing.refusal
    wrong_day = chosen.wrong or (refusal is not None and refusal.why is Why.DAY)
    return Page(
        code=version.tariff_code,
        title=_("Change to the tariff “%(tariff)s”") % {"tariff": words.name(version)},
        problem=problem,
        facts=[] if wrong_day else _facts(standing, line, chosen),
        warnings=_warnings(standing),
        notes=_notes(standing, line, chosen),
        refused=_refused(standing, refusal) if refusal and not wrong_day else None,
        whens=_whens(version.tariff_code, chosen),
        day=_day(chosen, now, wrong=wrong_day),
        hidden=[] if wrong_day or refusal else _hidden(standing, line, chosen, order_id),
        button=_button(standing),
    )


def _hidden(standing: TariffStanding, line: Line, chosen: Chosen, order_id: UUID) -> list[tuple[str, str]]:
    return [
        ("id", f"{order_id}"),
        ("line", f"{line.id}"),
        ("version", f"{standing.offer.version.id}"),
        ("total_minor", f"{standing.quote.total_minor}"),
        ("effective_at", chosen.at.isoformat() if chosen.at else ""),
    ]


def _button(standing: TariffStanding) -> str:
    once = standing.quote.once_minor
    return _("Change for %(sum)s") % {"sum": formats.money(once)} if once else _("Change the tariff")


def _facts(standing: TariffStanding, line: Line, chosen: Chosen) -> Facts:
    version, quote = standing.offer.version, standing.quote
    once = formats.money(quote.once_minor) if quote.once_minor else _("free of charge")
    facts = [
        (_("The change itself"), once),
        (_("Begins"), formats.day(chosen.at) if chosen.at else _("within a few minutes")),
        (_("New fee"), words.fee(version)),
        (_("Fee until then"), words.fee(standing.own)),
    ]
    if quote.back_minor:
        facts.append((_("Comes back of the old fee"), formats.money(quote.back_minor)))
    if quote.first_minor:
        first = _("%(sum)s on %(day)s") % {"sum": formats.money(quote.first_minor), "day": formats.day(quote.first)}
        facts.append((_("First charge"), first))
        if quote.end - quote.first > timedelta(days=1):
            facts.append((_("It is for"), formats.days(quote.first, quote.end - timedelta(days=1))))
    if version.fee_minor:
        after = _("%(sum)s on %(day)s") % {"sum": formats.money(version.fee_minor), "day": formats.day(quote.end)}
        facts.append((_("Next charge"), after))
    facts.append((_("Included"), words.included(version) or _("No packages")))
    if line.prepaid:
        facts.append((_("You have"), formats.money(standing.available_minor)))
        if standing.refusal is None or standing.refusal.why is not Why.SHORT:
            with_fee = quote.soon and quote.first_minor
            name = _("Balance after the first charge") if with_fee else _("Balance afterwards")
            facts.append((name, formats.money(standing.available_after_minor)))
    return facts


def _warnings(standing: TariffStanding) -> list[str]:
    if standing.own_sold:
        return []
    parts = {"tariff": words.name(standing.own)}
    return [_("Your tariff “%(tariff)s” is not sold any more: you cannot come back to it.") % parts]


def _notes(standing: TariffStanding, line: Line, chosen: Chosen) -> list[str]:
    with_period = chosen.at is not None and timezone.localtime(chosen.at).day == line.period_day
    version, notes = standing.offer.version, []
    if line.service == "mobile" and (standing.own.terms.allowances or version.terms.allowances):
        notes.append(
            _("What is left of your packages ends with the period, and the new ones begin whole.")
            if with_period
            else _(
                "The packages become those of the new tariff. What you have used in this period counts, "
                "and what is left of the old ones is lost."
            )
        )
    if standing.quote.once_minor:
        notes.append(
            _("The price is held now and charged when the tariff is changed. If that fails, you have it back.")
        )
    if version.fee_minor:
        notes.append(fees_words.without_money(version.terms.fee, prepaid=line.prepaid))
    if chosen.at is not None:
        notes.append(_("Until that day you can undo it with one press."))
    if line.service == "mobile":
        return [*notes, _("Your services and your number stay as they are.")]
    return [*notes, _("Your services and your equipment stay as they are. Nobody has to come to you.")]


def _whens(code: str, chosen: Chosen) -> list[tuple[str, str, bool]]:
    here = f"/tariffs/{code}/order/"
    later = _("From the next period, %(day)s") % {"day": formats.day(chosen.later)}
    return [(here, _("At once"), not chosen.when), (f"{here}?when=next", later, chosen.when == "next")]


def _day(chosen: Chosen, now: datetime, *, wrong: bool) -> tuple[str, str, str, str, str]:
    today = timezone.localdate(now)
    first, last = today + timedelta(days=1), today + timedelta(days=DAYS_AHEAD_MAX)
    problem = _("Choose a day from %(first)s to %(last)s.") % {"first": formats.day(first), "last": formats.day(last)}
    # What is no date cannot stand in a field for dates, and what was typed is not lost.
    kind = "text" if chosen.wrong else "date"
    return kind, chosen.typed, first.isoformat(), last.isoformat(), problem if wrong else ""


def _refused(standing: TariffStanding, refusal: Refusal) -> Refused:
    code = standing.offer.version.tariff_code
    next_period = (f"/tariffs/{code}/order/?when=next", _("From the next period"))
    if refusal.why is Why.SHORT:
        return _short(refusal.missing_minor)
    if refusal.why is Why.LIMIT:
        left = {"sum": formats.money(refusal.left_minor)}
        limited = _("The spending limit leaves %(sum)s this month: the change costs more.") % left
        return Refused(limited, [("/limits/", _("Spending limits")), next_period])
    if refusal.why is Why.ON_THE_WAY and standing.coming is not None:
        return Refused(
            _("Another tariff is ordered already. Undo that first, while it has not begun."),
            [(f"/orders/{standing.coming.id}/", _("See how it stands"))],
        )
    others = ("/tariffs/", _("Other tariffs"))
    reasons: dict[Why, Callable[[], str]] = {
        Why.NO_NETWORK: lambda: _("The tariff cannot be changed here right now. Try again later, or call us."),
        Why.BLOCKED: lambda: _("A block is on. The tariff can be changed when it is over."),
        Why.NOT_SOLD: lambda: _("This tariff is not sold on that day. Choose an earlier one, or another tariff."),
        Why.PERSONAL: lambda: _("Your tariff was made for you and has no way back: call us to change it."),
        Why.PAID_WHOLE: lambda: _("Your fee for this period is paid whole: a dearer tariff begins with the next one."),
    }
    said = reasons.get(refusal.why, lambda: _("This cannot be ordered right now."))
    return Refused(said(), [next_period if refusal.why is Why.PAID_WHOLE else others])


def _short(missing_minor: int) -> Refused:
    missing = formats.money(missing_minor)
    return Refused(
        _("Short by %(sum)s for this change: its price, the first fee and what is owed.") % {"sum": missing},
        [
            (f"/topup/?amount={formats.plain(missing_minor)}", _("Top up %(sum)s") % {"sum": missing}),
            ("/promised/", _("Promised payment")),
        ],
    )
