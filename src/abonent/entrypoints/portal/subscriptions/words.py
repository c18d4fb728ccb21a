"""What subscriptions of content providers are called. No I/O."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from abonent.domains.orders.subscriptions.queries import Subscription
from abonent.domains.orders.subscriptions.rules import State, Why
from abonent.web import format as formats

_PER: dict[str, Callable[[], str]] = {
    "day": lambda: _("%(sum)s a day"),
    "week": lambda: _("%(sum)s a week"),
    "month": lambda: _("%(sum)s a month"),
}
_FOR: dict[str, Callable[[], str]] = {
    "day": lambda: _("The price of a day, %(sum)s with VAT, as you agreed to it"),
    "week": lambda: _("The price of a week, %(sum)s with VAT, as you agreed to it"),
    "month": lambda: _("The price of a month, %(sum)s with VAT, as you agreed to it"),
}


def price(minor: int, per: str) -> str:
    """Return a price for each day, week or month."""
    return _PER[per]() % {"sum": formats.money(minor)}


def for_period(per: str, sum_said: str) -> str:
    """Return why a fee is what it is; a period of later days says the least that is true."""
    named = _FOR.get(per)
    return (named() if named else _("%(sum)s with VAT, as you agreed to it")) % {"sum": sum_said}


def name(one: Subscription) -> str:
    """Return what a subscription is called, with whose it is."""
    return one.names.get(get_language() or "") or one.names.get("ru") or one.service


def state(one: Subscription) -> str:
    """Return how it stands, in a word or two."""
    return {
        State.ASKED: pgettext("subscription", "waits for your word"),
        State.ACTIVE: pgettext("subscription", "active"),
        State.PAUSED: pgettext("subscription", "paused"),
        State.ENDED: pgettext("subscription", "ended"),
        State.EXPIRED: pgettext("subscription", "not agreed to in time"),
        State.DECLINED: pgettext("subscription", "you said no"),
        State.REFUSED: pgettext("subscription", "was refused"),
    }[one.state]


def why_paused(why: Why | None) -> str:
    """Return why it costs nothing now, and what would change that."""
    return {
        Why.NO_MONEY: _("There is not enough money. It costs nothing until there is."),
        Why.BLOCKED: _("The number is blocked. It costs nothing until the number works again."),
        Why.SUSPENDED: _("We have suspended this provider. It costs nothing meanwhile."),
    }.get(why or Why.NO_MONEY) or _("It costs nothing now.")


def why_over(one: Subscription) -> str:
    """Return why it ended, or never began."""
    return {
        Why.OWNER: _("stopped in the cabinet"),
        Why.SMS: _("stopped by SMS"),
        Why.USSD: _("stopped from the phone’s menu"),
        Why.STAFF: _("stopped by our staff at your request"),
        Why.PROVIDER: _("stopped by the provider"),
        Why.DISPUTE: _("you said that you did not agree to it"),
        Why.NO_MONEY: _("there was no money for it"),
        Why.LINE_CLOSED: _("the number is not served any more"),
        Why.BANNED: _("new subscriptions were banned for this number"),
        Why.SUSPENDED: _("we had suspended this provider"),
        Why.BLOCKED: _("the number was blocked"),
    }.get(one.why or Why.NOT_SERVED) or state(one)


def why_not_begun(why: Why) -> str:
    """Return why the right code begins nothing now, and what would change that."""
    return {
        Why.PROTECTED: _(
            "The cabinet of this number is protected. Until its owner lifts that, a code by SMS begins nothing, and "
            "nothing is charged."
        ),
        Why.HELD: _(
            "The SIM or the forwarding of this number changed lately. For a day after that a code by SMS begins "
            "nothing, and nothing is charged."
        ),
        Why.SUSPENDED: _("We have suspended this provider. Nothing began, and nothing was charged."),
        Why.BLOCKED: _("The number is blocked. Nothing began, and nothing was charged."),
    }.get(why) or _("It was refused, and nothing was charged.")


def channel(one: Subscription) -> str:
    """Return where the request came from."""
    if one.channel == "sms":
        return _("SMS from your number to %(short)s") % {"short": one.short_number}
    return _("a request of the provider")


def agreed_by(how: str) -> str:
    """Return how the consent was given."""
    if how == "sms":
        return _("by an SMS with the code")
    return _("on the page of the link, with the code of the SMS")
