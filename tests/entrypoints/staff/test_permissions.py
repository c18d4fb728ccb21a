"""Who may open and send what: every address of staff for every role, for nobody, and for a subscriber."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern

from abonent.domains.support import deeds, queries, staff
from abonent.domains.support.rules import NEEDS, PERMISSIONS, Contact, Deed, Role
from abonent.entrypoints.staff.urls import urlpatterns
from abonent.foundation.audit import Actor
from abonent.foundation.clock import now
from tests.factories import identity, offers, support

pytestmark = pytest.mark.django_db

AGENTS, SHOPS, SUPERVISORS, ENGINEERS = Role.CONTACT_CENTRE, Role.SHOP, Role.SUPERVISOR, Role.ENGINEER
ACCOUNTING, TECHNICIANS = Role.ACCOUNTING, Role.TECHNICIAN
PRODUCT = frozenset({Role.PRODUCT, Role.PRODUCT_LEAD})
ALL = frozenset(Role)
# The path, the method, who may: everybody else of staff is refused. A case is the role's own; what a form without its
# fields is answered with counts as allowed.
TABLE: dict[tuple[str, str], frozenset[Role]] = {
    ("staff/", "GET"): ALL,
    ("staff/search/", "POST"): frozenset({AGENTS, SHOPS, SUPERVISORS}),
    ("staff/case/", "POST"): frozenset({AGENTS, SHOPS}),
    ("staff/case/<int:case_id>/", "GET"): frozenset({AGENTS, SHOPS}),
    ("staff/case/<int:case_id>/answer/", "POST"): frozenset({AGENTS}),
    ("staff/case/<int:case_id>/document/", "POST"): frozenset({SHOPS}),
    ("staff/case/<int:case_id>/customer/", "GET"): frozenset({SHOPS}),
    ("staff/case/<int:case_id>/customer/", "POST"): frozenset({SHOPS}),
    ("staff/case/<int:case_id>/close/", "POST"): frozenset({AGENTS, SHOPS}),
    ("staff/case/<int:case_id>/application.pdf", "GET"): frozenset({SHOPS}),
    ("staff/case/<int:case_id>/services/", "GET"): frozenset({AGENTS, SHOPS}),
    ("staff/case/<int:case_id>/services/<slug:code>/", "GET"): frozenset({AGENTS, SHOPS}),
    ("staff/case/<int:case_id>/services/<slug:code>/", "POST"): frozenset({AGENTS, SHOPS}),
    ("staff/case/<int:case_id>/tariffs/<slug:code>/", "GET"): frozenset({AGENTS, SHOPS}),
    ("staff/case/<int:case_id>/tariffs/<slug:code>/", "POST"): frozenset({AGENTS, SHOPS}),
    ("staff/case/<int:case_id>/pause/", "GET"): frozenset({AGENTS, SHOPS}),
    ("staff/case/<int:case_id>/pause/", "POST"): frozenset({AGENTS, SHOPS}),
    ("staff/case/<int:case_id>/subscriptions/", "GET"): frozenset({AGENTS, SHOPS}),
    ("staff/case/<int:case_id>/subscriptions/", "POST"): frozenset({AGENTS, SHOPS}),
    # Of a line by wire only.
    ("staff/case/<int:case_id>/equipment/", "GET"): frozenset(),
    ("staff/case/<int:case_id>/equipment/", "POST"): frozenset(),
    ("staff/case/<int:case_id>/<slug:name>/", "GET"): frozenset({AGENTS, SHOPS}),
    ("staff/case/<int:case_id>/<slug:name>/", "POST"): frozenset({AGENTS, SHOPS}),
    ("staff/case/<int:case_id>/<slug:name>/ask/", "POST"): frozenset({AGENTS, SHOPS}),
    ("staff/approvals/", "GET"): frozenset({SUPERVISORS}),
    ("staff/approvals/<uuid:approval_id>/", "POST"): frozenset({SUPERVISORS}),
    ("staff/disputes/", "GET"): frozenset({AGENTS}),
    ("staff/disputes/<int:dispute_id>/", "POST"): frozenset(),
    ("staff/numbers/", "GET"): frozenset({AGENTS}),
    ("staff/numbers/<int:request_id>/", "POST"): frozenset(),
    ("staff/porting/", "GET"): frozenset({AGENTS, SHOPS}),
    ("staff/porting/in/<int:port_id>/", "GET"): frozenset(),
    ("staff/porting/in/<int:port_id>/", "POST"): frozenset(),
    ("staff/porting/out/<int:port_id>/", "POST"): frozenset(),
    ("staff/case/<int:case_id>/request/answer/", "POST"): frozenset(),
    ("staff/money/", "GET"): frozenset({AGENTS, SHOPS, SUPERVISORS, ACCOUNTING}),
    ("staff/money/<uuid:approval_id>/", "GET"): frozenset(),
    ("staff/money/<uuid:approval_id>/", "POST"): frozenset(),
    ("staff/requests/", "GET"): frozenset({AGENTS, SUPERVISORS}),
    ("staff/requests/report/", "GET"): frozenset({AGENTS, SUPERVISORS}),
    ("staff/requests/<int:request_id>/", "GET"): frozenset({AGENTS, SUPERVISORS}),
    ("staff/requests/<int:request_id>/take/", "POST"): frozenset({AGENTS, SUPERVISORS}),
    ("staff/requests/<int:request_id>/give-back/", "POST"): frozenset({AGENTS, SUPERVISORS}),
    ("staff/requests/<int:request_id>/assign/", "POST"): frozenset({SUPERVISORS}),
    ("staff/requests/<int:request_id>/reply/", "POST"): frozenset({AGENTS, SUPERVISORS}),
    ("staff/requests/<int:request_id>/files/<uuid:file_id>/", "GET"): frozenset({AGENTS, SUPERVISORS}),
    ("staff/visits/", "GET"): frozenset({AGENTS, SUPERVISORS, TECHNICIANS}),
    ("staff/visits/<int:visit_id>/", "GET"): frozenset({AGENTS, SUPERVISORS, TECHNICIANS}),
    ("staff/visits/<int:visit_id>/set-out/", "POST"): frozenset({AGENTS, SUPERVISORS, TECHNICIANS}),
    ("staff/visits/<int:visit_id>/end/", "POST"): frozenset({AGENTS, SUPERVISORS, TECHNICIANS}),
    ("staff/visits/<int:visit_id>/equipment/", "GET"): frozenset({TECHNICIANS}),
    ("staff/visits/<int:visit_id>/equipment/", "POST"): frozenset({TECHNICIANS}),
    ("staff/acts/<int:act_id>.pdf", "GET"): frozenset(),
    ("staff/providers/", "GET"): frozenset({AGENTS, SUPERVISORS}),
    ("staff/providers/", "POST"): frozenset({AGENTS, SUPERVISORS}),
    ("staff/catalogue/", "GET"): PRODUCT,
    ("staff/catalogue/new/<slug:kind>/", "GET"): PRODUCT,
    ("staff/catalogue/new/<slug:kind>/", "POST"): PRODUCT,
    ("staff/catalogue/<slug:kind>/<slug:code>/draft/", "POST"): PRODUCT,
    ("staff/catalogue/drafts/<int:draft_id>/", "GET"): PRODUCT,
    ("staff/catalogue/drafts/<int:draft_id>/edit/", "GET"): PRODUCT,
    ("staff/catalogue/drafts/<int:draft_id>/edit/", "POST"): PRODUCT,
    ("staff/catalogue/drafts/<int:draft_id>/yaml/", "GET"): PRODUCT,
    ("staff/catalogue/drafts/<int:draft_id>/yaml/", "POST"): PRODUCT,
    ("staff/catalogue/drafts/<int:draft_id>/draft.yaml", "GET"): PRODUCT,
    ("staff/catalogue/drafts/<int:draft_id>/preview/", "GET"): PRODUCT,
    ("staff/catalogue/drafts/<int:draft_id>/<slug:name>/", "POST"): PRODUCT,
    ("staff/audit/", "GET"): frozenset({SUPERVISORS, ENGINEERS}),
    ("staff/network/", "GET"): frozenset({ENGINEERS}),
    ("staff/network/", "POST"): frozenset({ENGINEERS}),
    ("staff/registries/", "GET"): frozenset({ACCOUNTING}),
    ("staff/registries/<int:registry_id>/", "GET"): frozenset({ACCOUNTING}),
    ("staff/registries/<int:registry_id>/<int:difference_id>/", "POST"): frozenset({ACCOUNTING}),
    ("staff/receipts/<uuid:receipt_id>/", "POST"): frozenset({ACCOUNTING}),
}
# Before somebody is in: open to all but subscribers.
ENTRY = ("staff/login/", "staff/login/second/", "staff/login/factor/", "staff/login/password/", "staff/logout/")
FORBIDDEN, NOT_THERE, SIGN_IN = 403, 404, 302


def routes() -> set[str]:
    return {str(pattern.pattern) for pattern in urlpatterns if isinstance(pattern, URLPattern)}


def send(client: Client, route: str, method: str, case_id: int, name: str = "protect"):
    address = "/" + route.replace("<int:case_id>", str(case_id)).replace("<slug:name>", name)
    address = address.replace("<slug:code>", "free").replace("<slug:kind>", "offer").replace("<int:draft_id>", "1")
    address = address.replace("<uuid:approval_id>", str(uuid4())).replace("<uuid:receipt_id>", str(uuid4()))
    address = address.replace("<int:registry_id>", "1").replace("<int:difference_id>", "1")
    address = address.replace("<int:dispute_id>", "1").replace("<int:request_id>", "1")
    address = address.replace("<int:port_id>", "1")
    address = address.replace("<uuid:file_id>", str(uuid4())).replace("<int:visit_id>", "1")
    address = address.replace("<int:act_id>", "1")
    return client.get(address) if method == "GET" else client.post(address, {"question": "code word", "answer": "yes"})


def test_every_address_stands_in_the_table() -> None:
    assert routes() == {route for route, _ in TABLE} | set(ENTRY)


@pytest.mark.parametrize("role", Role)
def test_ops_1_a_role_opens_what_it_may_and_nothing_else(role: Role) -> None:
    offers.load()
    agent, line = support.agent(role), support.customer()
    client = support.browser(agent)
    case_id = 1
    if role is AGENTS:
        case_id = support.checked(agent, line)
    if role is SHOPS:
        case_id = support.visited(agent, line)
        deeds.do(support.order(agent, case_id, Deed.APPLICATION))
    for (route, method), allowed in TABLE.items():
        # The talk goes on until its own turn.
        if route.endswith("close/") and role in allowed:
            continue
        response = send(client, route, method, case_id)
        refused = response.status_code in (FORBIDDEN, NOT_THERE)
        unknown = "approval_id" in route or "registry_id" in route or "request_id" in route or route == "staff/case/"
        unknown = unknown or "draft_id" in route or route.endswith("/draft/")
        unknown = unknown or "visit_id" in route or route.endswith(("tariffs/<slug:code>/", "/pause/"))
        # Of something that the form does not name.
        unknown = unknown or (method == "POST" and route.endswith(("providers/", "subscriptions/")))
        assert refused == (role not in allowed) or (unknown and response.status_code == NOT_THERE), (
            role, route, method, response.status_code,
        )  # fmt: skip
        assert response.status_code < 500
        assert response.headers["Cache-Control"] in ("private, no-store", "no-store")


@pytest.mark.parametrize(("route", "method"), TABLE)
def test_who_is_not_signed_in_is_sent_to_sign_in(route: str, method: str) -> None:
    response = send(Client(), route, method, 1)
    assert (response.status_code, response["Location"]) == (SIGN_IN, "/staff/login/")


def test_a_subscriber_finds_nothing_under_staff() -> None:
    client = identity.browser()
    for route, method in [*TABLE, *((route, "GET") for route in ENTRY[:4]), *((route, "POST") for route in ENTRY)]:
        assert send(client, route, method, 1).status_code == NOT_THERE, route
    assert client.get("/home/").status_code == 200, "the cabinet stays open"


def test_who_owes_the_second_proof_opens_nothing() -> None:
    agent = support.agent()
    client = Client()
    client.post("/staff/login/", {"login": agent.login, "password": support.PASSWORD})
    for route, method in TABLE:
        assert send(client, route, method, 1)["Location"] == "/staff/login/"


def test_a_session_of_staff_is_nobody_in_the_cabinet() -> None:
    client = support.browser(support.agent(*Role))
    for address in ("/home/", "/expenses/", "/statement/", "/security/", "/login/confirm/"):
        response = client.get(address)
        assert response.status_code == 302, address
        assert response["Location"].startswith("/login/"), address
    assert client.get("/staff/").status_code == 200


@pytest.mark.parametrize(("role", "contact"), [(AGENTS, Contact.CALL), (SHOPS, Contact.VISIT)])
@pytest.mark.parametrize("deed", Deed)
def test_a_deed_of_another_role_is_not_there(role: Role, contact: Contact, deed: Deed) -> None:
    agent, line = support.agent(role), support.customer()
    case_id = support.checked(agent, line) if contact is Contact.CALL else support.visited(agent, line)
    client = support.browser(agent)
    may = NEEDS[deed] in PERMISSIONS[role]
    assert client.get(f"/staff/case/{case_id}/{deed.name.lower()}/").status_code == (200 if may else NOT_THERE)
    if not may:
        for address in (f"{deed.name.lower()}/", f"{deed.name.lower()}/ask/"):
            assert client.post(f"/staff/case/{case_id}/{address}", {"key": uuid4()}).status_code == NOT_THERE
        assert deed not in queries.done_in(case_id)


def test_a_case_of_a_colleague_is_not_there() -> None:
    one, other, line = support.agent(*Role), support.agent(*Role), support.customer()
    case_id = support.checked(one, line)
    deeds.do(support.order(one, case_id, Deed.PROTECT))
    client = support.browser(other)
    for route, method in TABLE:
        if "case_id" in route:
            assert send(client, route, method, case_id).status_code == NOT_THERE, route
    assert queries.case(case_id, one.id).closed_at is None


def test_who_is_blocked_is_out_with_the_next_click() -> None:
    agent = support.agent()
    client = support.browser(agent)
    assert client.get("/staff/").status_code == 200
    staff.block(login=agent.login, actor=Actor("command", "test"), at=now())
    assert client.get("/staff/")["Location"] == "/staff/login/"
