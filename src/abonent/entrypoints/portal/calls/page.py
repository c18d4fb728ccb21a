"""Calls and the SIM in words and numbers. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from abonent.domains.catalog.rules import Price
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.queries import Line
from abonent.domains.orders.forwarding.queries import Overview, Question, Standing
from abonent.domains.orders.forwarding.rules import State
from abonent.entrypoints.portal.calls import words
from abonent.entrypoints.portal.lines import bar_words
from abonent.entrypoints.portal.lines.bar_words import Said
from abonent.entrypoints.portal.orders import words as order_words
from abonent.entrypoints.portal.tariffs import words as tariff_words
from abonent.foundation.values import Msisdn
from abonent.web import format as formats

Facts = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """One forwarding: `slug` in addresses; `stop` the change that can still be stopped, None: none.

    `form_id` is that of the form that removes it, None: there is nothing to remove.
    """

    slug: str
    title: str
    about: str
    badge: str
    act: str
    form_id: UUID | None
    stop: UUID | None


@dataclass(frozen=True, slots=True)
class Page:
    """All of the page; `services` are an address, a name and whether it is on each."""

    rows: list[Row]
    bars: list[Said]
    settings: Facts
    sim: Facts
    services: list[tuple[str, str, str]]


def slug(condition: str) -> str:
    """Return a condition as addresses write it."""
    return condition.replace(" ", "-")


def present(line: Line, found: Overview) -> Page:
    """Return the page."""
    return Page(
        rows=[_row(one) for one in found.standings],
        bars=[bar_words.why(Kind(kind), line.bar_ends_at) for kind in line.bars],
        settings=apn(),
        sim=_sim(found),
        services=[
            (
                f"/services/{one.code}/", order_words.name(one),
                pgettext("of a service", "Connected") if one.code in found.connected else order_words.price(one),
            )
            for one in found.services
        ],
    )  # fmt: skip


def apn() -> Facts:
    """Return what a phone needs for mobile internet."""
    empty = _("leave empty")
    return [
        (_("Access point (APN)"), settings.APN),
        (_("User name"), empty),
        (_("Password"), empty),
        (_("Type of access point"), "default,supl"),
    ]


def facts(line: Line, asked: Question, condition: str, target: Msisdn) -> Facts:
    """Return all that a forwarding means before it is confirmed."""
    told = [
        (_("Which calls"), words.condition(condition)),
        (_("Calls to"), formats.phone(line.number)),
        (_("They go to"), formats.phone(target.e164)),
        (_("Begins"), _("10 minutes from now") if asked.waits else _("within a few minutes")),
        (_("Forwarding itself"), _("free of charge")),
        (_("A call that goes on"), _price(asked.price)),
    ]
    if asked.standing.forwarding:
        told.insert(3, (_("Instead of"), formats.phone(asked.standing.forwarding.target)))
    return told


def notes(asked: Question) -> list[str]:
    """Return what else follows from it."""
    told = [
        _("For a day after it, codes by SMS do not count as a proof: you need a password or another second proof."),
        _("We tell all your numbers and your e-mail address when it is on."),
    ]
    if asked.waits:
        told.insert(
            0, _("This number was never called from here. So you have 10 minutes to stop it, and we tell you now.")
        )
    return told


def _price(price: Price | None) -> str:
    if price is None or not price.price_minor:
        return tariff_words.price(price)
    if price.bucket:
        return _("from your package of minutes, beyond it %(price)s") % {"price": tariff_words.for_unit(price)}
    return tariff_words.for_unit(price)


def _row(one: Standing) -> Row:
    about, coming = _("Calls come to your phone"), one.coming
    if one.forwarding:
        about = _("To %(number)s since %(day)s") % {
            "number": formats.phone(one.forwarding.target), "day": formats.day(one.forwarding.since),
        }  # fmt: skip
    badge, stop = "", None
    if coming is not None and coming.state is State.WAITING:
        badge, stop = _("begins at %(time)s") % {"time": formats.clock(coming.effective_at)}, coming.id
    elif coming is not None:
        badge = _("on the way")
    if coming is not None and coming.target:
        about = _("Will go to %(number)s") % {"number": formats.phone(coming.target)}
    return Row(
        slug=slug(one.condition),
        title=words.condition(one.condition),
        about=about,
        badge=badge,
        act="" if coming else _("Change") if one.forwarding else _("Set up"),
        form_id=uuid4() if one.forwarding is not None and coming is None else None,
        stop=stop,
    )


def _sim(found: Overview) -> Facts:
    told: Facts = []
    if found.sim is not None:
        told.append((_("Number of the SIM in the network (IMSI) ends with"), found.sim.ending))
        told.append((_("Serves this number since"), formats.day(found.sim.since, year=True)))
    if found.last_use is not None:
        told.append((_("Used last"), formats.moment(found.last_use)))
    return told
