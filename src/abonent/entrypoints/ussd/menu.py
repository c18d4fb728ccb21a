"""The menus and codes as data: what stands where, and what each line does. Nothing here asks a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# What a press does: a word for what, and what it is about. Kept between two presses as JSON.
Deed = tuple[str, str]
# A line to choose, and what it does.
Option = tuple[str, Deed]


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a menu."""

    label: StrPromise
    deed: Deed


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu of fixed lines."""

    title: StrPromise
    items: tuple[Item, ...]


BALANCE: Deed = ("tell", "balance")
LEFT: Deed = ("tell", "left")
NUMBERS: Deed = ("numbers", "")
SUBSCRIPTIONS: Deed = ("list", "subscriptions")
CONTENT: Deed = ("tell", "content")
CALL_OFF: Deed = ("call off", "")
MENUS: Mapping[str, Menu] = {
    "main": Menu(
        _("Menu"),
        (
            Item(_("Balance"), BALANCE),
            Item(_("What is left"), LEFT),
            Item(_("Packages"), ("list", "packages")),
            Item(_("Services"), ("menu", "services")),
            Item(_("Tariff"), ("list", "tariffs")),
            Item(_("Promised payment"), ("list", "promises")),
            Item(_("Block the number"), ("ask", "block")),
            Item(_("My numbers"), NUMBERS),
            Item(_("Call off the last order"), CALL_OFF),
        ),
    ),
    "services": Menu(
        _("Services"),
        (
            Item(_("Connected"), ("list", "connected")),
            Item(_("Connect another"), ("list", "services")),
            Item(_("Subscriptions of others"), SUBSCRIPTIONS),
            Item(_("Content account"), CONTENT),
        ),
    ),
}
# Codes that lead somewhere at once; `*111*` and digits of the catalogue ask for what they mean.
CODES: Mapping[str, Deed] = {
    "*100#": BALANCE,
    "*100*1#": LEFT,
    "*111#": ("menu", "main"),
    "*111*1#": BALANCE,
    "*111*2#": LEFT,
    "*111*3#": ("list", "packages"),
    "*111*4#": ("menu", "services"),
    "*111*5#": ("list", "tariffs"),
    "*111*6#": ("list", "promises"),
    "*111*7#": ("ask", "block"),
    "*111*8#": NUMBERS,
    "*111*828*1#": NUMBERS,
    "*111*9#": SUBSCRIPTIONS,
    "*111*0#": CALL_OFF,
}
