"""How notices, their topics and their ways are called."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from abonent.domains.messaging import rules_topics as topics
from abonent.domains.messaging.queries import Notice
from abonent.domains.messaging.rules_topics import Topic, Wishes
from abonent.domains.messaging.states import State
from abonent.web import format as formats


@dataclass(frozen=True, slots=True)
class Row:
    """A notice as the page shows it."""

    icon: str
    text: str
    about: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A box to tick: its value, its words, whether it is ticked."""

    value: str
    name: str
    about: str
    ticked: bool


def topic(of: Topic) -> tuple[str, str]:
    """Return what the topic is called, and what belongs to it."""
    return {
        Topic.PAYMENTS: (_("Payments"), _("Money came, came back or did not come; transfers to you")),
        Topic.AUTOPAY: (_("Autopay"), _("What will be taken from the card, was taken, or could not be")),
        Topic.FEES: (
            _("Fees and promised payments"),
            _("A fee that waits for money; a promised payment's days and cost"),
        ),
        Topic.LIMITS: (_("Spending limits"), _("How much of a month's limit is spent")),
        Topic.PRICES: (_("Prices"), _("What becomes dearer or cheaper, and from which day")),
        Topic.BILLS: (_("Bills"), _("A new bill, and until when it is to be paid")),
        Topic.ORDERS: (_("Services and tariff"), _("An order was carried out, or could not be")),
        Topic.CALLS: (_("Voicemail"), _("Somebody left you a message: who, and how long it is")),
        Topic.FAMILY: (pgettext("topic", "Family"), _("Who pays for whom, and when there is not enough for it")),
    }[of]


def icon(of: Topic | None) -> str:
    """Return the drawing beside a notice; None: what always comes."""
    return {
        Topic.PAYMENTS: "wallet",
        Topic.AUTOPAY: "wallet",
        Topic.FEES: "calendar",
        Topic.LIMITS: "expenses",
        Topic.PRICES: "fee",
        Topic.BILLS: "contract",
        Topic.ORDERS: "mobile",
        Topic.FAMILY: "person",
        Topic.CALLS: "call",
        None: "shield",
    }[of]


def row(notice: Notice) -> Row:
    """Return the notice as a row: what was said, when, about what, and how far it came."""
    about = [formats.moment(notice.at), topic(notice.topic)[0] if notice.topic else _("Security")]
    return Row(icon(notice.topic), notice.text, " · ".join([*about, _state(notice)]))


def _state(notice: Notice) -> str:
    return {
        State.KEPT: _("only here"),
        State.FAILED: _("did not arrive by SMS"),
        State.SENT: _("sent by SMS"),
        State.WAITING: _("waits until the phone is on"),
        State.DELIVERED: _("arrived by SMS"),
    }.get(notice.state, _("will come by SMS"))


def by_sms(wishes: Wishes) -> list[Tick]:
    """Return the boxes of what comes by SMS."""
    return [Tick(one.value, *topic(one), one not in wishes.sms_off) for one in Topic]


def by_email(wishes: Wishes) -> list[Tick]:
    """Return the boxes of what comes by e-mail as well."""
    return [Tick(one.value, topic(one)[0], "", one in wishes.email_on) for one in Topic if one not in topics.MAILED]


def hours(chosen: str) -> list[tuple[int, str, bool]]:
    """Return the hours of a day: value, words, whether it is the chosen one."""
    return [(hour, f"{hour:02}:00", str(hour) == chosen) for hour in topics.HOURS]


def chips(chosen: Topic | None) -> list[tuple[str, str, bool]]:
    """Return the filters of the page: address, words, whether it is the chosen one."""
    ways = [("/notices/", pgettext("notices", "All"), chosen is None)]
    return ways + [(f"/notices/?topic={one}", topic(one)[0], one == chosen) for one in Topic]
