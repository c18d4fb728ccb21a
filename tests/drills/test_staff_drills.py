"""Dishonest staff, and strangers at their consoles, on the running server: no secret shows, the trail tells all."""

from __future__ import annotations

import json
import re
import urllib.request
import uuid

import psycopg
import pytest

from tests.drills.browser import Answer, Http, at_once
from tests.drills.conftest import Target, is_in
from tests.drills.consoles import AGENT, BOTH, CALLER, ENGINEER, EVERYBODY, GUESSED, SHOP, SUPERVISOR, VISITOR, Staff
from tests.drills.hands import a_day_after_the_network, network_does, run, temporary_password


@pytest.fixture(scope="module")
def _staff(_target: Target) -> Staff:
    everybody = Staff(_target)
    for login in EVERYBODY:
        everybody.enter(login)
    everybody.hire_both()
    return everybody


@pytest.fixture
def staff(_staff: Staff, target: Target) -> Staff:
    return _staff


def has_a_cabinet(target: Target, number: str) -> None:
    if target.account_of(number) is None:
        target.sign_in(number)


DEEDS = ("password_sms", "password_email", "tell_account", "protect", "unprotect", "lost", "application",
         "form_received", "sim", "envelope", "factors")  # fmt: skip
POSTS = {
    "search/": {"text": CALLER}, "case/": {"line": "1", "contact": "call"}, "approvals/{uuid}/": {"answer": "yes"},
    "network/": {"kind": "sim replaced", "number": CALLER, "value": "1" * 15, "key": "{uuid}"},
    "case/{case}/answer/": {"question": "code word", "said": "x"},
    "case/{case}/document/": {"kind": "passport", "number": "1", "birth_date": "31.12.1980", "owner": "on"},
    "case/{case}/customer/": {"contract_number": "1"}, "case/{case}/close/": {"outcome": "x"},
    **{f"case/{{case}}/{deed}/{also}": {"key": "{uuid}", "imsi": "1" * 15} for deed in DEEDS for also in ("", "ask/")},
}  # fmt: skip
MAY = {
    AGENT: {"search/", "case/", "case/{case}/answer/", "case/{case}/close/",
            *(f"case/{{case}}/{deed}/{also}" for deed in DEEDS[:6] for also in ("", "ask/"))},
    SHOP: {"search/", "case/", "case/{case}/document/", "case/{case}/customer/", "case/{case}/close/",
           *(f"case/{{case}}/{deed}/{also}" for deed in DEEDS[3:] for also in ("", "ask/"))},
    SUPERVISOR: {"search/", "approvals/{uuid}/"},
    ENGINEER: {"network/"},
}  # fmt: skip


def filled(text: str, case_id: str) -> str:
    return text.replace("{case}", case_id).replace("{uuid}", str(uuid.uuid4()))


def send(browser: Http, path: str, fields: dict[str, str], case_id: str) -> Answer:
    given = {name: filled(value, case_id) for name, value in fields.items()}
    return browser.post(f"/staff/{filled(path, case_id)}", given)


def work_of_staff(target: Target) -> dict[str, tuple[int, int]]:
    """Return all that could change but who was seen when, and the trail, which records refusals of nothing."""
    return target.snapshot("identity_session", "audit_entry", "identity_signin", "identity_device")


def test_ops_1_strangers_subscribers_and_who_owes_the_second_proof_find_no_console(
    staff: Staff, target: Target
) -> None:
    subscriber = target.sign_in(target.person())
    stranger, owing = target.browser(), staff.owes_second(SUPERVISOR)
    before = work_of_staff(target)
    for path, fields in POSTS.items():
        assert send(subscriber, path, fields, "1").status == 404, path
        for browser in (stranger, owing):
            answer = send(browser, path, fields, "1")
            assert (answer.status, answer.location) == (302, "/staff/login/"), path
    for page in ("", "approvals/", "audit/", "network/", "case/1/", "case/1/application.pdf", "case/1/protect/"):
        assert subscriber.get(f"/staff/{page}").status == 404, page
        assert owing.get(f"/staff/{page}").location == "/staff/login/", page
    for entry in ("login/", "login/second/", "login/factor/", "login/password/", "logout/"):
        assert subscriber.post(f"/staff/{entry}", {"login": AGENT, "password": "x"}).status == 404, entry
    assert owing.post("/staff/login/password/", {"password": "kedr-ozero-parus-53"}).location == "/staff/login/second/"
    assert owing.post("/staff/login/factor/", {"code": "000000"}).location == "/staff/login/second/"
    assert work_of_staff(target) == before
    assert is_in(subscriber)


def test_ops_1_a_session_of_staff_is_nobodys_in_the_cabinet_and_a_mix_of_both_is_neither(
    staff: Staff, target: Target
) -> None:
    for login in EVERYBODY:
        for page in ("/home/", "/statement/", "/security/", "/security/email/", "/login/confirm/", "/app/"):
            assert staff[login].get(page).location.startswith("/login/"), (login, page)
    # The password of staff is none of the cabinet, and the account behind it has no number to sign in with.
    one = staff.hired(AGENT)
    for name in (one.login, f"{one.login}@example.com"):
        assert target.by_password(target.browser(), name, one.password).status == 200
    subscriber = target.sign_in(target.person())
    mixed = subscriber.copy()
    mixed.cookies["session"] = staff[AGENT].cookies["session"] + subscriber.cookies["session"]
    assert mixed.get("/staff/").location == "/staff/login/"
    assert not is_in(mixed)


@pytest.mark.parametrize("login", EVERYBODY)
def test_ops_1_a_role_sends_the_forms_it_may_and_no_other(staff: Staff, target: Target, login: str) -> None:
    case = (
        staff.open(login, CALLER, "call" if login == AGENT else "visit") if login in (AGENT, SHOP) else "/staff/case/1/"
    )
    before, done = work_of_staff(target), staff.done()
    for path, fields in POSTS.items():
        if path not in MAY[login]:
            answer = send(staff[login], path, fields, case.split("/")[-2])
            assert answer.status in (403, 404), (login, path, answer.status)
    assert work_of_staff(target) == before
    for path in MAY[login] - {
        "case/",
        "case/{case}/close/",
        "network/",
        "case/{case}/answer/",
        "case/{case}/document/",
    }:
        answer = send(staff[login], path, POSTS[path], case.split("/")[-2])
        # Nobody asked for approval under that name.
        wanted = (404,) if path.startswith("approvals/") else (200, 302, 404, 409)
        assert answer.status in wanted, (login, path, answer.status)
    assert staff.done() == done, "nobody was checked, so nothing was done"
    staff.leave(login)


def test_id_10_nothing_is_done_before_the_check_after_it_for_another_or_once_the_talk_is_over(
    staff: Staff, target: Target
) -> None:
    agent, key = staff[AGENT], str(uuid.uuid4())
    has_a_cabinet(target, CALLER)
    case = staff.open(AGENT, CALLER, "call")
    done = staff.done()
    for deed in ("password_sms", "protect", "lost", "tell_account"):
        assert agent.post(f"{case}{deed}/", {"key": str(uuid.uuid4())}).status == 409, deed
    staff.check_caller(case, CALLER)
    # A talk of a colleague, one that is not there, a line that the form names, a deed of the shop.
    visit = staff.open(SHOP, VISITOR, "visit")
    for address in (visit, "/staff/case/999999/"):
        assert agent.get(address).status == 404
        assert agent.post(f"{address}password_sms/", {"key": key}).status == 404
        assert agent.post(f"{address}answer/", {"question": "code word", "said": "x"}).status == 404
    assert agent.post(f"{case}envelope/", {"key": key}).status == 404
    before = target.one("select count(*) from messaging_message where recipient = %s", VISITOR)
    swapped = {"key": key, "line": staff.line_of(VISITOR), "number": VISITOR, "account_id": "1", "recipient": VISITOR}
    target.a_day_later(CALLER)
    assert agent.post(f"{case}password_sms/", swapped).location.endswith("?done=password_sms")
    assert target.one("select count(*) from messaging_message where recipient = %s", VISITOR) == before
    target.database.execute(
        "update support_case set checked_at = checked_at - interval '31 minutes' where closed_at is null"
    )
    assert agent.post(f"{case}protect/", {"key": str(uuid.uuid4())}).status == 409, "the check was half an hour ago"
    agent.post(f"{case}close/", {"outcome": "done"})
    for deed in ("password_sms", "protect"):
        assert agent.post(f"{case}{deed}/", {"key": str(uuid.uuid4())}).status in (404, 409), deed
    assert staff.done() == done + 1


def test_id_10_a_form_sent_ten_times_at_once_does_it_once_and_tells_it_once(staff: Staff, target: Target) -> None:
    has_a_cabinet(target, CALLER)
    case = staff.open(AGENT, CALLER, "call")
    staff.check_caller(case, CALLER)
    target.a_day_later(CALLER)
    key, done = staff[AGENT].key(f"{case}password_sms/"), staff.done()
    sent = "select count(*) from messaging_message where recipient = %s and template = 'temporary'"
    told = "select count(*) from audit_entry where action = 'password by sms'"
    before = target.one(sent, CALLER), target.one(told)
    tabs = [staff[AGENT].copy() for _ in range(10)]
    answers = at_once([lambda tab=tab: tab.post(f"{case}password_sms/", {"key": key}) for tab in tabs])
    assert {answer.status for answer in answers} <= {302, 409}
    assert staff.done() == done + 1
    assert (target.one(sent, CALLER), target.one(told)) == (before[0] + 1, before[1] + 1)
    staff.leave(AGENT)


def test_ops_1_whoever_asks_for_a_second_person_is_not_that_person(staff: Staff, target: Target) -> None:
    has_a_cabinet(target, CALLER)
    case = staff.open(BOTH, CALLER, "call")
    staff.check_caller(case, CALLER, BOTH)
    network_does(target, CALLER, "forward")
    target.a_day_later(CALLER)
    both, deed = staff[BOTH], f"{case}password_sms/"
    done, key = staff.done(), str(uuid.uuid4())
    assert both.post(deed, {"key": key}).status == 409, "forwarded a moment ago: it takes two"
    assert both.post(f"{deed}ask/").location == deed
    asked = str(target.one("select id from support_approval order by asked_at desc limit 1"))
    assert both.post(f"/staff/approvals/{asked}/", {"answer": "yes"}).status == 409
    assert both.post(deed, {"key": key}).status == 409
    for login in (AGENT, SHOP, ENGINEER):
        assert staff[login].post(f"/staff/approvals/{asked}/", {"answer": "yes"}).status == 403, login
    assert staff.done() == done
    tabs = [staff[SUPERVISOR].copy() for _ in range(6)]
    words = ["yes", "no"] * 3
    answers = at_once([lambda tab=tab, word=word: tab.post(f"/staff/approvals/{asked}/", {"answer": word})
                       for tab, word in zip(tabs, words, strict=True)])  # fmt: skip
    assert [answer.status for answer in answers].count(302) == 1, "the first answer counts"
    granted = target.one("select granted from support_approval where id = %s", asked)
    results = at_once(
        [lambda tab=tab: tab.post(deed, {"key": str(uuid.uuid4())}) for tab in [both.copy() for _ in range(6)]]
    )
    assert [result.status for result in results].count(302) == (1 if granted else 0)
    assert staff.done() == done + (1 if granted else 0)
    staff.leave(BOTH)
    a_day_after_the_network(target, CALLER)


def test_id_10_three_wrong_answers_at_once_close_the_day_for_every_agent(staff: Staff, target: Target) -> None:
    document, born, word = staff.papers(GUESSED)
    call, other, visit = (
        staff.open(AGENT, GUESSED, "call"), staff.open(BOTH, GUESSED, "call"), staff.open(SHOP, GUESSED, "visit"),
    )  # fmt: skip
    wrong = [(login, case, {"question": question, "said": "неверно"})
             for login, case in ((AGENT, call), (BOTH, other))
             for question in ("code word", "birth date", "document tail", "contract", "top-up")]  # fmt: skip
    papers = {"kind": "passport", "number": "00 00 999999", "birth_date": "01.01.1970", "owner": "on"}
    acts = [lambda login=login, case=case, said=said: staff[login].copy().post(f"{case}answer/", said)
            for login, case, said in wrong]  # fmt: skip
    at_once([*acts, *[lambda: staff[SHOP].copy().post(f"{visit}document/", papers) for _ in range(5)]])
    looked_at = target.rows(
        "select taken, wrong from support_partyguard g join customers_contract c on c.party_id = g.party_id"
        " join lines_line l on l.contract_id = c.id where l.number = %s", GUESSED,
    )  # fmt: skip
    assert looked_at == [(3, 3)]
    told = "select count(*) from audit_entry where action in ('answer wrong', 'document of another')"
    assert target.one(told) >= 3
    for case in (call, other, visit):
        assert target.one("select closed_at is not null from support_case where id = %s", case.split("/")[-2])
    # The right answers come too late, in new talks of all of them, too.
    call, visit = staff.open(AGENT, GUESSED, "call"), staff.open(SHOP, GUESSED, "visit")
    for question, said in (("code word", word), ("birth date", born)):
        assert staff[AGENT].post(f"{call}answer/", {"question": question, "said": said}).status == 409
    right = {"kind": "passport", "number": document, "birth_date": born, "owner": "on"}
    assert staff[SHOP].post(f"{visit}document/", right).status == 409
    assert not staff.is_checked(call)
    assert not staff.is_checked(visit)


def test_id_10_no_answer_to_staff_holds_a_living_secret_and_no_form_sets_one(staff: Staff, target: Target) -> None:
    has_a_cabinet(target, VISITOR)
    target.a_day_later(VISITOR)
    waiting = target.browser()
    secrets = [target.ask_code(waiting, VISITOR), *staff.papers(VISITOR)[:1], staff.papers(VISITOR)[2]]
    secrets.append(secrets[1].replace(" ", ""))
    target.a_day_later(VISITOR)
    call = staff.open(AGENT, VISITOR, "call")
    staff.check_caller(call, VISITOR)
    before = len(target.operator.messages(VISITOR))
    chosen = {
        "password": "Vybran-Agentom-77",
        "new_password": "Vybran-Agentom-77",
        "code": "123456",
        "email": "a@b.example",
    }
    assert staff[AGENT].post(f"{call}password_sms/", chosen | {"key": str(uuid.uuid4())}).status == 302
    once = temporary_password(target, VISITOR, after=before)
    secrets.append(once)
    look_around(staff, AGENT, call)
    staff.leave(AGENT)
    assert target.by_password(target.browser(), VISITOR, chosen["password"]).status == 200
    visit = staff.open(SHOP, VISITOR, "visit")
    staff.check_visitor(visit, VISITOR)
    for deed in ("application", "form_received", "envelope"):
        assert staff[SHOP].post(f"{visit}{deed}/", chosen | {"key": str(uuid.uuid4())}).status == 302, deed
    enveloped = target.wait_for(lambda: printed(target))[0]
    secrets.append(enveloped)
    assert staff[SHOP].get(f"{visit}application.pdf").body.startswith(b"%PDF")
    look_around(staff, SHOP, visit)
    for login in (SUPERVISOR, ENGINEER, BOTH):
        look_around(staff, login, visit)
    for secret in secrets:
        for login, browser in staff.browsers.items():
            for answer in browser.seen:
                assert secret.encode() not in answer.body, (login, answer.path, secret)
                assert secret not in str(answer.headers), (login, answer.path)
    trail = str(target.rows("select * from audit_entry")) + str(target.rows("select * from support_done"))
    assert not [secret for secret in secrets if secret in trail]
    owner = target.browser()
    assert target.by_password(owner, VISITOR, once).status == 200, "the envelope took its place"
    assert target.by_password(owner, VISITOR, enveloped).location.startswith("/login/new-password/")
    staff.leave(SHOP)


def printed(target: Target) -> list[str]:
    """Return the one-time passwords that lie in the sealed printer, the newest first."""
    with urllib.request.urlopen(f"{target.address}/phone/printer/") as answer:
        return re.findall(r"data-password[^>]*>\s*([^<\s]+)", answer.read().decode())


def look_around(staff: Staff, login: str, case: str) -> None:
    """Open whatever there is to open."""
    pages = ["/staff/", "/staff/approvals/", "/staff/audit/", "/staff/network/", case]
    pages += [f"{case}?show={section}" for section in ("all", "security", "money", "staff")]
    pages += [f"{case}{deed}/" for deed in DEEDS]
    for page in pages:
        assert staff[login].get(page).status in (200, 403, 404), page


@pytest.mark.slow
def test_ops_1_the_trail_is_whole_after_all_that_and_names_the_record_somebody_changed(
    staff: Staff, target: Target
) -> None:
    case = staff.open(AGENT, CALLER, "call")
    staff.leave(AGENT)
    whole = run(target, "audit", "verify", "--json")
    assert whole.returncode == 0, whole.stdout + whole.stderr
    head, kept = json.loads(whole.stdout)["head"], target.rows("select * from audit_entry order by number")
    number, name, action = target.rows(
        "select number, actor_name, action from audit_entry where subject = %s order by number limit 1",
        f"case {case.split('/')[-2]}",
    )[0]
    assert action == "case opened"
    with pytest.raises(psycopg.Error, match="audit"):
        target.database.execute("update audit_entry set actor_name = 'Nobody' where number = %s", [number])
    try:
        tamper(target, "update audit_entry set actor_name = 'Nobody' where number = %s", number)
        broken = run(target, "audit", "verify")
    finally:
        tamper(target, f"update audit_entry set actor_name = '{name}' where number = %s", number)
    assert broken.returncode == 1
    assert str(number) in broken.stdout
    # A trail cut off at its end is whole in itself, but not for who kept where it ended.
    last = max(row[0] for row in kept)
    row = target.one("select to_jsonb(e)::text from audit_entry e where number = %s", last)
    try:
        tamper(target, "delete from audit_entry where number = %s", last)
        cut = run(target, "audit", "verify", "--from", head)
    finally:
        tamper(target, "insert into audit_entry select (jsonb_populate_record(null::audit_entry, %s::jsonb)).*", row)
    assert cut.returncode == 1, cut.stdout
    assert target.rows("select * from audit_entry order by number") == kept


def tamper(target: Target, change: str, value: object) -> None:
    """Change the trail as the owner of the database can."""
    target.database.execute("alter table audit_entry disable trigger user")
    try:
        target.database.execute(change, [value])
    finally:
        target.database.execute("alter table audit_entry enable always trigger audit_no_change")
        target.database.execute("alter table audit_entry enable always trigger audit_no_truncate")
