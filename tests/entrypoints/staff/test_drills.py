"""What a dishonest agent tries, and what anybody types: no secret shows, nothing happens to the wrong one."""

from __future__ import annotations

import re
from io import BytesIO
from uuid import uuid4

import pytest
from django.test import Client
from pypdf import PdfReader

from abonent.domains.identity import models as identity
from abonent.domains.identity import queries_security as security
from abonent.domains.identity import temporary
from abonent.domains.lines import queries as lines
from abonent.domains.support import actions, deeds, jobs, models, queries
from abonent.domains.support.rules import Contact, Deed, Role
from abonent.foundation.audit import verify
from abonent.foundation.clock import now
from tests.factories import support
from tests.factories.cabinet import words
from tests.factories.identity import last_code

pytestmark = pytest.mark.django_db
HOSTILE = [
    "", " ", "\0", "a\0b", "9" * 60_000, "' or 1=1 --", "<script>alert(1)</script>", "{{ 7*7 }}", "%s%n", "🙈" * 500,
    "\u202e1980", "٣١.١٢.١٩٨٠", "-1", "1e999", "\ud800",
]  # fmt: skip


def form_key(client: Client, address: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', client.get(address).content.decode())
    assert found
    return found[1]


def every_page(client: Client, case_id: int) -> str:
    """Return what every page of staff says, the forms' answers included."""
    addresses = ["/staff/", f"/staff/case/{case_id}/", "/staff/approvals/", "/staff/audit/", "/staff/network/"]
    addresses += [f"/staff/case/{case_id}/{deed.name.lower()}/" for deed in Deed]
    addresses += [f"/staff/case/{case_id}/?show={section}" for section in ("security", "money", "staff")]
    return "".join(client.get(address).content.decode() for address in addresses)


def test_id_10_no_page_of_staff_shows_a_secret(settings, tmp_path) -> None:
    settings.SEALED_FOLDER = tmp_path / "sealed"
    line = support.customer(account_number="200000001")
    account_id = lines.account_of(line.id)
    assert account_id
    subscriber = Client()
    subscriber.post("/login/", {"number": line.number})
    secrets = [last_code(line.number), support.DOCUMENT.replace(" ", ""), support.CODE_WORD, "31.12.1980", "1980"]
    agent, supervisor = support.agent(*Role), support.agent(Role.SUPERVISOR)
    client = support.browser(agent)
    case_id = support.case(agent, line)
    unchecked = every_page(client, case_id)
    for secret in [*secrets, line.number, "200000001", "Орлова"]:
        assert secret not in unchecked, secret
    client.post(f"/staff/case/{case_id}/answer/", {"question": "code word", "said": "Воробушек"})
    client.post(f"/staff/case/{case_id}/answer/", {"question": "birth date", "said": "31.12.1980"})
    client.post(f"/staff/case/{case_id}/answer/", {"question": "document tail", "said": support.TAIL})
    identity.NumberGuard.objects.update(sends=[])
    key = form_key(client, f"/staff/case/{case_id}/password_sms/")
    assert client.post(f"/staff/case/{case_id}/password_sms/", {"key": key}).status_code == 302
    secrets += [temporary.to_deliver(str(identity.Challenge.objects.get(purpose="temporary").pk), now())]
    checked = every_page(client, case_id)
    for secret in [*secrets, "Воробушек", "ласточк"]:
        assert secret not in checked, secret
    assert not re.search(r"argon2|password_hash|imsi\W+\d{15}", checked)
    client.post(f"/staff/case/{case_id}/close/", {"outcome": "x"})
    visit = support.visited(agent, line)
    for deed in (Deed.APPLICATION, Deed.FORM_RECEIVED, Deed.ENVELOPE):
        deeds.do(support.order(agent, visit, deed))
    challenge = identity.Challenge.objects.get(purpose="temporary", channel="paper")
    jobs.print_envelope(str(challenge.pk), line.id, "ru")
    made = temporary.on_paper(challenge.pk, now())
    assert made
    pages = every_page(client, visit) + every_page(support.browser(supervisor), visit)
    paper = PdfReader(BytesIO(client.get(f"/staff/case/{visit}/application.pdf").content)).pages[0].extract_text()
    for secret in (made.password, support.DOCUMENT.replace(" ", ""), "4509"):
        assert secret not in pages + paper


def test_staff_have_no_field_for_a_password_a_code_or_an_address_of_a_customer() -> None:
    agent, line = support.agent(*Role), support.customer()
    case_id = support.checked(agent, line)
    fields = set(re.findall(r'name="(\w+)"', every_page(support.browser(agent), case_id)))
    assert fields <= {
        "csrfmiddlewaretoken", "text", "key", "imsi", "event", "outcome", "kind", "number", "value", "line", "contact",
        "viewport", "color", "format", "question", "said", "birth_date", "owner", "answer", "theme",
        "thing", "amount", "reason", "comment",
    }  # fmt: skip


def test_fields_that_no_form_has_change_nothing() -> None:
    agent, line = support.agent(), support.customer()
    case_id = support.checked(agent, line)
    client = support.browser(agent)
    account = identity.Account.objects.get(id=lines.account_of(line.id))
    more = {"password": "Chosen-By-Agent-1", "recipient": "+79005550000", "email": "agent@example.com", "channel": "x",
            "account_id": 1, "number": "+79005550000", "line": 999}  # fmt: skip
    client.post(f"/staff/case/{case_id}/password_sms/", {"key": uuid4(), **more})
    challenge = identity.Challenge.objects.get(purpose="temporary")
    assert (challenge.number, challenge.address) == (line.number, line.number)
    after = identity.Account.objects.get(id=account.pk)
    assert (after.password, after.email) == (account.password, account.email)


def test_a_replayed_form_does_nothing_again() -> None:
    agent, line = support.agent(), support.customer()
    case_id = support.checked(agent, line)
    client = support.browser(agent)
    key = form_key(client, f"/staff/case/{case_id}/password_sms/")
    for _ in range(3):
        assert client.post(f"/staff/case/{case_id}/password_sms/", {"key": key}).status_code == 302
    assert models.Done.objects.count() == 1
    client.post(f"/staff/case/{case_id}/close/", {"outcome": "конец"})
    trail = verify.head()
    assert client.post(f"/staff/case/{case_id}/close/", {"outcome": "другой конец"}).status_code == 302
    assert queries.case(case_id, agent.id).outcome == "конец"
    refused = client.post(f"/staff/case/{case_id}/password_sms/", {"key": uuid4()})
    assert refused.status_code == 409
    assert "Обращение завершено" in refused.content.decode()
    assert verify.head() == trail


def test_a_form_of_one_talk_says_in_another_that_it_is_not_there_and_does_nothing() -> None:
    agent, line, other = support.agent(), support.customer(), support.customer()
    client = support.browser(agent)
    case_id = support.checked(agent, line)
    key = form_key(client, f"/staff/case/{case_id}/password_sms/")
    client.post(f"/staff/case/{case_id}/password_sms/", {"key": key})
    client.post(f"/staff/case/{case_id}/close/", {"outcome": "конец"})
    later = support.checked(agent, other)
    assert client.post(f"/staff/case/{later}/password_sms/", {"key": key}).status_code == 404
    assert list(models.Done.objects.values_list("case_id", flat=True)) == [case_id]
    assert not identity.Challenge.objects.filter(number=other.number).exists()


def test_steps_out_of_order_are_refused_in_words() -> None:
    agent, line = support.agent(*Role), support.customer()
    client = support.browser(agent)
    visit = support.case(agent, line, Contact.VISIT)
    for deed in Deed:
        response = client.post(f"/staff/case/{visit}/{deed.name.lower()}/", {"key": uuid4(), "imsi": "2" * 15})
        assert response.status_code == 409, deed
        assert "Сначала проверьте, кто это" in response.content.decode()
    assert client.get(f"/staff/case/{visit}/application.pdf").status_code == 404
    assert not models.Done.objects.exists()


def test_the_other_window_still_shows_the_old_talk_and_does_nothing_to_the_new_one() -> None:
    agent, line, another = support.agent(), support.customer(), support.customer()
    old = support.checked(agent, line)
    client = support.browser(agent)
    key = form_key(client, f"/staff/case/{old}/password_sms/")
    actions.close_case(agent=agent, case_id=old, outcome="x", origin="", at=now())
    support.case(agent, another)
    assert client.post(f"/staff/case/{old}/password_sms/", {"key": key}).status_code == 409
    assert not models.Done.objects.exists()


def test_every_form_asks_for_its_token() -> None:
    agent, line = support.agent(*Role), support.customer()
    case_id = support.checked(agent, line)
    session = support.browser(agent).cookies["session"].value
    client = Client(enforce_csrf_checks=True)
    client.cookies["session"] = session
    for address in ("login/", "login/second/", "login/factor/", "login/password/", "logout/", "search/", "case/",
                    f"case/{case_id}/answer/", f"case/{case_id}/document/", f"case/{case_id}/close/",
                    f"case/{case_id}/protect/", f"case/{case_id}/protect/ask/", f"approvals/{uuid4()}/",
                    "network/"):  # fmt: skip
        assert client.post(f"/staff/{address}", {"key": uuid4()}).status_code == 403, address
    assert not models.Done.objects.exists()


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_in_any_field_are_answered_with_a_page(typed: str) -> None:
    agent, line = support.agent(*Role), support.customer()
    client = support.browser(agent)
    case_id = support.case(agent, line)
    forms = {
        "/staff/login/": ("login", "password"),
        "/staff/search/": ("text",),
        "/staff/case/": ("line", "contact"),
        f"/staff/case/{case_id}/answer/": ("question", "said"),
        f"/staff/case/{case_id}/document/": ("kind", "number", "birth_date", "owner"),
        f"/staff/case/{case_id}/protect/": ("key", "event", "imsi"),
        f"/staff/approvals/{uuid4()}/": ("answer",),
        f"/staff/case/{case_id}/credit/": ("key", "line", "thing", "amount", "reason", "comment"),
        f"/staff/money/{uuid4()}/": ("answer", "reason"),
        "/staff/network/": ("kind", "number", "value", "key"),
        f"/staff/case/{case_id}/close/": ("outcome",),
    }
    for address, fields in forms.items():
        given = {field: typed.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for field in fields}
        response = client.post(address, given)
        assert response.status_code in (200, 302, 400, 404, 409), (address, response.status_code)
        twice = client.post(address, {field: [value, value] for field, value in given.items()})
        assert twice.status_code < 500
        assert "<script>alert" not in response.content.decode(errors="replace")
    for address in ("/staff/case/99999999999999999999/", "/staff/case/0/", f"/staff/case/{case_id}/?show={'x' * 900}",
                    f"/staff/case/{case_id}/?done=%00", f"/staff/case/{case_id}/no-such-deed/"):  # fmt: skip
        assert client.get(address).status_code in (200, 404)
    assert not models.Done.objects.exists()


def test_a_form_that_is_too_large_is_no_error_of_ours() -> None:
    client = support.browser(support.agent())
    assert client.post("/staff/search/", {"text": "x" * 1_000_000}).status_code == 400


def test_the_network_console_takes_each_event_once_and_says_what_is_wrong() -> None:
    line = support.customer()
    client = support.browser(support.agent(Role.ENGINEER))
    key = form_key(client, "/staff/network/")
    given = {"kind": "sim replaced", "number": line.number, "value": "250990000000042", "key": key}
    assert client.post("/staff/network/", given)["Location"] == "/staff/network/?noted=done"
    assert client.post("/staff/network/", given)["Location"] == "/staff/network/?noted=repeated"
    assert lines.hold_of(line.id, now()) is not None
    for wrong in ({"number": "123"}, {"value": "12"}, {"kind": "x"}, {"key": "x"}):
        assert client.post("/staff/network/", given | {"key": uuid4()} | wrong).status_code == 200
    other = client.post("/staff/network/", given | {"value": "250990000000043"})
    assert "уже отправлена" in other.content.decode()
    assert "Принято" in words(client, "/staff/network/?noted=done")
    assert line.number not in str([entry.details for entry in verify.newest(9)])


def test_id_10_the_owner_sees_in_the_cabinet_what_staff_did() -> None:
    agent, line = support.agent(), support.customer()
    case_id = support.checked(agent, line)
    deeds.do(support.order(agent, case_id, Deed.PASSWORD_SMS))
    seen = [(event.kind, event.by) for event in security.events_of(lines.account_of(line.id) or 0, by_staff=True)]
    assert seen == [("agent acted", agent.by), ("agent verified", agent.by)]
