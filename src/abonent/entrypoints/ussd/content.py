"""Subscriptions of other companies in the phone's menu: the list, the end of one or all, the ban, their account."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abonent.domains.lines.queries import Line
from abonent.domains.messaging.texts import subscriptions as texts_subscriptions
from abonent.domains.messaging.texts import words
from abonent.domains.orders.handset import content as handset_content
from abonent.domains.orders.handset.content import BY
from abonent.domains.orders.handset.rules import Said
from abonent.domains.orders.subscriptions import actions as subscriptions
from abonent.domains.orders.subscriptions import queries
from abonent.domains.orders.subscriptions.queries import NoSuchSubscription
from abonent.domains.orders.subscriptions.rules import Rest, State, Why
from abonent.entrypoints.ussd.menu import Option

# Our own space of names: one question ends what it asked about once.
NAMES = UUID("6a9a1c52-0d0e-4d0e-8a60-0b3a43a6c5f1")


def listed(line: Line, language: str) -> tuple[str, list[Option]]:
    """Return what the line has, each to be stopped, and what can be done with all of it."""
    found = handset_content.having(line)
    options: list[Option] = [
        (f"{one.called(language)} {_price(one)}", ("unsubscribe", f"{one.subscription.id}")) for one in found
    ]
    if len(found) > 1:
        options.append((_("Stop all"), ("unsubscribe all", "")))
    if queries.overview(line.id).banned_since is None:
        options.append((_("Ban new ones"), ("ban content", "")))
    return (_("To stop one, choose it:") if found else _("There are no subscriptions of other companies.")), options


def _price(one: handset_content.Named) -> str:
    if one.subscription.state is State.ASKED:
        return _("(not begun)")
    return texts_subscriptions.price(f"{one.subscription.price_minor}", one.subscription.per)


def ask_to_stop(line: Line, about: str, language: str, at: datetime) -> tuple[str, Option] | None:
    """Return what the end of one means, and what says yes to it; None: there is nothing to end any more."""
    try:
        found = queries.subscription(UUID(about), [line.id])
    except NoSuchSubscription:
        return None
    if not found.is_open:
        return None
    told = _("Stop “%(name)s”?") % {"name": found.names.get(language, found.service)}
    return f"{told} {_what_is_left(queries.rest_of(found, at))}".strip(), (_("Yes"), ("unsubscribed", about))


def _what_is_left(rest: Rest | None) -> str:
    if rest is None:
        return _("It charges nothing more.")
    if rest.back_minor:
        return _("For unused days %(sum)s come back.") % {"sum": words.money(f"{rest.back_minor}")}
    return _("It charges nothing more, and works on until its paid days end.")


def stop(line: Line, about: str, language: str, at: datetime) -> Said | str:
    """End it; return what is said, in words where only the message says more."""
    said = handset_content.stop(line=line, subscription_id=UUID(about), language=language, why=Why.USSD, at=at)
    return said or _("It is stopped and charges nothing more. A text says the rest.")


def ask_to_stop_all(line: Line, at: datetime) -> tuple[str, Option] | None:
    """Return the question whether all are to end; the moment in it makes a press that comes twice one end."""
    count = len(handset_content.having(line))
    if not count:
        return None
    told = ngettext("Stop %(count)s subscription?", "Stop all %(count)s subscriptions?", count) % {"count": count}
    form_id = uuid5(NAMES, f"{line.id} {at.isoformat()}")
    return " ".join([told, _("They charge nothing more.")]), (_("Yes"), ("unsubscribed all", f"{form_id}"))


def stop_all(line: Line, about: str, at: datetime) -> Said:
    """End all, and say how many that was."""
    ended = subscriptions.stop_all(line_id=line.id, form_id=UUID(about), why=Why.USSD, by=BY, at=at)
    return Said("subscriptions stopped", {"count": f"{len(ended)}"}) if ended else Said("subscription nothing", {})


def ask_to_ban() -> tuple[str, Option]:
    """Return the question whether nobody is to ask for a subscription any more."""
    told = _("Ban new subscriptions? It is free. What you have goes on.")
    return told, (_("Yes"), ("content banned", ""))
