"""What the pages say about transfers: what they are, how they stand, why not and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from abonent.domains.billing.transfers.queries import Transfer
from abonent.domains.billing.transfers.rules import Refusal, Refused, Terms, masked
from abonent.domains.billing.transfers.states import State
from abonent.web import format as formats


@dataclass(frozen=True, slots=True)
class Problem:
    """Why not, and the way out: an address with words for it, each empty when there is none."""

    words: str
    address: str = ""
    act: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A transfer in a list; `income` decides the colour and the arrow."""

    title: str
    about: str
    amount: str
    income: bool
    address: str


def why_not(reason: Refused) -> Problem:
    """Return what is in the way of a transfer."""
    refusal, most = reason.refusal, formats.money(reason.most_minor)
    if refusal is Refusal.SHORT:
        return short(reason.missing_minor)
    if refusal is Refusal.LIMIT:
        return _limit(reason)
    if refusal is Refusal.YOUNG and reason.until:
        return Problem(
            _("A new number cannot send money at once. Yours can from %(day)s on") % {"day": formats.day(reason.until)}
        )
    words = {
        Refusal.BLOCKED: _("A block is on. Have it lifted first: call us or come to a shop"),
        Refusal.NOT_YOURS: _("Other numbers of this contract are not in your cabinet. Its main number can send money"),
        Refusal.BY_BILL: _("You pay by bill, so there is no money on the balance to send"),
        Refusal.SELF: _("This number has the same balance. Enter somebody else's number"),
        Refusal.RECEIVER: receiver_cannot(),
        Refusal.SMALL: _("The least sum is %(sum)s") % {"sum": most},
        Refusal.LARGE: _("At most %(sum)s can be sent at a time") % {"sum": most},
        Refusal.DAY: _("The limit of the day is nearly used up: %(sum)s can still be sent today") % {"sum": most}
        if reason.most_minor
        else _("The limit of the day is used up. Money can be sent again tomorrow"),
        Refusal.MONTH: _("The limit of the month is nearly used up: %(sum)s can still be sent") % {"sum": most}
        if reason.most_minor
        else _("The limit of the month is used up. Money can be sent again next month"),
    }
    return Problem(words[refusal], "/transfer/", _("Enter another number or sum"))


def _limit(reason: Refused) -> Problem:
    """Return what the spending limit leaves, and where it is raised."""
    words = (
        _("The spending limit leaves %(sum)s until the end of the month. Raise it, or send less")
        if reason.most_minor
        else _("The spending limit is reached. Raise it, or wait for the next month")
    )
    return Problem(words % {"sum": formats.money(reason.most_minor)}, "/limits/", _("Spending limits"))


def receiver_cannot() -> str:
    """Return the one answer to numbers that are unknown, blocked or another operator's."""
    return _("Money cannot be sent to this number. Check the digits: only subscribers of ours can get it")


def short(missing_minor: int) -> Problem:
    """Return what is missing, and where to top up exactly that."""
    return Problem(
        _("%(sum)s are missing on the balance") % {"sum": formats.money(missing_minor)},
        f"/topup/?amount={missing_minor // 100}{f'.{missing_minor % 100:02}' if missing_minor % 100 else ''}",
        _("Top up %(sum)s") % {"sum": formats.money(missing_minor)},
    )


def ended(transfer: Transfer) -> str:
    """Return what became of a transfer that moved nothing."""
    if transfer.state is not State.REFUSED:
        return _("Nobody confirmed the transfer in time. Nothing was sent")
    return _("Nothing was sent")


def too_many_numbers(until: datetime) -> str:
    """Return why no further name is looked up, and from when on one is."""
    shown = until + timedelta(seconds=59)
    return _("You entered too many different numbers. Another one can be entered after %(time)s") % {
        "time": formats.moment(shown)
    }


def terms(of: Terms) -> list[tuple[str, str]]:
    """Return the limits and the fee, as names with values."""
    percent = formats.percent(of.fee_ppm / 1_000_000)
    least = formats.money(of.fee_least_minor)
    fee = _("%(percent)s, at least %(sum)s") % {"percent": percent, "sum": least} if of.fee_ppm else least
    return [
        (_("Transfer fee"), fee),
        (
            _("At a time"),
            _("from %(least)s to %(most)s")
            % {"least": formats.money(of.least_minor), "most": formats.money(of.most_minor)},
        ),
        (_("A day"), _("up to %(sum)s") % {"sum": formats.money(of.most_a_day_minor)}),
        (_("A month"), _("up to %(sum)s") % {"sum": formats.money(of.most_a_month_minor)}),
        (_("Stays on the balance"), formats.money(of.kept_minor)),
    ]


def row(transfer: Transfer, contract_id: int) -> Row:
    """Return a transfer that was done, as the holder of the contract sees it in a list."""
    income = transfer.contract_to == contract_id
    number, name = (
        (transfer.number_from, transfer.name_from) if income else (transfer.number_to, transfer.name_to)
    )  # fmt: skip
    at = transfer.settled_at or transfer.asked_at
    about = [name, masked(number), when(at)]
    amount_minor = transfer.amount_minor if income else -transfer.amount_minor - transfer.fee_minor
    return Row(
        title(transfer, income=income),
        " · ".join(part for part in about if part),
        formats.money(amount_minor, sign=True),
        income,
        f"/transfer/{transfer.id}/",
    )


def title(transfer: Transfer, *, income: bool) -> str:
    """Return what kind of transfer it is, as one side sees it."""
    if transfer.returns_id:
        return _("Given back to you") if income else _("You gave it back")
    if transfer.family_id:
        return _("Paid for you") if income else _("You paid for a member")
    return _("Transfer from a subscriber") if income else _("Transfer to a subscriber")


def when(at: datetime) -> str:
    """Return the moment, in short, in the operator's time zone."""
    return formats.moment(timezone.localtime(at))
