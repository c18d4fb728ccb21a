"""What consoles say of subscriptions of content providers. No I/O."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from abonent.domains.orders.subscriptions.queries import Subscription
from abonent.domains.orders.subscriptions.rules import State, Why
from abonent.web import format as formats


def price(minor: int, per: str) -> str:
    """Return a price for each day, week or month."""
    said = {"day": _("%(sum)s a day"), "week": _("%(sum)s a week"), "month": _("%(sum)s a month")}[per]
    return said % {"sum": formats.money(minor)}


def state(one: Subscription) -> str:
    """Return how it stands, and why where that is not plain."""
    said = {
        State.ASKED: pgettext("subscription of a customer", "waits for the customer’s word"),
        State.ACTIVE: pgettext("subscription", "active"),
        State.PAUSED: pgettext("subscription", "paused"),
        State.ENDED: pgettext("subscription", "ended"),
        State.EXPIRED: pgettext("subscription", "not agreed to in time"),
        State.DECLINED: pgettext("subscription of a customer", "the customer said no"),
        State.REFUSED: pgettext("subscription", "was refused"),
    }[one.state]
    why = {
        Why.OWNER: _("by the customer in the cabinet"),
        Why.SMS: _("by the customer’s SMS"),
        Why.USSD: _("by the customer, from the phone’s menu"),
        Why.STAFF: _("by staff"),
        Why.PROVIDER: _("by the provider"),
        Why.DISPUTE: _("the customer did not agree to it"),
        Why.NO_MONEY: _("no money"),
        Why.BANNED: _("new ones are banned"),
        Why.SUSPENDED: _("the provider is suspended"),
        Why.BLOCKED: _("the number is blocked"),
    }.get(one.why) if one.why else None  # fmt: skip
    return f"{said}: {why}" if why else said


def agreed_by(how: str) -> str:
    """Return how the consent was given."""
    return _("by SMS with the code") if how == "sms" else _("on the page of the link")
