"""Steps out of order, codes where they do not belong, input out of shape, messages for somebody else's money."""

from __future__ import annotations

import http.client
from functools import partial
from html import unescape
from itertools import product
from urllib.parse import quote

import pytest
from num2words import num2words

from tests.drills.addresses import all_addresses, without_token
from tests.drills.browser import Answer, at_once, is_answered
from tests.drills.conftest import Target, is_in, quiet
from tests.drills.hostile import BODIES, COOKIES, DEAR_NUMBERS, FORMS, HEADERS, NAUGHTY

pytestmark = pytest.mark.slow

AT_A_TIME = 8

# --- Codes where they do not belong ---

CODE_COOKIES = {
    "code-entry": "/login/code/",
    "code-reset": "/login/forgot/code/",
    "code-contract": "/login/contract/code/",
    "code-email": "/login/email/code/",
    "code-confirm": "/login/confirm/code/",
    "code-address": "/security/email/code/",
}


def test_id_2_ops_1_a_code_is_good_for_its_purpose_and_its_browser_only(target: Target) -> None:
    number = target.person()
    asking = target.browser()
    code = target.ask_code(asking, number)
    before = target.one("select count(*) from identity_signin")
    # The digits in a browser that did not ask.
    stranger = target.browser()
    for path in CODE_COOKIES.values():
        answer = stranger.post(path, {"code": code})
        assert answer.location.startswith("/login/"), (path, answer.status)
        assert not answer.location.startswith(path)
    # The cookie of the browser that asked, under the name of another purpose.
    owners = target.sign_in(target.person())
    for name, path in CODE_COOKIES.items():
        if name == "code-entry":
            continue
        for browser in (target.browser(), owners.copy()):
            browser.cookies[name] = asking.cookies["code-entry"]
            answer = browser.post(path, {"code": code})
            assert answer.status == 302, (path, answer.words)
            assert not answer.location.startswith(("/home/", "/security/email/?set", "/login/new-password/")), path
    # The digits where the same number asked for something else.
    target.an_hour_later(number)
    resetting = target.browser()
    resetting.get("/login/forgot/")
    assert resetting.post("/login/forgot/", {"login": number, "channel": "sms"}).location == "/login/forgot/code/"
    answer = resetting.post("/login/forgot/code/", {"code": code})
    assert answer.status == 200
    assert not is_in(resetting)
    assert target.one("select count(*) from identity_signin") == before + 1
    # It still is good where it belongs, once, however many tabs send it at the same moment.
    tabs = [asking.copy() for _ in range(12)]
    answers = at_once(partial(tab.post, "/login/code/", {"code": code}) for tab in tabs)
    assert all(answer.status in (200, 302) for answer in answers)
    assert sum(is_in(tab) for tab in tabs) == 1
    assert target.one("select count(*) from identity_signin") == before + 2


# Where somebody comes only after something else.
MIDDLES = (
    "/login/second/",
    "/login/new-password/",
    "/login/forgot/second/",
    "/login/forgot/code/",
    "/login/confirm/code/",
    "/login/switched-off/",
    "/login/linking/",
    "/security/email/code/",
    "/security/email/code/again/",
    "/security/factors/app/",
    "/security/protected/prove/",
    "/security/links/add/",
    "/app/pin/",
    "/app/pin/new/",
)


def test_id_2_ops_2_steps_out_of_order_open_nothing(target: Target) -> None:
    before = quiet(target)
    stranger = target.browser()
    stranger.get("/login/")
    for path in all_addresses():
        if path in without_token() or path.startswith("/phone/"):
            continue
        for answer in (stranger.get(path), stranger.post(path, {"code": "123456", "password": "x", "choice": "later"})):
            assert is_answered(answer), (path, answer.status)
            inside = path.startswith(("/home", "/security/", "/statement", "/expenses", "/line/", "/app/pin"))
            if inside or (path.startswith("/staff/") and not path.startswith("/staff/log")):
                assert answer.location.startswith(("/login/", "/staff/login/")) or answer.status in (404, 405), path
    after = quiet(target)
    # Anybody may measure the speed, and takes a place for it.
    flows = {"identity_sendflow", "identity_passwordguard", "identity_captcha", "lines_speedtest"}
    assert {table for table in after if after[table] != before[table]} <= flows
    # Somebody signed in, who jumps into the middle of everything.
    somebody = target.sign_in(target.person())
    for path in all_addresses():
        if not path.startswith(("/phone/", "/callbacks/")):
            assert is_answered(somebody.get(path)), path
    for path in MIDDLES:
        answer = somebody.post(path, {"code": "123456", "password": "малина-тихий-рельс-42", "key": "x"})
        assert answer.status in (302, 400, 403, 404), (path, answer.status)
    assert target.one("select password from identity_account where id = (select account_id from identity_session"
                      " where key = %s)", somebody.cookies["session"])[:1] in ("", "!")  # fmt: skip


# --- Input out of shape ---


def attack(target: Target, path: str, number: str) -> list[tuple[str, Answer]]:
    """Send one form with everything that it does not expect."""
    names = FORMS[path]
    browser = target.browser()
    for entry in ("/login/", "/login/forgot/", "/login/contract/", "/login/email/"):
        browser.get(entry)
    good = {"number": number, "login": number, "email": "hostile@example.org", "code": "123456", "password": "x"}
    sent = [[(names[0], value)] for value in NAUGHTY] + [[]]
    sent += [[(name, value)] for name, value in product(names[1:], NAUGHTY[::3])]
    sent += [[(name, good.get(name, "1")), (name, "2"), (f"{name}[]", "1"), (f"{name}.x", "1")] for name in names]
    said = []
    for fields in sent:
        rest = [(name, good[name]) for name in names if name in good and name not in dict(fields)]
        said.append((str(fields)[:80], browser.post(path, fields + rest)))
    token = browser.cookies["csrf"].encode()
    for body, kind in BODIES:
        filled = body % {b"token": token, b"name": names[0].encode()}
        said.append((kind, browser.post(path, filled, Content_Type=kind)))
    asked = [f"{path}?next={quote(value)}&{quote(value)}=1" for value in NAUGHTY[::2]]
    return said + [(address[:80], browser.get(address)) for address in asked]


def test_ops_1_hostile_input_breaks_no_public_form(target: Target) -> None:
    number = target.person()
    paths = list(FORMS)
    for start in range(0, len(paths), AT_A_TIME):
        some = paths[start : start + AT_A_TIME]
        target.database.execute("delete from identity_sendflow")
        for path, said in zip(some, at_once(partial(attack, target, path, number) for path in some), strict=True):
            assert [(what, answer.status) for what, answer in said if not is_answered(answer)] == [], path
            # Nothing that was typed comes back as a part of the page.
            assert not [what for what, answer in said if "<script>alert(1)" in answer.text], path


def test_ops_1_hostile_cookies_and_headers_break_no_page(target: Target) -> None:
    names = (
        "session",
        "csrf",
        "device",
        "number",
        "language",
        "captcha",
        "app",
        "pin",
        *CODE_COOKIES,
        "passkey-enter",
        "messages",
    )
    browser = target.browser()
    for value in COOKIES:
        for path in ("/login/", "/login/code/", "/home/", "/login/passkey/", "/app/", "/login/captcha/picture/"):
            crumbs = "; ".join(f"{name}={value}" for name in (names if len(value) < 100 else names[:3]))
            assert browser.get(path, Cookie=crumbs).status < 500, (path, value)
    for headers in HEADERS:
        try:
            assert target.browser().get("/login/", **headers).status < 500, headers
        except (http.client.HTTPException, ValueError, ConnectionError):
            # Some cannot even be sent, or are refused before there is an answer.
            continue
    assert target.browser().get("/login/").status == 200


# --- Messages for somebody else's money ---


def test_ops_1_no_message_goes_to_foreign_or_dear_numbers(target: Target) -> None:
    before = target.one("select count(*) from messaging_message")

    def pump(number: str) -> list[Answer]:
        browser = target.browser(X_Forwarded_For=f"203.0.113.{len(number)}")
        browser.get("/login/")
        answers = [browser.post("/login/", {"number": number})]
        for channel in ("sms", "voice", "email"):
            answers.append(browser.post("/login/forgot/", {"login": number, "channel": channel}))
            answers.append(browser.post("/login/contract/", {"number": number, "channel": channel}))
            answers.append(browser.post("/login/forgot/code/again/", {"channel": channel}))
        return answers

    for answers in at_once(partial(pump, number) for number in DEAR_NUMBERS):
        assert answers[0].status == 200
        assert all(answer.status in (200, 302, 429) for answer in answers)
    assert target.one("select count(*) from messaging_message where recipient not like '+7900%%'"
                      " and state not in ('withheld') and channel in ('sms', 'voice')") == 0  # fmt: skip
    assert target.one("select count(*) from messaging_message") - before <= 6 * len(DEAR_NUMBERS)


def test_ops_1_a_block_of_own_numbers_is_not_pumped(target: Target) -> None:
    # Ten thousand numbers in a row, from a hundred networks and a hundred browsers, at once.
    def pump(place: int) -> Answer:
        browser = target.browser(X_Forwarded_For=f"203.{place}.113.7")
        browser.get("/login/")
        return browser.post("/login/", {"number": f"+7900666{place:04d}"})

    answers = [
        answer for start in range(0, 100, 20) for answer in at_once(partial(pump, n) for n in range(start, start + 20))
    ]
    sent = [answer for answer in answers if answer.location == "/login/code/"]
    asked = [answer for answer in answers if answer.location == "/login/"]
    assert len(sent) == 60
    assert len(asked) == 40
    assert target.one("select count(*) from identity_challenge where number like '+7900666%%'") == 60
    # Numbers of other blocks are none the worse for it.
    assert target.sign_in(target.person())


def test_ops_1_nobody_has_strangers_mailed_by_the_dozen(target: Target) -> None:
    browser = target.sign_in(target.person())
    tabs = [browser.copy() for _ in range(30)]
    answers = at_once(
        partial(tab.post, "/security/email/", {"email": f"stranger{place}@example.net"})
        for place, tab in enumerate(tabs)
    )
    assert {answer.status for answer in answers} == {302}
    sent = target.one("select count(*) from messaging_message where recipient like '%%@example.net'")
    assert sent <= 8
    assert sum(answer.location == "/security/email/code/" for answer in answers) == sent


def test_ops_1_one_answer_to_the_question_for_people_sends_one_code(target: Target) -> None:
    browser = target.browser(X_Forwarded_For="203.0.112.7")
    browser.get("/login/")
    target.database.execute(
        "insert into identity_sendflow (key, window_start, sends, entered)"
        " values ('address 203.0.112.0/24', date_bin('10 minutes', now(), '1970-01-01Z'), 500, 0)"
    )
    assert browser.post("/login/", {"number": "+79005550000"}).location == "/login/"
    assert browser.post("/login/captcha/another/", {"kind": "words"}).location == "/login/"
    asked = unescape(browser.get("/login/").words)
    fitting = [number for number in range(100, 1000) if f"Write in digits: {num2words(number)}" in asked]
    answer = str(max(fitting, key=lambda number: len(num2words(number))))
    tabs = [browser.copy() for _ in range(12)]
    answers = at_once(
        partial(tab.post, "/login/", {"number": f"+7900555{place:04d}", "captcha": answer})
        for place, tab in enumerate(tabs)
    )
    assert sorted(answer.location for answer in answers) == ["/login/"] * 11 + ["/login/code/"]
    assert target.one("select count(*) from identity_challenge where number like '+7900555%%'") == 1
    # In another browser it answers nothing, the cookie taken along or not.
    thief = target.browser(X_Forwarded_For="203.0.112.8")
    thief.get("/login/")
    thief.cookies["captcha"] = browser.cookies.get("captcha", "")
    assert thief.post("/login/", {"number": "+79005551111", "captcha": answer}).location == "/login/"
