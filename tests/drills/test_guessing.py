"""Guessing at the running server: passwords, codes, temporary passwords, all at the same moment and by every way."""

from __future__ import annotations

import random
import re
import time
from functools import partial
from html import unescape
from uuid import uuid4

import pytest

from tests.drills.browser import Answer, Http, at_once
from tests.drills.conftest import PASSWORD, Target, is_in
from tests.drills.hands import add_authenticator, totp
from tests.factories.factors import Authenticator
from tests.running import WAIT_S

pytestmark = pytest.mark.slow

WRONG = "Wrong login or password."
CLOSED = "Entry by password is closed for this login."
TOO_MANY_CODES = "Too many wrong codes for this"
GUESSES = 30


def owner(target: Target) -> tuple[str, Http]:
    """Return somebody who has a password, and the browser it was set in."""
    number = target.person()
    browser = target.sign_in(number)
    target.set_password(browser)
    return number, browser


def guess(target: Target, browser: Http, login: str, password: str) -> str:
    """Type a password until it was looked at: while hashing is busy nothing is counted."""
    until = time.monotonic() + WAIT_S
    while (answer := target.by_password(browser, login, password)).status == 503:
        assert time.monotonic() < until
        time.sleep(0.1)
    return what(answer)


def what(answer: Answer) -> str:
    if answer.status == 302:
        return "in" if not answer.location.startswith("/login/password/") else "captcha"
    return "closed" if CLOSED in answer.words else "wrong" if WRONG in answer.words else answer.words


def strangers(target: Target, count: int) -> list[Http]:
    """Return browsers that stand at the door, each with its own mark."""
    found = [target.browser() for _ in range(count)]
    for browser in found:
        assert browser.get("/login/password/").status == 200
    return found


def guard_of(target: Target, account_id: int) -> int:
    return int(target.one("select tries from identity_passwordguard where key = %s", f"account {account_id}") or 0)


def entries_of(target: Target, account_id: int) -> int:
    return int(target.one("select count(*) from identity_signin where account_id = %s", account_id))


def test_id_3_ops_1_checks_three_of_thirty_passwords_guessed_at_once(target: Target) -> None:
    number, _ = owner(target)
    account_id = target.account_of(number)
    entries = entries_of(target, account_id)
    browsers = strangers(target, GUESSES)
    said = at_once(
        partial(guess, target, browser, number, f"догадка номер {place}") for place, browser in enumerate(browsers)
    )
    # The third wrong one says that entry is closed, and so does every one after it: two were only wrong.
    assert sorted(said) == ["closed"] * 28 + ["wrong"] * 2
    assert guard_of(target, account_id) == 4
    target.database.execute("delete from identity_sendflow")
    assert set(at_once(partial(guess, target, browser, number, PASSWORD) for browser in browsers)) == {"closed"}
    assert entries_of(target, account_id) == entries
    assert not any(is_in(browser) for browser in browsers)


def test_id_3_lets_the_right_password_in_only_before_the_third_wrong_one(target: Target) -> None:
    number, _ = owner(target)
    account_id = target.account_of(number)
    browsers = strangers(target, GUESSES)
    for browser in browsers[:2]:
        assert guess(target, browser, number, "не тот пароль") == "wrong"
    # One more is checked: of all that come now at most one gets in, and only if it was the very next.
    passwords = ["не тот пароль"] * (GUESSES - 3) + [PASSWORD]
    entries = entries_of(target, account_id)
    said = at_once(
        partial(guess, target, browser, number, password)
        for browser, password in zip(browsers[2:], passwords, strict=True)
    )
    assert said.count("in") <= 1
    assert entries_of(target, account_id) == entries + said.count("in")
    if "in" not in said:
        assert set(said) == {"closed"}


def test_id_3_counts_number_address_and_contract_of_one_account_together(target: Target) -> None:
    number, browser = owner(target)
    account_id = target.account_of(number)
    address = f"{uuid4().hex}@example.org"
    target.set_email(browser, address)
    contract = target.one(
        "select c.number from customers_contract c join lines_line l on l.contract_id = c.id where l.number = %s",
        number,
    )
    logins = [number, address, contract]
    first, *more = strangers(target, 13)
    for login in logins:
        assert guess(target, first, login, "не тот пароль") == "wrong"
    assert guard_of(target, account_id) == 3
    # Each login was tried once and shows itself open; behind them nothing is checked any more.
    for login in logins:
        assert guess(target, first, login, PASSWORD) == "wrong"
    said = at_once(
        partial(guess, target, stranger, login, PASSWORD) for stranger, login in zip(more, logins * 4, strict=True)
    )
    assert "in" not in said
    assert guard_of(target, account_id) == 4


def test_id_3_ops_1_no_stranger_locks_the_owner_out(target: Target) -> None:
    number, known = owner(target)
    device = Authenticator()
    asked = known.get("/security/factors/passkey/")
    made = known.post(
        "/security/factors/passkey/",
        {"name": "Phone", "passkey": device.make(question(asked), origin=target.address)},
    )
    assert made.location == "/security/factors/", made.words
    # A passkey for entry is a second factor, too: this person wants to be asked for none.
    assert known.post("/logout/").status == 302
    stranger = strangers(target, 1)[0]
    said = [guess(target, stranger, number, f"догадка {place}") for place in range(6)]
    assert said == ["wrong", "wrong", "closed", "closed", "closed", "closed"]
    # The device that signed in before has a counter of its own.
    assert guess(target, known, number, PASSWORD) == "in"
    # A passkey opens, in a browser that was never here.
    by_passkey = target.browser()
    page = by_passkey.get("/login/passkey/")
    entered = by_passkey.post("/login/passkey/", {"passkey": device.use(question(page), origin=target.address)})
    assert entered.status == 302, entered.words
    assert is_in(by_passkey)
    # And so does a code: the lock is the password's alone.
    by_code = target.browser()
    entered = by_code.post("/login/code/", {"code": target.ask_code(by_code, number)})
    assert entered.status == 302, entered.words
    assert not entered.location.startswith("/login/code"), entered.location
    # To the stranger it stays closed.
    assert guess(target, stranger, number, PASSWORD) == "closed"


def question(answer: Answer) -> str:
    """Return what the page asks of a passkey."""
    found = re.search(r'data-question="([^"]*)"', answer.text)
    assert found, answer.words
    return unescape(found[1])


def test_id_3_a_known_device_has_three_tries_of_its_own(target: Target) -> None:
    number, known = owner(target)
    account_id = target.account_of(number)
    assert known.post("/logout/").status == 302
    tabs = [known.copy() for _ in range(10)]
    said = at_once(partial(guess, target, tab, number, f"догадка {place}") for place, tab in enumerate(tabs))
    assert sorted(said) == ["closed"] * 8 + ["wrong"] * 2
    assert guess(target, known, number, PASSWORD) == "closed"
    # What was guessed there closes nothing to another device that the account knows, or to nobody's first try.
    assert guard_of(target, account_id) == 0
    assert guess(target, target.browser(), number, PASSWORD) == "in"


def test_ops_1_says_of_a_locked_number_what_it_says_of_nobodys(target: Target) -> None:
    number, _ = owner(target)
    nobodys = "+79008880001"
    said = {}
    for login in (number, nobodys):
        browser = strangers(target, 1)[0]
        said[login] = [target.by_password(browser, login, "не тот пароль") for _ in range(5)]
    for known, unknown in zip(said[number], said[nobodys], strict=True):
        assert known.outline == unknown.outline
    assert CLOSED in said[nobodys][-1].words


def ask(target: Target, browser: Http, path: str, fields: dict[str, str], *numbers: str) -> str:
    """Ask for a code by a form, an hour after the last; return where it leads."""
    target.an_hour_later(*numbers)
    browser.get(path)
    answer = browser.post(path, fields)
    assert answer.status == 302, answer.words
    return answer.location


def test_id_2_ops_1_ten_wrong_codes_a_day_over_sessions_devices_addresses_and_channels(target: Target) -> None:
    number = target.person()
    owners = target.sign_in(number)
    address = f"{uuid4().hex}@example.org"
    target.set_email(owners, address)
    # Somebody sits down at the owner's own browser: to prove anew is one more way to guess.
    target.proof_grows_old(owners)

    def stranger() -> Http:
        return target.browser(X_Forwarded_For=f"198.51.{random.randrange(256)}.{random.randrange(1, 255)}")

    waiting, waiting_email, by_sms, by_voice, by_reset, by_email, reset_by_email = (stranger() for _ in range(7))
    before = len(target.operator.messages(number))
    assert ask(target, waiting, "/login/", {"number": number}, number) == "/login/code/"
    right = target.operator.code(number, after=before)
    assert ask(target, waiting_email, "/login/email/", {"email": address}, number, address) == "/login/email/code/"
    by_letter = re.findall(r"\b\d{6}\b", target.wait_for(lambda: target.letters(address)[:-1])[0]["text"])[0]
    sent = {
        by_sms: ask(target, by_sms, "/login/", {"number": number}, number),
        by_voice: ask(target, by_voice, "/login/", {"number": number}, number),
        by_reset: ask(target, by_reset, "/login/forgot/", {"login": number, "channel": "sms"}, number),
        by_email: ask(target, by_email, "/login/email/", {"email": address}, number, address),
        reset_by_email: ask(
            target, reset_by_email, "/login/forgot/", {"login": address, "channel": "email"}, number, address
        ),
        owners: ask(target, owners, "/login/confirm/", {"way": "sms", "next": "/security/data/"}, number),
    }
    assert sent[owners] == "/login/confirm/code/"
    target.an_hour_later(number)
    called = by_voice.post("/login/code/again/", {"channel": "voice"})
    assert called.location == "/login/code/?called", called.words
    letters = target.wait_for(lambda: target.letters(address) if len(target.letters(address)) >= 4 else None)
    guesses = [
        partial(browser.copy().post, path, {"code": wrong})
        for browser, path in sent.items()
        for wrong in wrong_codes(right, letters)
    ]
    answers = at_once(guesses)
    assert {answer.status for answer in answers} <= {200, 429}
    failures = target.one("select failures from identity_numberguard where number = %s", number)
    assert len(failures) == 10
    # Nothing more is looked at: the right codes, still young, open nothing in the browsers that asked for them.
    assert waiting.post("/login/code/", {"code": right}).status == 429
    # Nor does one that came by e-mail, though few were wrong there: the account is the number's.
    assert waiting_email.post("/login/email/code/", {"code": by_letter}).status == 200
    for browser in (waiting, waiting_email, *sent):
        assert browser is owners or not is_in(browser)
    assert owners.get("/security/email/").location.startswith("/login/confirm/")
    assert len(target.one("select failures from identity_numberguard where number = %s", number)) == 10
    # No new code is sent, by whatever form, from wherever.
    messages = len(target.operator.messages(number))
    for path, fields in (("/login/", {"number": number}), ("/login/forgot/", {"login": number})):
        target.an_hour_later(number)
        late = stranger()
        late.get(path)
        refused = late.post(path, fields)
        assert refused.status == 429, refused.words
        assert TOO_MANY_CODES in refused.words
    assert len(target.operator.messages(number)) == messages


def wrong_codes(right: str, letters: list[dict[str, str]]) -> list[str]:
    """Return three codes that are none of those sent."""
    taken = {right, *(digits for letter in letters for digits in re.findall(r"\b\d{6}\b", letter["text"]))}
    return [code for code in (f"{random.randrange(10**6):06}" for _ in range(10)) if code not in taken][:3]


def test_id_2_a_new_code_takes_no_failure_back(target: Target) -> None:
    number = target.person()
    browser = target.browser()
    for _ in range(3):
        right = target.ask_code(browser, number)
        wrong = wrong_codes(right, [])
        said = at_once(partial(browser.copy().post, "/login/code/", {"code": code}) for code in wrong)
        assert all(answer.status == 200 for answer in said)
        # Its three tries are gone: the right one is too late.
        assert browser.post("/login/code/", {"code": right}).status == 200
        assert not is_in(browser)
        target.an_hour_later(number)
    assert len(target.one("select failures from identity_numberguard where number = %s", number)) == 9
    # The tenth try is the last: right, it opens, and takes back nothing but itself.
    right = target.ask_code(browser, number)
    assert browser.post("/login/code/", {"code": right}).status == 302
    assert len(target.one("select failures from identity_numberguard where number = %s", number)) == 9


def test_id_2_the_hundredth_wrong_code_in_a_row_is_the_last_until_the_number_is_proven(target: Target) -> None:
    number = target.person()
    browser = target.browser()
    right = target.ask_code(browser, number)
    target.database.execute("update identity_numberguard set failures_in_a_row = 99 where number = %s", [number])
    answers = at_once(partial(browser.copy().post, "/login/code/", {"code": code}) for code in wrong_codes(right, []))
    assert all(answer.status in (200, 429) for answer in answers)
    assert target.one("select failures_in_a_row from identity_numberguard where number = %s", number) == 100
    target.a_day_later(number)
    late = target.browser()
    late.get("/login/")
    refused = late.post("/login/", {"number": number})
    assert refused.status == 429
    assert "Codes do not open this number any more" in refused.words
    assert browser.post("/login/code/", {"code": right}).status in (200, 429)
    assert not is_in(browser)


def test_id_3_temporary_passwords_stand_under_the_limits_of_codes(target: Target) -> None:
    number = target.person()
    waiting = target.browser()
    code = target.ask_code(waiting, number)
    target.an_hour_later(number)
    before = len(target.operator.messages(number))
    handset = target.browser()
    sent = handset.post(
        "/phone/messages.json",
        f'{{"sender": "{number}", "recipient": "3339", "text": "ПАРОЛЬ"}}'.encode(),
        Content_Type="application/json",
    )
    assert sent.status == 201, sent.text
    temporary = target.sms(number, after=before).split()[0]
    account_id = target.account_of(number)
    browsers = strangers(target, GUESSES)
    letters = list(temporary)
    guesses = []
    while len(guesses) < GUESSES:
        random.shuffle(letters)
        if (shuffled := "".join(letters)) != temporary:
            guesses.append(shuffled)
    said = at_once(
        partial(guess, target, browser, number, typed) for browser, typed in zip(browsers, guesses, strict=True)
    )
    assert "in" not in said
    assert len(target.one("select failures from identity_numberguard where number = %s", number)) == 10
    # The right one is too late, and codes of that number are not looked at either: the limits are one.
    target.database.execute("delete from identity_sendflow")
    assert guess(target, browsers[0], number, temporary) == "closed"
    assert waiting.post("/login/code/", {"code": code}).status == 429
    assert entries_of(target, account_id) == 0


def test_id_6_ops_1_second_factors_guessed_at_once_are_looked_at_five_times(target: Target) -> None:
    number = target.person()
    owners = target.sign_in(number)
    secret = add_authenticator(owners)
    account_id = target.account_of(number)
    # A thief of the SIM, who proved the number and has no device that the account knows.
    thief = target.browser()
    entered = thief.post("/login/code/", {"code": target.ask_code(thief, number)})
    assert entered.location == "/login/second/"
    right = {totp(secret, steps) for steps in range(-2, 4)}
    wrong = [code for code in (f"{place:06}" for place in range(GUESSES + 6)) if code not in right][:GUESSES]
    answers = at_once(partial(thief.copy().post, "/login/second/", {"code": code}) for code in wrong)
    assert sorted(answer.status for answer in answers) == [200] * 5 + [429] * 25
    # Now the right one is not looked at, nor a code of the paper that the thief may have found.
    assert thief.post("/login/second/", {"code": totp(secret)}).status == 429
    assert not is_in(thief)
    assert (
        target.one("select max(cardinality(failures)) from identity_factorguard where account_id = %s", account_id) == 5
    )
    # The owner's own device has tries of its own, and one code opens once, however many send it.
    owners.post("/logout/")
    target.an_hour_later(number)
    assert owners.post("/login/code/", {"code": target.ask_code(owners, number)}).location == "/login/second/"
    tabs = [owners.copy() for _ in range(4)]
    code = totp(secret)
    answers = at_once(partial(tab.post, "/login/second/", {"code": code}) for tab in tabs)
    assert sum(is_in(tab) for tab in tabs) == 1, [(answer.status, answer.location, answer.words) for answer in answers]
