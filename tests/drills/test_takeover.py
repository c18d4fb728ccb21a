"""Taking somebody's cabinet over: beforehand, by a stolen step of a reset, past the second factor."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.drills.browser import Answer, Http, at_once
from tests.drills.conftest import PASSWORD, Target, is_in
from tests.drills.hands import (
    LEV,
    MAYA,
    VERA,
    add_authenticator,
    go_elsewhere,
    sms,
    temporary_password,
    totp,
)

NEW = "паровоз-лодка-сирень-19"
FORGOT, FORGOT_CODE, NEW_PASSWORD, SECOND = (
    "/login/forgot/", "/login/forgot/code/", "/login/new-password/", "/login/second/",
)  # fmt: skip
# Pages, files and forms behind the sign-in, of each room one and every one that changes how somebody gets in.
PAGES = (
    "/home/", "/expenses/", "/statement/", "/statement/statement.csv", "/statement/statement.pdf", "/security/",
    "/security/sessions/", "/security/history/", "/security/changes/", "/security/data/", "/security/password/",
    "/security/email/", "/security/factors/", "/security/factors/codes.txt", "/security/links/", "/security/protected/",
    "/security/erasure/", "/app/pin/", "/app/pin/new/", "/login/offer/", "/login/offer/passkey/", NEW_PASSWORD,
    "/login/confirm/", "/login/switched-off/",
)  # fmt: skip
FORMS: dict[str, dict[str, str]] = {
    NEW_PASSWORD: {"password": NEW},
    "/login/offer/": {"password": NEW},
    "/security/password/": {"password": NEW, "old": PASSWORD},
    "/security/email/": {"email": "thief@mail.example"},
    "/security/email/remove/": {},
    "/security/links/add/": {"service": "vk"},
    "/security/links/waiting/": {},
    "/security/links/remove/": {"link": "1"},
    "/security/factors/change/": {"act": "stop"},
    "/security/factors/app/": {"start": "1"},
    "/security/factors/codes/new/": {},
    "/security/factors/passkey/": {"name": "x", "passkey": "{}"},
    "/login/offer/passkey/": {"name": "x", "passkey": "{}"},
    "/security/sessions/end-others/": {},
    "/security/switch-off/": {},
    "/security/erasure/ask/": {},
    "/security/data/copy/": {},
    "/app/pin/new/": {"key": "0" * 64},
    "/login/confirm/": {"way": "password", "password": PASSWORD},
    "/login/switched-off/": {},
    "/line/": {"line": "1"},
    "/numbers/add/": {"number": "+79000000005", "role": "full"},
    "/numbers/own/": {"number": "+79000000005"},
    "/numbers/end/": {"share": "1"},
}
WAYS_TABLES = ("account", "link", "passkey", "totp", "recoverycode", "devicekey")


def is_refused(answer: Answer, by: str = "/login/") -> bool:
    """Return whether the answer leads to signing in, and shows nothing."""
    return answer.status == 302 and answer.location.startswith(by) and not answer.body


def sees_nothing(target: Target, browser: Http) -> None:
    """Prove that the browser opens no page, no file and no form behind the sign-in, and changes nothing by trying."""
    before = ways_in(target)
    for page in PAGES:
        assert is_refused(browser.copy().get(page)), page
        assert is_refused(browser.copy().get(page, Accept="application/json")), page
    for form, fields in FORMS.items():
        assert is_refused(browser.copy().post(form, fields)), form
    app = browser.copy()
    app.cookies["app"] = "1"
    assert is_refused(app.get("/app/"))
    assert is_refused(app.get("/home/"))
    assert changed(before, ways_in(target)) == []


def ways_in(target: Target) -> dict[str, str]:
    """Return every row that says how somebody gets in, each by its table."""
    return {
        str(row): table for table in WAYS_TABLES for (row,) in target.rows(f"select t::text from identity_{table} t")
    }


def changed(before: dict[str, str], after: dict[str, str]) -> list[tuple[str, str]]:
    """Return the rows that came, went or changed, each with its table."""
    return sorted((table, row) for row, table in before.items() ^ after.items())


def ask_reset(target: Target, browser: Http, login: str, channel: str = "sms") -> None:
    asked = browser.post(FORGOT, {"login": login, "channel": channel})
    assert asked.location == FORGOT_CODE, asked.words


def reset_code(target: Target, browser: Http, number: str) -> str:
    """Ask for a new password by SMS and return the code."""
    before = len(target.operator.messages(number))
    ask_reset(target, browser, number)
    return target.operator.code(number, after=before)


def letter_code(target: Target, address: str, after: int) -> str:
    """Wait for a code in a letter beyond the first `after`, and return the newest."""

    def newest() -> str:
        letters = target.letters(address)
        texts = (letter["text"] for letter in letters[: len(letters) - after])
        return next((found[0] for text in texts if (found := re.search(r"\b\d{6}\b", text))), "")

    return str(target.wait_for(newest))


# --- beforehand ---


def test_id_2_nothing_that_opens_a_cabinet_can_be_in_place_before_the_first_code_of_its_number(target: Target) -> None:
    number, mail = target.person(), "early@mail.example"
    attacker = target.browser()
    for login in (number, mail):
        assert target.by_password(attacker, login, PASSWORD).status == 200
        ask_reset(target, attacker, login)
        assert attacker.post(FORGOT_CODE, {"code": "000000"}).status == 200
    assert go_elsewhere(attacker, LEV).location.startswith("/login/linking/")
    sees_nothing(target, attacker)
    assert target.account_of(number) is None
    target.a_day_later(number)
    victim = target.sign_in(number)
    account = target.account_of(number)
    has = target.rows("select password like '!%%', email, has_passkey, has_second_factor from identity_account"
                      " where id = %s", account)  # fmt: skip
    assert has == [(True, None, False, False)]
    for table in ("link", "passkey", "totp", "devicekey", "recoverycode"):
        assert target.one(f"select count(*) from identity_{table} where account_id = %s", account) == 0, table
    # What the attacker prepared waits for ever.
    assert target.by_password(target.browser(), number, PASSWORD).status == 200
    assert go_elsewhere(target.browser(), LEV).location.startswith("/login/linking/")
    sees_nothing(target, attacker)
    assert is_in(victim)


def test_id_14_a_login_that_waits_in_an_attackers_browser_never_gets_to_the_victim(target: Target) -> None:
    number, attacker, victim = target.person(), target.browser(), target.browser()
    go_elsewhere(attacker, MAYA)
    code = target.ask_code(victim, number)
    # The attacker asks for a code to the same number, and even learns the victim's: it is another browser's.
    attacker.post("/login/", {"number": number})
    attacker.post("/login/code/", {"code": code})
    assert not is_in(attacker)
    # The attacker's way back from the service, opened in the victim's browser, belongs to a session that is not there.
    sent = go_elsewhere_until_back(target.browser(), MAYA)
    assert victim.get(sent).status == 400
    entered = victim.post("/login/code/", {"code": code})
    assert entered.status == 302, entered.words
    account = target.account_of(number)
    assert target.one("select count(*) from identity_link where account_id = %s", account) == 0
    assert go_elsewhere(target.browser(), MAYA).location.startswith("/login/linking/")


def go_elsewhere_until_back(browser: Http, person: str) -> str:
    """Be that person at the other service, and return the way back without going it."""
    kept: list[str] = []

    class Stops(Http):
        def get(self, path: str, **headers: str) -> Answer:
            if "/callback/" in path:
                kept.append(path)
                path = "/login/"
            return super().get(path, **headers)

    stops = Stops(browser.address)
    stops.cookies = browser.cookies
    go_elsewhere(stops, person)
    return kept[0]


def test_id_4_a_confirmation_of_an_address_begun_by_one_person_is_finished_by_no_other(target: Target) -> None:
    mail = "finished@mail.example"
    attacker, victim = target.sign_in(target.person()), target.sign_in(target.person())
    assert attacker.post("/security/email/", {"email": mail}).location == "/security/email/code/"
    code = letter_code(target, mail, 0)
    assert victim.post("/security/email/code/", {"code": code}).location == "/security/email/"
    planted = victim.copy()
    planted.cookies["code-address"] = attacker.cookies["code-address"]
    assert planted.post("/security/email/code/", {"code": code}).status == 200
    nobody = target.browser()
    nobody.cookies["code-address"] = attacker.cookies["code-address"]
    assert is_refused(nobody.post("/security/email/code/", {"code": code}))
    for path in ("/login/email/code/", FORGOT_CODE, "/login/code/", "/login/confirm/code/"):
        assert not is_in_by(target, path, attacker.cookies["code-address"], code)
    assert target.one("select count(*) from identity_account where email = %s", mail) == 0


def is_in_by(target: Target, path: str, held: str, code: str) -> bool:
    """Use a held code on another page under every name a cookie of a code has."""
    browser = target.browser()
    browser.cookies |= dict.fromkeys(("code-entry", "code-email", "code-reset", "code-confirm", "code-contract"), held)
    browser.post(path, {"code": code})
    return is_in(browser)


# --- a stolen step of a reset ---


def test_id_7_a_reset_begun_in_one_browser_is_finished_in_no_other(target: Target) -> None:
    number = target.person()
    owner = target.sign_in(number)
    target.set_password(owner)
    one, other = target.browser(), target.browser()
    code = reset_code(target, one, number)
    assert other.post(FORGOT_CODE, {"code": code}).location == FORGOT
    assert other.post("/login/code/", {"code": code}).location == "/login/"
    stolen = one.copy()
    assert one.post(FORGOT_CODE, {"code": code}).location.startswith(NEW_PASSWORD)
    # The page of the new password is the session's that the code opened, and that session sees nothing else.
    sees_nothing(target, other)
    assert other.post(NEW_PASSWORD, {"password": NEW}).location.startswith("/login/?")
    for page in ("/home/", "/statement/", "/security/", "/security/email/"):
        assert one.copy().get(page).location.startswith(NEW_PASSWORD), page
    # The code again, from before it was used: it did its work.
    assert stolen.post(FORGOT_CODE, {"code": code}).location == FORGOT_CODE
    assert not is_in(stolen)
    assert is_in(owner), "nothing changed yet"
    known = one.copy()
    assert one.post(NEW_PASSWORD, {"password": NEW}).location == "/home/"
    assert is_in(one)
    for old in (owner, known):
        assert not is_in(old), "every other session ended, and the id from before is another now"
    # Back, and the same form once more: no second new password without the old one.
    assert one.get(NEW_PASSWORD).location == "/security/password/"
    assert one.post(NEW_PASSWORD, {"password": PASSWORD}).location == "/security/password/"
    assert one.post(FORGOT_CODE, {"code": code}).location == FORGOT
    assert target.by_password(target.browser(), number, PASSWORD).status == 200
    assert target.by_password(target.browser(), number, NEW).location == "/home/"


def test_id_7_a_code_of_a_reset_sent_ten_times_at_once_opens_one_session(target: Target) -> None:
    number, browser = target.person(), target.browser()
    code = reset_code(target, browser, number)
    tabs = [browser.copy() for _ in range(10)]
    at_once([lambda tab=tab: tab.post(FORGOT_CODE, {"code": code}) for tab in tabs])
    at_the_page = [tab.get(NEW_PASSWORD).status == 200 for tab in tabs]
    assert at_the_page.count(True) <= 1
    assert target.one("select count(*) from identity_signin where account_id = %s", target.account_of(number)) <= 1


@pytest.mark.parametrize(
    "around", ["/login/switched-off/", "/login/offer/", "/app/", "/app/pin/new/", "/login/second/"]
)
def test_id_7_nothing_leads_around_the_new_password_that_a_one_time_password_asks_for(
    target: Target, around: str
) -> None:
    number, browser = target.person(), target.browser()
    sms(target, number, "ПАРОЛЬ")
    typed = temporary_password(target, number)
    assert target.by_password(browser, number, typed).location.startswith(NEW_PASSWORD)
    for fields in ({}, {"choice": "never"}, {"key": "0" * 64, "next": "/home/"}, {"next": "/home/"}):
        browser.post(around, fields)
        browser.get(around)
        assert browser.get("/home/").location.startswith((NEW_PASSWORD, "/app/pin/")), fields
    assert target.by_password(target.browser(), number, typed).status == 200, "it opened once"


# --- past the second factor ---


def of_codes(target: Target, browser: Http, number: str) -> Answer:
    return browser.post("/login/code/", {"code": target.ask_code(browser, number)})


def of_password(target: Target, browser: Http, number: str) -> Answer:
    return target.by_password(browser, number, PASSWORD)


def of_email(target: Target, browser: Http, number: str) -> Answer:
    seen = len(target.letters(MAIL))
    assert browser.post("/login/email/", {"email": MAIL}).location == "/login/email/code/"
    return browser.post("/login/email/code/", {"code": letter_code(target, MAIL, seen)})


def of_reset_by_sms(target: Target, browser: Http, number: str) -> Answer:
    return browser.post(FORGOT_CODE, {"code": reset_code(target, browser, number)})


def of_reset_by_email(target: Target, browser: Http, number: str) -> Answer:
    seen = len(target.letters(MAIL))
    ask_reset(target, browser, number, "email")
    return browser.post(FORGOT_CODE, {"code": letter_code(target, MAIL, seen)})


def of_one_time_password(target: Target, browser: Http, number: str) -> Answer:
    before = len(target.operator.messages(number))
    sms(target, number, "ПАРОЛЬ")
    return target.by_password(browser, number, temporary_password(target, number, after=before))


def of_another_service(target: Target, browser: Http, number: str) -> Answer:
    return go_elsewhere(browser, VERA)


def of_the_network(target: Target, browser: Http, number: str) -> Answer:
    browser.cookies["demo-internet"] = number
    back = browser.get(browser.path_of(browser.get("/login/network/")))
    return browser.get(browser.path_of(back))


def of_the_contract(target: Target, browser: Http, number: str) -> Answer:
    before = len(target.operator.messages(number))
    assert browser.post("/login/contract/", {"number": CONTRACT, "channel": "sms"}).location == "/login/contract/code/"
    return browser.post("/login/contract/code/", {"code": target.operator.code(number, after=before)})


MAIL = "factor@mail.example"
# The first number of the demo has a home contract whose codes go to it.
GUARDED, CONTRACT = "+79000000001", "200000001"
WAYS: dict[str, Callable[[Target, Http, str], Answer]] = {
    "code": of_codes, "password": of_password, "e-mail": of_email, "reset by SMS": of_reset_by_sms,
    "reset by e-mail": of_reset_by_email, "one-time password": of_one_time_password,
    "another service": of_another_service, "network": of_the_network, "contract": of_the_contract,
}  # fmt: skip


@pytest.fixture(scope="module")
def guarded(_target: Target) -> str:
    """Return the secret of the authenticator app that guards the cabinet of `GUARDED`, which has every way in."""
    owner = _target.sign_in(GUARDED)
    _target.set_password(owner)
    _target.set_email(owner, MAIL)
    added = go_elsewhere(owner, VERA, add=True)
    assert added.location.startswith("/security/linked/"), added.words
    return add_authenticator(owner)


@pytest.mark.parametrize("way", WAYS)
def test_id_15_every_way_in_and_every_recovery_ends_before_the_second_factor(
    target: Target, guarded: str, way: str
) -> None:
    target.a_day_later(GUARDED, MAIL, CONTRACT)
    browser = target.browser()
    ended = WAYS[way](target, browser, GUARDED)
    assert ended.location == SECOND, (way, ended.words)
    sees_nothing(target, browser)
    assert browser.get(SECOND).status == 200, "it still waits for the second proof"
    session = target.rows("select account_id from identity_session where key = %s", browser.cookies["session"])
    assert session == [(None,)]


def test_id_15_one_code_of_the_app_sent_from_ten_tabs_at_once_opens_one(target: Target, guarded: str) -> None:
    tabs = []
    for _ in range(10):
        browser = target.browser()
        assert of_password(target, browser, GUARDED).location == SECOND
        tabs.append(browser)
    before = target.one("select count(*) from identity_signin where account_id = %s", target.account_of(GUARDED))
    code = totp(guarded)
    at_once([lambda tab=tab: tab.post(SECOND, {"code": code}) for tab in tabs])
    assert [is_in(tab) for tab in tabs].count(True) <= 1
    after = target.one("select count(*) from identity_signin where account_id = %s", target.account_of(GUARDED))
    assert after - before <= 1


def test_id_15_of_thirty_guesses_at_once_five_are_looked_at(target: Target, guarded: str) -> None:
    account = target.account_of(GUARDED)
    target.database.execute("delete from identity_factorguard where account_id = %s", [account])
    browser = target.browser()
    of_password(target, browser, GUARDED)
    right = {totp(guarded, steps) for steps in range(-2, 3)}
    wrong = [code for code in map("{:06}".format, range(40)) if code not in right][:30]
    tabs = [browser.copy() for _ in wrong]
    answers = at_once([lambda tab=tab, code=code: tab.post(SECOND, {"code": code})
                       for tab, code in zip(tabs, wrong, strict=True)])  # fmt: skip
    assert [answer.status for answer in answers].count(429) == 25
    query = "select sum(cardinality(failures)) from identity_factorguard where account_id = %s"
    assert target.one(query, account) == 5
    assert browser.post(SECOND, {"code": totp(guarded)}).status == 429
    assert not is_in(browser)
    target.database.execute("delete from identity_factorguard where account_id = %s", [account])
