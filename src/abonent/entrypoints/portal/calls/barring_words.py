"""Call barring in words. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from abonent.domains.orders.barring.queries import Overview, Standing
from abonent.domains.orders.barring.rules import PROGRAMS, Direction, Why
from abonent.web import format as formats

SAID: Mapping[str, Callable[[], str]] = {
    "asked": lambda: _("It is done within a few minutes."),
    "pin": lambda: _("The new PIN holds from now on."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One direction: which calls are barred, since when; `act` "": it cannot be changed just now."""

    way: str
    title: str
    about: str
    badge: str
    act: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A programme to choose."""

    value: str
    name: str
    about: str
    chosen: bool


def rows(found: Overview) -> list[Row]:
    """Return how barring stands."""
    return [_row(one) for one in found.standings]


def direction(way: Direction) -> str:
    """Return which calls a card is about."""
    return {
        Direction.OUT: _("Calls from this number"),
        Direction.IN: _("Calls to this number"),
    }[way]


def choices(way: Direction, chosen: str) -> list[Choice]:
    """Return what can be chosen for a direction."""
    return [Choice(program, *_named(way, program), program == chosen) for program in ("", *PROGRAMS[way])]


def notes(way: Direction) -> list[str]:
    """Return what else follows from it."""
    told = [
        _("It is free of charge, and is done within a few minutes."),
        _("You lift it here, in the same way, with the PIN."),
    ]
    if way is Direction.OUT:
        return [_("Emergency calls, 112 among them, always go through."), *told]
    return [
        _("Messages still come, codes among them. Calls with codes, and the bank's calls, do not."),
        _("While all calls to the number are barred, none is forwarded, either."),
        *told,
    ]


def refused(why: Why) -> str:
    """Return why barring stays as it is, and what to do."""
    return {
        Why.NOT_MOBILE: lambda: _("Calls are barred on mobile numbers only."),
        Why.NO_NETWORK: lambda: _("Call barring cannot be changed here right now. Try again later, or call us."),
        Why.ON_THE_WAY: lambda: on_the_way(),
        Why.ALREADY: lambda: _("These calls are barred already."),
        Why.NOTHING: lambda: _("There is nothing to lift: no such call is barred."),
    }[why]()


def on_the_way() -> str:
    """Return that a change must end first."""
    return _("A change is on its way. Look again in a few minutes.")


def _row(one: Standing) -> Row:
    name, _about = _named(one.direction, one.program)
    about = name
    if one.since:
        about = _("%(calls)s, since %(day)s") % {"calls": name, "day": formats.day(one.since)}
    badge = ""
    if one.coming is not None:
        badge, about = _("on the way"), _("Soon: %(calls)s") % {"calls": _named(one.direction, one.coming)[0]}
    elif one.failed is not None:
        badge = _("the network refused the last change")
    return Row(
        one.direction.value, direction(one.direction), about, badge, "" if one.coming is not None else _("Change")
    )


def _named(way: Direction, program: str) -> tuple[str, str]:
    """Return what a programme is called, and what it means."""
    if not program:
        return _("Nothing is barred"), ""
    if way is Direction.IN:
        return {
            "all": (_("All incoming calls are barred"), _("Nobody can call this number")),
            "roaming": (
                _("Incoming calls are barred abroad"),
                _("In other countries nobody can call you, and you pay for no incoming call; at home everybody can"),
            ),
        }[program]
    return {
        "all": (_("All outgoing calls are barred"), _("This phone can only be called")),
        "international": (
            _("Calls to other countries are barred"), _("Within the country everything works"),
        ),
        "international-but-home": (
            _("Calls to other countries are barred, but not home"),
            _("From abroad you can call the country you are in, and home"),
        ),
    }[program]  # fmt: skip
