"""Whoever lies about the network, or in its name, to the running server: nobody gets in, nothing is answered."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlencode, urlsplit

import psycopg
import pytest

from abonent.domains.identity.recognition_rules import Ticket, nonce_of, sign, ticket_key
from abonent.entrypoints.callbacks.bodies import signature
from tests.drills.browser import Answer, Http, at_once
from tests.drills.conftest import GATEWAY_KEY, Target, is_in
from tests.drills.hands import INBOUND, callback, imsi_of, network_does, sms, temporary_password
from tests.running import WAIT_S, running

BACK, RECEIPT = "/login/network/back/", "/callbacks/sms/receipt"
SPELLINGS = ("X-MSISDN", "x-msisdn", "X_MSISDN", "x_msisdn", "X-Msisdn", "X-LINE", "x-line", "X_LINE", "X-_MSISDN")
ENTRIES = ("/", "/login/", "/login/code/", "/login/password/", "/login/contract/", "/login/email/", "/login/forgot/",
           "/login/passkey/", "/login/second/", "/login/confirm/", BACK, "/app/", "/home/", "/expenses/", "/statement/",
           "/security/", "/staff/", "/staff/login/")  # fmt: skip


def raw(address: str, path: str, headers: list[tuple[str, str]], method: str = "GET") -> tuple[int, str, str]:
    """Send the headers as they are, several of one name too; return status, where it leads, and what it says."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=WAIT_S)
    connection.putrequest(method, path)
    for name, value in headers:
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    found = answer.status, answer.getheader("Location") or "", answer.read().decode()
    connection.close()
    return found


def leave(browser: Http, number: str = "") -> str:
    """Go to the listener, behind the phone with that number, and return the way back that it gives."""
    browser.cookies.pop("demo-internet", None)
    if number:
        browser.cookies["demo-internet"] = number
    back = browser.get(browser.path_of(browser.get("/login/network/")))
    return browser.path_of(back)


def listener_of(target: Target) -> str:
    """Return the address of the listener behind the gateway: only this machine reaches it."""
    port = urlsplit(target.address).port or 0
    for one in range(port + 1, port + 20):
        try:
            if "sign-in page" in raw(f"http://127.0.0.1:{one}", "/", [])[2]:
                return f"http://127.0.0.1:{one}"
        except (OSError, ValueError):
            continue
    raise AssertionError("the listener is not there")


def entries(target: Target) -> tuple[object, ...]:
    return tuple(target.one(f"select count(*) from identity_{table}") for table in ("signin", "account", "device"))


def test_id_13_what_a_browser_says_of_itself_in_any_spelling_opens_no_entry_of_the_site(target: Target) -> None:
    number = target.person()
    target.sign_in(number)
    before = entries(target)
    line = number.removeprefix("+")
    lies = [[(name, line)] for name in SPELLINGS]
    lies += [[("X-MSISDN", line), ("X-MSISDN", line)], [("X-LINE", "net-000001"), ("X_LINE", "net-000001")]]
    lies.append([(name, value) for name in SPELLINGS for value in (line, number, "net-000001")])
    for path in ENTRIES:
        plain = raw(target.address, path, [])
        for headers in lies if path in ("/login/", "/home/", BACK) else lies[-1:]:
            found = raw(target.address, path, [*headers, ("X-Forwarded-For", "10.0.0.1")])
            assert found[:2] == plain[:2], (path, headers)
    assert entries(target) == before


def test_id_13_past_the_gateway_no_spelling_of_its_headers_counts(target: Target) -> None:
    browser = target.browser()
    asked = urlsplit(browser.get("/login/network/").location).query
    for name in SPELLINGS:
        _, led, _ = raw(target.address, f"/phone/gateway/?{asked}", [(name, "79000000001")])
        assert "ticket" not in led, name
    listener = listener_of(target)
    value = "79000000001"
    for headers in (
        [("X_MSISDN", value)], [("X-MSISDN", value), ("X-MSISDN", value)], [("X-MSISDN", value), ("x_msisdn", value)],
        [("X-MSISDN", value), ("X-LINE", "net-000001")], [("X-MSISDN", f"{value},{value}")], [("X-MSISDN", "")],
        [("X-MSISDN", "491711234567")], [("X-MSISDN", f"{value}\t;1")], [("X-LINE", "net-000001' or 1=1")],
    ):  # fmt: skip
        status, led, _ = raw(listener, f"/?{asked}", headers)
        assert (status, "ticket" in led) == (302, False), headers
    assert "ticket=" in raw(listener, f"/?{asked}", [("x-msisdn", value)])[1], "the gateway itself is heard"


@pytest.mark.parametrize(
    "host", ["evil.test", "localhost.evil.test", "localhost@evil.test", "evil.test#localhost", "//evil.test", "",
             "localhost\r\nX: 1", "localhost:80:80", "LOCALHOST/../evil"],
)  # fmt: skip
def test_id_13_the_listener_leads_to_no_other_host(target: Target, host: str) -> None:
    asked = urlencode({"nonce": nonce_of("x"), "host": host})
    status, led, _ = raw(listener_of(target), f"/?{asked}", [("X-MSISDN", "79000000001")])
    assert (status, led) == (400, ""), host
    doubled = f"{asked}&{urlencode({'host': 'localhost'})}"
    _, led, _ = raw(listener_of(target), f"/?{doubled}", [("X-MSISDN", "79000000001")])
    assert urlsplit(led).netloc in ("", "localhost")
    assert raw(target.address, f"/phone/gateway/?{asked}", [("Cookie", "demo-internet=+79000000001")])[1] == BACK


def test_id_13_of_many_tabs_with_one_ticket_one_gets_in_and_none_later(target: Target) -> None:
    number, browser = target.person(), target.browser()
    back = leave(browser, number)
    tabs = [browser.copy() for _ in range(10)]
    answers = at_once([lambda tab=tab: tab.get(back) for tab in tabs])
    assert sorted(answer.status for answer in answers) == [302] + [400] * 9
    assert [is_in(tab) for tab in tabs].count(True) == 1
    assert target.one("select count(*) from identity_signin where account_id = %s", target.account_of(number)) == 1
    assert browser.get(back).status == 400
    assert not is_in(browser)


def test_id_13_a_ticket_of_another_browser_opens_nothing_whoever_lured_whom(target: Target) -> None:
    number = target.person()
    victim, attacker = target.browser(), target.browser()
    stolen = leave(victim, number)
    leave(attacker)
    attacker.get("/login/network/")
    for browser in (attacker, target.browser()):
        assert browser.get(stolen).status == 400
        assert not is_in(browser)
    # The attacker's question, asked through the victim's phone: what comes back fits the victim's browser no more.
    lured = target.browser()
    asked = urlsplit(attacker.get("/login/network/").location).query
    lured.cookies["demo-internet"] = number
    lured.get("/login/network/")
    back = lured.path_of(lured.get(f"/phone/gateway/?{asked}"))
    assert lured.get(back).status == 400
    assert not is_in(lured)
    assert target.account_of(number) is None


def test_id_13_a_ticket_that_is_old_of_another_key_host_or_browser_or_changed_opens_nothing(target: Target) -> None:
    number, browser = target.person(), target.browser()
    key = ticket_key((target.operator.var / "secret-key").read_text().strip())

    def held() -> Ticket:
        """Return a ticket as the listener would give it for the words that this browser holds now."""
        nonce = parse_qs(urlsplit(browser.get("/login/network/").location).query)["nonce"][0]
        host = urlsplit(target.address).netloc
        return Ticket("mobile", number, host, nonce, int(time.time()), uuid.uuid4().hex[:16])

    def flipped(ticket: Ticket, change: dict[str, object]) -> str:
        """Return a ticket with another body under its signature."""
        body, _, signed = sign(ticket, key).partition(".")
        fields = json.loads(base64.urlsafe_b64decode(body + "==")) | change
        return f"{base64.urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip('=')}.{signed}"

    forged = (
        lambda: sign(replace(held(), made_at=int(time.time()) - 62), key),
        lambda: sign(replace(held(), made_at=int(time.time()) + 60), key),
        lambda: sign(replace(held(), audience="localhost:1"), key),
        lambda: sign(replace(held(), nonce=nonce_of("another")), key),
        lambda: sign(held(), ticket_key("k" * 64)),
        lambda: sign(held(), b""),
        lambda: flipped(held(), {"name": "+79000000001"}),
        lambda: flipped(held(), {"made_at": int(time.time()) + 1}),
        lambda: sign(held(), key).partition(".")[0] + ".",
        lambda: sign(held(), key)[:-1],
        lambda: "x" * 5000,
        lambda: "%00",
    )
    for number_of_lie, lie in enumerate(forged):
        answer = browser.get(f"{BACK}?{urlencode({'ticket': lie()})}")
        assert answer.status == 400, number_of_lie
        assert not is_in(browser), number_of_lie
    assert target.account_of(number) is None
    assert browser.get(f"{BACK}?{urlencode({'ticket': sign(held(), key)})}").status == 302
    assert is_in(browser), "an honest one of the same make does open it"


def test_id_7_a_callback_that_our_gateway_did_not_sign_is_not_there_and_changes_nothing(target: Target) -> None:
    number = target.person()
    body = json.dumps({"sender": number, "recipient": "3339", "text": "ПАРОЛЬ", "imsi": imsi_of(number), "key": "f"})
    sent, before = body.encode(), target.snapshot()
    good = signature(GATEWAY_KEY, str(int(time.time())), INBOUND, sent)
    for path in (INBOUND, RECEIPT):
        for lie in (
            {"signature": " "}, {"signature": "0" * 64}, {"signed_by": "k" * 48}, {"signature": good[:-1]},
            {"timestamp": str(int(time.time()) - 301)}, {"timestamp": str(int(time.time()) + 310)},
            {"timestamp": "0"}, {"timestamp": "now"},
        ):  # fmt: skip
            assert callback(target, path, sent, **lie).status == 404, (path, lie)
    # A signature of one body, address or moment is none of another.
    moment = str(int(time.time()))
    of_other = {"timestamp": moment, "signature": signature(GATEWAY_KEY, moment, INBOUND, sent)}
    assert callback(target, INBOUND, sent.replace(b"3339", b"0111"), **of_other).status == 404
    assert callback(target, RECEIPT, sent, **of_other).status == 404
    assert callback(target, INBOUND, sent, **of_other | {"timestamp": str(int(moment) - 1)}).status == 404
    unsigned = Http(target.address)
    assert unsigned.request("POST", INBOUND, sent, {"Content-Type": "application/json"}).status == 404
    assert unsigned.request("POST", INBOUND, b"x" * 3_000_000, {}).status in (400, 404, 413)
    assert unsigned.get(INBOUND).status == 404
    assert target.snapshot() == before


def test_id_7_a_callback_played_again_counts_once_even_thirty_at_once(target: Target) -> None:
    number, key = target.person(), str(uuid.uuid4())
    answers = at_once([lambda: sms(target, number, "ПАРОЛЬ", key=key) for _ in range(30)])
    assert {answer.status for answer in answers} == {200}
    assert [json.loads(answer.body)["new"] for answer in answers].count(True) == 1
    temporary_password(target, number)
    answered(target, number, 1)
    assert len(target.operator.messages(number)) == 1


def answered(target: Target, number: str, count: int) -> None:
    """Wait until so many texts from the number were looked at."""
    query = "select count(*) from messaging_inboundmessage where sender = %s and answered_at is not null"
    target.wait_for(lambda: target.one(query, number) >= count)


def sent(target: Target, number: str) -> list[str]:
    """Return what was sent to the number, by its template."""
    rows = target.rows("select template from messaging_message where recipient = %s order by created_at", number)
    return [template for (template,) in rows]


def test_id_7_the_word_is_understood_however_it_is_typed(target: Target) -> None:
    number = target.person()
    typed = ("ПАРОЛЬ", "  пароль \n", "ПAРОЛЬ", "ПAPOЛЬ", "п а р о л ь", "Парол", "ПАРОЛЬЬ", "gfhjkm", "PASSWORD",
             "pasword", "«ПАРОЛЬ»", "пароль!")  # fmt: skip
    for count, word in enumerate(typed, 1):
        sms(target, number, word)
        answered(target, number, count)
        assert sent(target, number) == ["temporary"] * count, word
        target.a_day_later(number)


def test_id_7_who_is_not_ours_or_has_another_sim_gets_no_answer_at_all(target: Target) -> None:
    own = target.person()
    silent = [("+79009999998", None), ("+79161234567", ""), ("+4917112345678", ""), ("3339", ""), ("ORBITA", ""),
              ("+79000000000000", ""), (own, "999010000000000"), (own, "")]  # fmt: skip
    accounts = target.one("select count(*) from identity_account")
    messages = target.one("select count(*) from messaging_message")
    for place, (sender, imsi) in enumerate(silent):
        for text in ("ПАРОЛЬ", "25 Kemuta-Voridi-42", "баланс"):
            assert sms(target, sender, text, imsi=imsi, key=f"silent-{place}-{text}").status == 200
    query = "select count(*) from messaging_inboundmessage where key like 'gateway-silent-%%' and answered_at is null"
    target.wait_for(lambda: target.one(query) == 0)
    assert target.one("select count(*) from messaging_message") == messages
    assert target.one("select count(*) from identity_account") == accounts
    kept = target.rows("select text, kept::text from messaging_inboundmessage where key like 'gateway-silent-%%'")
    assert "Kemuta" not in str(kept)


def test_id_18_after_a_number_was_given_away_the_old_sim_gets_nothing_for_it(target: Target) -> None:
    number = target.person()
    target.sign_in(number)
    old = target.account_of(number)
    network_does(target, number, "release")
    before = len(sent(target, number))
    sms(target, number, "ПАРОЛЬ")
    answered(target, number, 1)
    assert len(sent(target, number)) == before
    new_sim = target.one(
        "select imsi from lines_sim s join lines_line l on l.id = s.line_id where l.number = %s and l.closed_at is null"
        " and s.until is null", number,
    )  # fmt: skip
    shown = len(target.operator.messages(number))
    sms(target, number, "ПАРОЛЬ", imsi=new_sim)
    typed = temporary_password(target, number, after=shown)
    assert target.by_password(browser := target.browser(), number, typed).location.startswith("/login/new-password/")
    assert target.account_of(number) not in (None, old)
    assert browser.get("/home/").location.startswith("/login/new-password/")


def test_id_8_a_password_by_sms_is_neither_taken_nor_kept_unless_the_operator_wants_that(target: Target) -> None:
    number, own = target.person(), "Kemuta-Voridi-42"
    for text in (f"25 {own}", f"25{own}"):
        sms(target, number, text, to="111")
    answered(target, number, 2)
    assert sent(target, number) == ["keyword closed"]
    assert own not in str(
        target.rows("select text, kept::text from messaging_inboundmessage where sender = %s", number)
    )
    assert target.by_password(target.browser(), number, own).status == 200
    assert target.account_of(number) is None


def test_id_7_of_fifty_texts_at_once_the_limits_answer_as_many_as_they_allow(target: Target) -> None:
    number = target.person()
    assert {answer.status for answer in at_once([lambda: sms(target, number, "ПАРОЛЬ") for _ in range(50)])} == {200}
    answered(target, number, 50)
    assert sorted(sent(target, number)) == ["keyword busy", "temporary"]
    assert target.one("select count(*) from identity_challenge where number = %s", number) == 1
    assert target.one("select cardinality(sends) from identity_numberguard where number = %s", number) == 1


@pytest.fixture(scope="module")
def classic() -> Iterator[Target]:
    """An operator that takes passwords by SMS."""
    environment = {"ABONENT_GATEWAY_KEY": GATEWAY_KEY, "ABONENT_PROFILE": "classic"}
    with (
        running("drills-classic", subscribers=12, days=1, environment=environment) as operator,
        psycopg.connect(operator.database_url, autocommit=True) as database,
    ):
        yield Target(operator, database)


def opens(answer: Answer) -> bool:
    return answer.status == 302


@pytest.mark.slow
def test_id_8_with_the_classic_rules_ones_own_password_counts_only_after_the_one_sent_to_the_sim(
    classic: Target,
) -> None:
    number, stranger, own = "+79000000005", "+79000000006", "Kemuta-Voridi-42"
    sms(classic, number, f"25 {own}", to="111", imsi=imsi_of(stranger))
    answered(classic, number, 1)
    assert sent(classic, number) == []
    sms(classic, number, f"25 {own}", to="111")
    once = temporary_password(classic, number)
    assert not opens(classic.by_password(classic.browser(), number, own)), "sent, and not proven yet"
    browsers = [classic.browser() for _ in range(10)]
    for browser in browsers:
        browser.get("/login/password/")
    answers = at_once([lambda one=one: classic.by_password(one, number, once) for one in browsers])
    assert [opens(answer) for answer in answers].count(True) <= 1
    if not any(map(opens, answers)):
        # Ten at once used up what one password bears: then it is worth nothing, and another one is asked for.
        classic.a_day_later(number)
        shown = len(classic.operator.messages(number))
        sms(classic, number, f"25 {own}", to="111")
        classic.database.execute("delete from identity_passwordguard")
        assert opens(classic.by_password(classic.browser(), number, temporary_password(classic, number, after=shown)))
    classic.database.execute("delete from identity_passwordguard")
    assert opens(classic.by_password(classic.browser(), number, own))
    assert not opens(classic.by_password(classic.browser(), number, once)), "once"
    stored = classic.rows("select text, kept::text from messaging_inboundmessage union select params::text, state"
                          " from messaging_message")  # fmt: skip
    assert own not in str(stored)
    assert once not in str(stored)
