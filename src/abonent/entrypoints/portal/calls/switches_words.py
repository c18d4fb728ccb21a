"""Switches of a number in words. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from abonent.domains.orders import switches_rules
from abonent.domains.orders.rules import Action
from abonent.domains.orders.switches_queries import Overview, Standing
from abonent.domains.orders.switches_rules import Switch
from abonent.entrypoints.portal.orders import words as order_words


@dataclass(frozen=True, slots=True)
class Row:
    """A switch: how it stands and what that means; what it costs.

    `form_id` is that of the form that switches it with a press, None: `address` leads to all that it means first.
    """

    slug: str
    icon: str
    title: str
    about: str
    meaning: str
    price: str
    badge: str
    act: str
    action: str
    address: str
    form_id: UUID | None


@dataclass(frozen=True, slots=True)
class Page:
    """All of the page; `abroad` are sentences on what works there, each with whether it does."""

    rows: list[Row]
    abroad: list[tuple[bool, str]]


def present(found: Overview, incoming_barred: str) -> Page:
    """Return the page; `incoming_barred` is the programme by which the owner barred incoming calls."""
    return Page(
        [_row(one) for one in found.standings if one.has or one.is_sold or one.order_id],
        _abroad(found, incoming_barred),
    )


def _row(one: Standing) -> Row:
    works = one.works != (one.switch in switches_rules.TAKES_AWAY)
    on, off, meaning = _said(one.switch)
    pressed = one.order_id is None and switches_rules.is_free(one.version)
    address = f"/orders/{one.order_id}/" if one.order_id else f"/services/{one.version.code}/"
    return Row(
        slug=one.switch.value,
        icon=_ICONS[one.switch],
        title=_title(one.switch),
        about=_("Off until there is enough money for the fee") if one.is_paused else on if works else off,
        meaning=meaning,
        price=order_words.price(one.version),
        badge=_("on the way") if one.order_id else "",
        act=_("How it goes") if one.order_id else _act(one.switch, works=works),
        action=Action.DISCONNECT if one.has else Action.CONNECT,
        address=address,
        form_id=uuid4() if pressed else None,
    )


_ICONS = {
    Switch.HIDE: "outgoing",
    Switch.CALLER: "incoming",
    Switch.NO_DATA: "internet",
    Switch.ROAMING: "call",
    Switch.ROAMING_DATA: "internet",
}


def _title(switch: Switch) -> str:
    return {
        Switch.HIDE: _("Whether others see my number"),
        Switch.CALLER: _("Who calls me"),
        Switch.NO_DATA: _("Mobile internet"),
        Switch.ROAMING: _("Calls and messages abroad"),
        Switch.ROAMING_DATA: _("Internet abroad"),
    }[switch]


def _act(switch: Switch, *, works: bool) -> str:
    if switch is Switch.HIDE:
        return _("Show my number") if works else _("Hide my number")
    return _("Switch off") if works else _("Switch on")


def _said(switch: Switch) -> tuple[str, str, str]:
    """Return how it is while it is on, while it is off, and what it means."""
    return {
        Switch.HIDE: (
            _("Hidden: those you call do not see your number"),
            _("Shown: those you call see your number"),
            _("Emergency services always see it, and messages always show it."),
        ),
        Switch.CALLER: (
            _("On: you see who calls, even without a contact"),
            _("Off: you see the number, and the names of your contacts"),
            _("The name comes from the operator's directory; nothing is read from your phone."),
        ),
        Switch.NO_DATA: (
            _("On: apps and pages work over the mobile network"),
            _("Off: nothing goes over mobile internet, and nothing is charged for it"),
            _("While it is off, calls, messages and Wi-Fi work as before; messengers need Wi-Fi."),
        ),
        Switch.ROAMING: (
            _("On: your number works in networks of other countries"),
            _("Off: abroad there is no connection, and nothing is charged"),
            _("Codes of banks come by SMS abroad only while it is on."),
        ),
        Switch.ROAMING_DATA: (
            _("On: internet works in other countries"),
            _("Off: abroad there is internet over Wi-Fi only"),
            _("It needs calls and messages abroad to be on."),
        ),
    }[switch]


def _abroad(found: Overview, incoming_barred: str) -> list[tuple[bool, str]]:
    calls, data = found.abroad.calls, found.abroad.data
    told = [
        (True, _("Emergency calls to 112, in every country")),
        (calls, _("Calls that you make and SMS that you send") if calls else _("No calls that you make, no SMS")),
    ]
    if calls and incoming_barred:
        told.append((False, _("Incoming calls: you barred them yourself")))
    else:
        told.append((calls, _("Calls to you; they cost abroad") if calls else _("Nobody can call you")))
    told.append((calls, _("SMS to you, codes of banks among them") if calls else _("No SMS, no codes of banks")))
    told.append((data, _("Internet, maps and messengers") if data else _("Internet over Wi-Fi only")))
    return told
