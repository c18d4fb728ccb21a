"""What an order for another SIM or another number says of itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from abonent.domains.help import queries as help_queries
from abonent.domains.orders.numbers import queries as numbers_queries
from abonent.domains.orders.numbers.queries import Change as NumberChange
from abonent.domains.orders.queries import Order
from abonent.domains.orders.rules import Action
from abonent.domains.orders.sims import queries as sims_queries
from abonent.domains.orders.sims.queries import Change as SimChange
from abonent.domains.orders.sims.rules import Form
from abonent.domains.orders.states import State
from abonent.web import format as formats

Facts = list[tuple[str, str]]
# Why it came to nothing, as the order's trace has it.
NOT_FETCHED, PROTECTED, LOST, OTHER_SIM = "not fetched", "cabinet protected", "line blocked", "sim replaced"


@dataclass(frozen=True, slots=True)
class OfLine:
    """The words of the page; `said` empty: those of any order. `rests`: nothing changes before its owner acts, by `act`
    if that is done here."""

    title: str
    said: str
    onward: tuple[str, str]
    facts: Facts = field(default_factory=list)
    rests: bool = False
    act: tuple[str, str] | None = None


def of(order: Order) -> OfLine | None:
    """Return what is peculiar to the order, None when it is for something else."""
    if order.action is Action.SIM and (sim := sims_queries.change_of(order.id)) is not None:
        return _sim(order, sim)
    if order.action is Action.NUMBER and (number := numbers_queries.change_of(order.id)) is not None:
        return _number(order, number)
    return None


def _sim(order: Order, change: SimChange) -> OfLine:
    titles = {
        State.COMPLETED: _("The new SIM works"),
        State.FAILED: _("The SIM is as it was"),
        State.CANCELLED: _("The order is undone"),
    }
    coming = {
        Form.ESIM: _("An eSIM for your number"),
        Form.SHOP: _("A SIM waits in the shop"),
        Form.CARD: _("Changing to the new SIM"),
    }
    act = None
    if order.may_be_undone and change.has_code and not change.installed:
        act = (f"/sim/code/{order.id}/", _("Show the code of the eSIM"))
    return OfLine(
        titles.get(order.state, coming[change.form]),
        _said_of_sim(order, change),
        ("/sim/", _("Another SIM")),
        _facts_of_sim(order, change),
        act=act,
        rests=change.form is Form.SHOP and order.is_open,
    )


def _said_of_sim(order: Order, change: SimChange) -> str:
    if order.state is State.COMPLETED:
        return _("The old SIM works no more. For a day, codes by SMS do not count as a proof.")
    if not order.may_be_undone:
        return _not_done(order)
    until = {"day": formats.day(change.waits_until)} if change.waits_until else {}
    if change.form is Form.SHOP:
        return _("Come with your identity document by %(day)s. The old SIM works until then.") % until
    if change.form is Form.CARD or change.installed:
        return ""
    if not change.has_code:
        return _("We are making the code: that takes about a minute. This page sees by itself when it is there.")
    return _("Install the eSIM by %(day)s. The old SIM works until then, and you can undo it.") % until


def _facts_of_sim(order: Order, change: SimChange) -> Facts:
    facts = []
    if change.shop:
        shop = next((one for one in help_queries.shops() if one.code == change.shop), None)
        facts.append((_("Where"), shop.addresses.get(get_language() or "", shop.code) if shop else change.shop))
    if change.iccid:
        facts.append((_("Number of the card (ICCID)"), change.iccid))
    if order.is_open and change.waits_until:
        facts.append((_("It waits for you until"), formats.day(change.waits_until, year=True)))
    return facts


def _number(order: Order, change: NumberChange) -> OfLine:
    after = formats.phone(change.after)
    titles = {
        State.COMPLETED: _("Your number is %(number)s now"),
        State.FAILED: _("The number is as it was"),
        State.CANCELLED: _("The order is undone"),
    }
    facts = [(_("New number"), after), (_("Old number"), formats.phone(change.before))]
    if order.state is State.COMPLETED and change.rests_until:
        facts.append((_("The old number is kept for you until"), formats.day(change.rests_until, year=True)))
    return OfLine(
        titles.get(order.state, _("Changing the number to %(number)s")) % {"number": after},
        _said_of_number(order),
        ("/number/", _("Another number")),
        facts,
    )


def _said_of_number(order: Order) -> str:
    if order.state is State.COMPLETED:
        return _("Sign in by the new number. Tell banks and other services, if they know the old one.")
    if order.may_be_undone and order.effective_at > order.placed_at:
        return _("It takes effect at %(time)s. Until then you can undo it.") % {
            "time": formats.clock(order.effective_at)
        }
    return _not_done(order)


def _not_done(order: Order) -> str:
    """Return why it came to nothing; empty: as with any order."""
    why = {
        NOT_FETCHED: _("Nobody fetched it in time. Nothing was charged, and what was held is yours again."),
        PROTECTED: _("Your cabinet was protected meanwhile. Nothing was changed and nothing charged."),
        LOST: _("The phone was reported lost meanwhile. Nothing was changed and nothing charged."),
        OTHER_SIM: _("The SIM was replaced meanwhile. Nothing was changed and nothing charged."),
    }
    return why.get(order.reason, "") if order.state is State.FAILED else ""
