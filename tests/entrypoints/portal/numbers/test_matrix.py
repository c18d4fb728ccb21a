"""What each role opens (CAB-15): every address of the site for every role. What stands nowhere is shut."""

from __future__ import annotations

from functools import cache

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from abonent.domains.lines.sharing.rules import PERMISSIONS, Permission, Role
from abonent.entrypoints.portal import shared_pages
from abonent.web import format as formats
from tests.drills.addresses import filled
from tests.factories import security
from tests.factories import sharing as make

pytestmark = pytest.mark.django_db

MANAGERS = frozenset({Role.FULL, Role.CHILD})
PAPERS = frozenset({Role.FULL, Role.ACCOUNTANT})
COSTS = frozenset({Role.FULL, Role.ACCOUNTANT, Role.CHILD})
ALL, FULL = frozenset(Role), frozenset({Role.FULL})
# Everything else that asks who is looking is open to nobody, save what is about the person.
TABLE: dict[str, frozenset[Role]] = {
    "home/": ALL,
    "pay/": ALL,
    "topup/": ALL,
    "topup/confirm/": ALL,
    "topup/<uuid:topup_id>/": ALL,
    "expenses/": COSTS,
    "charges/": COSTS,
    "bills/": PAPERS,
    "bills/<int:bill_id>/": PAPERS,
    "bills/<int:bill_id>/bill.pdf": PAPERS,
    "account/": PAPERS,
    "payments/": PAPERS,
    "payments/<uuid:payment_id>/": PAPERS,
    "payments/<uuid:payment_id>/receipt.pdf": PAPERS,
    "services/": MANAGERS,
    "services/<slug:code>/": MANAGERS,
    "orders/": MANAGERS,
    "orders/<uuid:order_id>/": MANAGERS,
    "orders/<uuid:order_id>/undo/": MANAGERS,
    "tariffs/": MANAGERS,
    "tariffs/<slug:code>/": MANAGERS,
    "tariffs/<slug:code>/order/": MANAGERS,
    "equipment/": MANAGERS,
    "activation/": MANAGERS,
    "activation/again/": MANAGERS,
    "limits/": MANAGERS,
    "limits/set/": MANAGERS,
    "limits/raise/": MANAGERS,
    "limits/remove/": MANAGERS,
    "limits/undo/": MANAGERS,
    "subscriptions/": MANAGERS,
    "subscriptions/stop-all/": MANAGERS,
    "subscriptions/stopped/<uuid:form_id>/": MANAGERS,
    "subscriptions/ban/": MANAGERS,
    "subscriptions/<uuid:subscription_id>/": MANAGERS,
    "subscriptions/<uuid:subscription_id>/stop/": MANAGERS,
    "subscriptions/<uuid:subscription_id>/decline/": MANAGERS,
    "promised/": FULL,
    "promised/take/": FULL,
    "promised/<uuid:promise_id>/": FULL,
}
# About who looks, whichever line is shown; open to all, and never about the shared line.
PERSONAL = ("login/", "security/", "numbers/", "line/", "app/", "cards/", "logout/")
# What calls and messages are told in, what gets somebody in, what sends money away: in no role, ever.
NEVER = ("statement/", "transfer/", "family/", "autopay/", "disputes/", "cashback/", "account/act/", "changes/",
         "subscriptions/account/")  # fmt: skip


def routes(inside: URLResolver | None = None, before: str = "") -> list[str]:
    found: list[str] = []
    for one in (inside or get_resolver("abonent.entrypoints.portal.urls")).url_patterns:
        here = before + str(one.pattern).lstrip("^")
        if isinstance(one, URLResolver):
            found += routes(one, here)
        elif isinstance(one, URLPattern) and here:
            found.append(here)
    return found


def asks_who(route: str) -> bool:
    """Return whether the page is the cabinet's: a stranger is sent to sign in."""
    stranger, address = Client(), "/" + filled(route)
    response = stranger.get(address)
    if response.status_code == 405:
        response = stranger.post(address)
    return response.status_code == 302 and response["Location"].startswith("/login/?next")


@cache
def cabinet() -> list[str]:
    """Return the addresses of the cabinet that are about a line."""
    return [route for route in routes() if not route.startswith(PERSONAL) and asks_who(route)]


def test_cab_15_the_table_says_what_the_site_does_and_every_address_stands_in_it() -> None:
    opened = {route: frozenset(role for role in Role if needed in PERMISSIONS[role]) for route, needed in
              shared_pages.NEEDS.items()}  # fmt: skip
    assert opened == TABLE
    assert shared_pages.PERSONAL == PERSONAL
    assert set(TABLE) <= set(cabinet())
    assert not [route for route in TABLE if route.startswith(NEVER)]
    assert set(shared_pages.NEEDS.values()) | {Permission.LEFT_OVERS} == set(Permission)


@pytest.mark.parametrize("role", Role)
def test_cab_15_a_role_opens_what_the_table_says_and_is_told_why_not(role: Role) -> None:
    viewer, line = make.anna(), make.boris()
    make.shared(viewer, line, role)
    client = security.browser(viewer)
    client.post("/line/", {"line": line.id})
    wrong = []
    for route in cabinet():
        address = "/" + filled(route)
        for send in (client.get, client.post):
            response = send(address)
            allowed = role in TABLE.get(route, frozenset())
            # What takes no such request says so before anybody is looked at.
            shut = response.status_code == 405
            refused = response.status_code == 403 and "Доступ к этому вам не открыт" in response.content.decode()
            if response.status_code >= 500 or (not shut and refused == allowed):
                wrong.append((route, send.__name__, response.status_code))
    assert not wrong


def test_cab_15_what_is_about_the_person_stays_about_the_person() -> None:
    viewer, line = make.anna(), make.boris()
    make.shared(viewer, line)
    client: Client = security.browser(viewer)
    client.post("/line/", {"line": line.id})
    for address in ("/security/", "/security/history/", "/security/data/", "/cards/"):
        response = client.get(address)
        assert response.status_code == 200, address
        main = response.content.decode().partition("<main")[2]
        assert formats.phone(line.number) not in main, address
        assert line.number not in main, address
