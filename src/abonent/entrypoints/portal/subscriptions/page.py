"""Subscriptions of content providers in words and numbers. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abonent.domains.billing.content.queries import PartnerFee, Standing
from abonent.domains.lines.queries import Line
from abonent.domains.orders.subscriptions.queries import Overview, Subscription
from abonent.domains.orders.subscriptions.rules import Rest, State, Why
from abonent.entrypoints.portal.subscriptions import words
from abonent.web import format as formats

Facts = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """A subscription in a list: `badge` says how it stands where the list does not."""

    id: UUID
    title: str
    about: tuple[str, ...]
    price: str
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """All of the page: what costs money, what waits for a word, what was refused, what is over; the content account."""

    living: list[Row]
    asked: list[Row]
    # Why none of what waits can begin now; empty: it can.
    doubt: str
    refused: list[Row]
    ended: list[Row]
    banned: str
    a_month: str
    account: str
    account_about: str


@dataclass(frozen=True, slots=True)
class One:
    """A subscription with all that is known of it; `fees` are day, sum, where it is explained."""

    id: UUID
    title: str
    state: str
    price: str
    facts: Facts
    evidence: Facts
    told: str
    fees: list[tuple[str, str, str]]
    lives: bool
    good: bool
    asked: bool
    may_disagree: bool


def present(found: Overview, account: Standing, doubt: Why | None) -> Page:
    """Return the page; `doubt` is why a code begins nothing now."""
    living = found.those(State.ACTIVE, State.PAUSED)
    return Page(
        living=[_living(one) for one in living],
        asked=[_asked(one) for one in found.those(State.ASKED)],
        doubt=words.why_not_begun(doubt) if doubt else "",
        refused=[_over(one) for one in found.those(State.REFUSED)],
        ended=[_over(one) for one in found.those(State.ENDED, State.EXPIRED, State.DECLINED)],
        banned=formats.day(found.banned_since, year=True) if found.banned_since else "",
        a_month=_a_month(living),
        account=formats.money(account.balance_minor),
        account_about=_("On: subscriptions take from it alone") if account.is_on
        else _("Off: subscriptions take from the main balance"),
    )  # fmt: skip


def _a_month(living: Sequence[Subscription]) -> str:
    """Return about how much all of them cost in 30 days; nothing for none."""
    times = {"day": 30.0, "week": 30 / 7, "month": 1.0}
    total = round(sum(one.price_minor * times[one.per] for one in living))
    return _("about %(sum)s a month") % {"sum": formats.money(total)} if total else ""


def _living(one: Subscription) -> Row:
    about = [_("Since %(day)s") % {"day": formats.day(one.agreed_at, year=True)} if one.agreed_at else ""]
    about.append(next_charge(one))
    about.append(_("Paid in all: %(sum)s") % {"sum": formats.money(one.paid_minor)})
    badge = words.state(one) if one.state is State.PAUSED else ""
    return Row(
        one.id, words.name(one), tuple(part for part in about if part), words.price(one.price_minor, one.per), badge
    )


def next_charge(one: Subscription) -> str:
    """Return when it costs money next, or why it does not now."""
    if one.state is State.PAUSED:
        return words.why_paused(one.why)
    if one.end_day is None:
        return ""
    return _("Next charge: %(day)s") % {"day": formats.day(one.end_day)}


def _next(one: Subscription) -> Facts:
    if one.state is State.PAUSED:
        return [(_("Now"), words.why_paused(one.why))]
    return [(_("Next charge"), formats.day(one.end_day))] if one.lives and one.end_day else []


def _asked(one: Subscription) -> Row:
    until = _("Nothing is charged before you agree. The request ends at %(time)s") % {
        "time": formats.moment(one.expires_at)
    }
    return Row(one.id, words.name(one), (until,), words.price(one.price_minor, one.per))


def _over(one: Subscription) -> Row:
    day = formats.day(one.ended_at or one.asked_at, year=True)
    about = [f"{day}, {words.why_over(one)}"]
    if one.paid_minor or one.paid_times:
        about.append(_("Paid in all: %(sum)s") % {"sum": formats.money(one.paid_minor)})
    return Row(one.id, words.name(one), tuple(about), words.price(one.price_minor, one.per))


def shown(one: Subscription, fees: Sequence[PartnerFee]) -> One:
    """Return one subscription with its evidence and fees."""
    facts = _next(one)
    if one.ended_at is not None:
        facts.append((_("Ended"), f"{formats.moment(one.ended_at)}, {words.why_over(one)}"))
    if one.state is State.ENDED and one.works_until:
        facts.append((_("Works until"), last_day(one.works_until)))
    if one.agreed_at is not None:
        facts.append((_("Paid in all"), formats.money(one.paid_minor)))
    if one.back_minor:
        facts.append((_("Given back"), formats.money(one.back_minor)))
    stop = _("STOP to %(short)s") % {"short": one.short_number}
    facts += [(_("Help of the provider"), one.phone), (_("To stop by SMS"), stop)]
    evidence = [(_("Asked for by"), words.channel(one)), (_("Asked at"), formats.moment(one.asked_at))]
    if one.agreed_at is not None:
        evidence += [
            (_("Agreed at"), formats.moment(one.agreed_at)), (_("How"), words.agreed_by(one.agreed_by)),
        ]  # fmt: skip
    return One(
        id=one.id,
        title=words.name(one),
        state=words.state(one),
        price=words.price(one.price_minor, one.per),
        facts=facts,
        evidence=evidence,
        told=one.told,
        fees=[_fee(fee) for fee in fees],
        lives=one.lives,
        good=one.state is State.ACTIVE,
        asked=one.state is State.ASKED,
        may_disagree=one.agreed_at is not None and one.disputed_at is None,
    )


def _fee(fee: PartnerFee) -> tuple[str, str, str]:
    day = formats.day(fee.first, year=True)
    return day, formats.money(fee.amount_minor - fee.returned_minor), f"/statement/charge/{fee.id}/"


def stopping(one: Subscription, rest: Rest | None) -> tuple[Facts, str]:
    """Return what a stop means, in facts and a sentence."""
    facts: Facts = [(_("It costs"), words.price(one.price_minor, one.per))]
    if rest is None:
        return facts, _("It ends at once, and costs nothing more.")
    if rest.back_minor:
        facts.append((_("Comes back for unused days"), formats.money(rest.back_minor)))
    facts.append((_("Works until"), last_day(rest.works_until)))
    if rest.back_minor:
        return facts, _("It ends with today, and costs nothing more. The money of the days after comes back at once.")
    return facts, _("It costs nothing more. What is paid works to its end.")


def last_day(before: date) -> str:
    """Return the last day on which something works that ends before a day."""
    return _("the end of %(day)s") % {"day": formats.day(before - timedelta(days=1), year=True)}


def results(ended: Sequence[Subscription]) -> list[tuple[str, str]]:
    """Return what became of each that one form ended."""
    told = []
    for one in ended:
        said = _("Stopped, it costs nothing more")
        if one.state is State.DECLINED:
            said = _("Refused, nothing was charged")
        elif one.back_minor:
            said = _("Stopped, %(sum)s came back") % {"sum": formats.money(one.back_minor)}
        elif one.works_until:
            said = _("Stopped, works until %(day)s") % {"day": last_day(one.works_until)}
        told.append((words.name(one), said))
    return told


def count(number: int) -> str:
    """Return how many subscriptions these are."""
    return ngettext("%(num)s subscription", "%(num)s subscriptions", number) % {"num": number}


def moving(amount_minor: int, account: Standing, line: Line) -> Facts:
    """Return what a move means for both accounts; above zero it goes to the content account."""
    to_content = amount_minor > 0
    return [
        (_("To move"), formats.money(abs(amount_minor))),
        (_("From"), _("Main balance") if to_content else _("Content account")),
        (_("To"), _("Content account") if to_content else _("Main balance")),
        (_("Number"), formats.phone(line.number)),
        (_("Main balance afterwards"), formats.money(account.main_minor - amount_minor)),
        (_("Content account afterwards"), formats.money(account.balance_minor + amount_minor)),
        (_("Fee"), _("free of charge")),
    ]
