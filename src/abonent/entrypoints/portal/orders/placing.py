"""What becomes of an order that a form asks for: its own page, or the form once more with what stands in the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from abonent.domains.orders import actions
from abonent.domains.orders.queries import Order

Wish = TypeVar("Wish")


def placed(
    read: Callable[[], Wish],
    place: Callable[[Wish], Order],
    again: Callable[[str, int], HttpResponse],
) -> HttpResponse:
    """Read what is wished (`ValueError`, `OverflowError`: no whole form), place it, and lead to it.

    `again` shows the form with the words and the status; whatever was refused, nothing has changed.
    """
    try:
        wish = read()
    except (ValueError, OverflowError):
        return again(_("The form came incomplete or late, and nothing was ordered. Look at it once more"), 400)
    try:
        order = place(wish)
    except actions.Refused:
        return again(_("Nothing was ordered: see below why"), 409)
    except actions.Changed:
        return again(_("The price has changed since, and nothing was ordered. Look at the new one"), 409)
    except actions.DifferentOrder:
        return again(_("This form was used before, and nothing was ordered now"), 409)
    return HttpResponseRedirect(f"/orders/{order.id}/")
