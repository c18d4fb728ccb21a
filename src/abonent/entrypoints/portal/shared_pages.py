"""Which pages somebody may open while they look at a line that its owner shared, and what of it each page needs.

A page that does not stand here is closed to a shared line, whatever the role: a new page is its owner's until somebody
thinks about it. Statements, transfers, cards of others and all that is about safety stand here on purpose not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from abonent.domains.lines.access import NotShared, may
from abonent.domains.lines.queries import Line
from abonent.domains.lines.sharing.rules import Permission

if TYPE_CHECKING:
    from abonent.entrypoints.portal.visitor import Visitor

# By the address as the lists of addresses write it.
NEEDS: Mapping[str, Permission] = {
    "home/": Permission.BALANCE,
    "pay/": Permission.TOP_UP,
    "topup/": Permission.TOP_UP,
    "topup/confirm/": Permission.TOP_UP,
    "topup/<uuid:topup_id>/": Permission.TOP_UP,
    "expenses/": Permission.EXPENSES,
    "charges/": Permission.EXPENSES,
    "bills/": Permission.PAPERS,
    "bills/<int:bill_id>/": Permission.PAPERS,
    "bills/<int:bill_id>/bill.pdf": Permission.PAPERS,
    "account/": Permission.PAPERS,
    "payments/": Permission.PAPERS,
    "payments/<uuid:payment_id>/": Permission.PAPERS,
    "payments/<uuid:payment_id>/receipt.pdf": Permission.PAPERS,
    "services/": Permission.MANAGE,
    "services/<slug:code>/": Permission.MANAGE,
    "orders/": Permission.MANAGE,
    "orders/<uuid:order_id>/": Permission.MANAGE,
    "orders/<uuid:order_id>/undo/": Permission.MANAGE,
    "tariffs/": Permission.MANAGE,
    "tariffs/<slug:code>/": Permission.MANAGE,
    "tariffs/<slug:code>/order/": Permission.MANAGE,
    "equipment/": Permission.MANAGE,
    "activation/": Permission.MANAGE,
    "activation/again/": Permission.MANAGE,
    "limits/": Permission.MANAGE,
    "limits/set/": Permission.MANAGE,
    "limits/raise/": Permission.MANAGE,
    "limits/remove/": Permission.MANAGE,
    "limits/undo/": Permission.MANAGE,
    "subscriptions/": Permission.MANAGE,
    "subscriptions/stop-all/": Permission.MANAGE,
    "subscriptions/stopped/<uuid:form_id>/": Permission.MANAGE,
    "subscriptions/ban/": Permission.MANAGE,
    "subscriptions/<uuid:subscription_id>/": Permission.MANAGE,
    "subscriptions/<uuid:subscription_id>/stop/": Permission.MANAGE,
    "subscriptions/<uuid:subscription_id>/decline/": Permission.MANAGE,
    "promised/": Permission.PROMISED,
    "promised/take/": Permission.PROMISED,
    "promised/<uuid:promise_id>/": Permission.PROMISED,
}
# About the person and their own lines, whichever line is looked at.
PERSONAL = ("login/", "security/", "numbers/", "line/", "app/", "cards/", "logout/")
# Where somebody may go instead.
WAYS = (("/home/", Permission.BALANCE), ("/expenses/", Permission.EXPENSES), ("/services/", Permission.MANAGE))


def is_personal(request: HttpRequest) -> bool:
    """Return whether the page is about who looks, and not about a line."""
    return _route(request).startswith(PERSONAL)


def permission(request: HttpRequest) -> Permission | None:
    """Return what the page needs of a shared line; None: no role opens it."""
    return NEEDS.get(_route(request))


def opens(line: Line, address: str) -> bool:
    """Return whether the page at `address`, without names of things in it, is open for the line."""
    route = address.removeprefix("/")
    needed = NEEDS.get(route)
    return not line.role or route.startswith(PERSONAL) or (needed is not None and may(line, needed))


def refused(request: HttpRequest, visitor: Visitor, error: NotShared) -> HttpResponse:
    """Say that the owner did not share this, and where one may go instead."""
    opens = [address for address, needed in WAYS if may(visitor.line, needed)]
    context = {"visitor": visitor, "opens": opens, "never": error.permission is None}
    response = render(request, "portal/numbers/refused.html", context, status=403)
    response["Cache-Control"] = "private, no-store"
    return response


def _route(request: HttpRequest) -> str:
    return request.resolver_match.route.lstrip("^") if request.resolver_match else ""
