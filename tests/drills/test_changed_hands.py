"""A SIM in a thief's hands, a number given to somebody else, a cabinet protected or deleted: what opened, opens not."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import unescape
from itertools import product

import pytest
from django.urls import URLPattern, URLResolver

from abonent.foundation.clock import now
from tests.drills.browser import Answer, Http
from tests.drills.conftest import PASSWORD, Target, is_in
from tests.drills.hands import (
    LEV,
    MAYA,
    a_day_after_the_network,
    go_elsewhere,
    network_does,
    run,
    sms,
    temporary_password,
)
from tests.drills.test_network_drills import answered, sent
from tests.drills.test_takeover import (
    FORGOT_CODE,
    NEW,
    NEW_PASSWORD,
    ask_reset,
    changed,
    letter_code,
    reset_code,
    sees_nothing,
    ways_in,
)
from tests.factories.factors import Authenticator

SETTINGS = {
    "/security/password/": {"password": NEW, "old": "x"},
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
    "/login/offer/": {"password": NEW},
    "/login/new-password/": {"password": NEW},
    "/security/sessions/end-others/": {},
    "/security/switch-off/": {},
    "/security/erasure/ask/": {},
    "/security/data/copy/": {},
    "/app/pin/new/": {"key": "0" * 64},
}
CONFIRM = "/login/confirm/"


def by_command(target: Target, number: str, act: str) -> None:
    """Let the network say it as it does to the command, twice: the second time is none."""
    fields = {"key": f"drill {act} {number}", "number": number, "at": now().isoformat()}
    also = {"sim": {"event": "sim_replaced", "imsi": "999019999999999"},
            "forward": {"event": "forwarding_changed", "condition": "all", "target": "+79161234567"}}[act]  # fmt: skip
    line = json.dumps(fields | also)
    done = run(target, "network", "event", "--json", given=f"{line}\n{line}\n")
    assert done.returncode == 0, done.stderr
    assert (json.loads(done.stdout)["done"], json.loads(done.stdout)["repeated"]) == (1, 1)


@pytest.mark.parametrize("act", ["sim", "forward"])
def test_id_18_after_a_sim_swap_or_a_forwarding_an_sms_restores_proves_and_changes_nothing_for_a_day(
    target: Target, act: str
) -> None:
    number, mail = target.person(), f"{act}@mail.example"
    owner = target.sign_in(number)
    target.set_password(owner)
    target.set_email(owner, mail)
    before_swap = target.browser()
    old_code = target.ask_code(before_swap, number)
    target.a_day_later(number)
    by_command(target, number, act)
    before_swap.post("/login/code/", {"code": old_code})
    assert not is_in(before_swap), "the code on its way died"
    held = ways_in(target)
    thief = target.sign_in(number)
    settings_stay_closed(target, thief)
    recovery_waits(target, number)
    nothing_by_the_word(target, number)
    assert changed(held, ways_in(target)) == []
    assert target.by_password(target.browser(), number, NEW).status == 200
    # The owner keeps in: the known browser, the password, the e-mail.
    assert is_in(owner)
    assert target.by_password(target.browser(), number, PASSWORD).location == "/home/"
    target.a_day_later(mail)
    by_mail = target.browser()
    seen = len(target.letters(mail))
    by_mail.post("/login/email/", {"email": mail})
    assert by_mail.post("/login/email/code/", {"code": letter_code(target, mail, seen)}).location == "/home/"
    a_day_after_the_network(target, number)
    everything_works_again(target, number)


def settings_stay_closed(target: Target, thief: Http) -> None:
    """Prove that an SMS opens everyday pages only, and gives no fresh proof."""
    for page in (
        "/statement/", "/statement/statement.csv", "/security/data/", "/security/email/", "/security/links/add/",
        "/security/factors/", "/security/erasure/ask/", "/security/switch-off/",
    ):  # fmt: skip
        answer = thief.get(page)
        assert answer.status == 302, page
        assert answer.location.startswith((CONFIRM, "/security/links/")), page
    codes = target.one("select count(*) from identity_challenge where purpose = 'confirm'")
    for fields in ({"way": "sms"}, {}, {"way": "sms", "channel": "voice"}):
        assert thief.post(CONFIRM, fields | {"next": "/statement/"}).status == 200
        assert thief.post(f"{CONFIRM}code/again/", fields).status == 302
    assert thief.post(f"{CONFIRM}code/", {"code": "000000"}).status == 302
    assert target.one("select count(*) from identity_challenge where purpose = 'confirm'") == codes
    for form, fields in SETTINGS.items():
        answer = thief.post(form, fields)
        # The form of the password asks for the old one; no thief has it.
        assert answer.status == 302 or "/security/password/" in form, (form, answer.words)
    app = thief.copy()
    assert app.get("/app/").location.startswith(CONFIRM)


def recovery_waits(target: Target, number: str) -> None:
    thief = target.browser()
    target.a_day_later(number)
    led = thief.post(FORGOT_CODE, {"code": reset_code(target, thief, number)})
    assert led.location == "/login/forgot/second/"
    sees_nothing(target, thief)
    for fields in ({"old": PASSWORD}, {"old": NEW, "password": NEW}, {"password": NEW}):
        assert thief.post("/login/forgot/second/", fields).status == 200, "this browser never signed in before"
    assert thief.post(NEW_PASSWORD, {"password": NEW}).location.startswith("/login/?")
    target.a_day_later(number)


def nothing_by_the_word(target: Target, number: str) -> None:
    imsi = target.one(
        "select imsi from lines_sim s join lines_line l on l.id = s.line_id where l.number = %s and s.until is null",
        number,
    )
    before = sent(target, number)
    sms(target, number, "ПАРОЛЬ", imsi=imsi)
    answered(target, number, 1)
    assert sent(target, number) == [*before, "keyword held"]
    assert (
        target.one("select count(*) from identity_challenge where purpose = 'temporary' and number = %s", number) == 0
    )
    target.a_day_later(number)


def everything_works_again(target: Target, number: str) -> None:
    owner = target.sign_in(number)
    assert owner.get("/statement/").status == 200
    target.a_day_later(number)
    restored = target.browser()
    led = restored.post(FORGOT_CODE, {"code": reset_code(target, restored, number)})
    assert led.location.startswith(NEW_PASSWORD)
    assert restored.post(NEW_PASSWORD, {"password": NEW}).location == "/home/"
    assert target.by_password(target.browser(), number, NEW).location == "/home/"


def question(page: Answer) -> str:
    """Return what a page asks a passkey (JSON)."""
    found = re.search(r'data-passkey="\w+" data-question="([^"]+)"', page.text)
    assert found, page.words
    return unescape(found[1])


def add_passkey(target: Target, browser: Http) -> Authenticator:
    """Make a passkey in a browser signed in lately; return the device that holds it."""
    device, address = Authenticator(), "/security/factors/passkey/"
    made = device.make(question(browser.get(address)), origin=target.address)
    assert browser.post(address, {"name": "x", "passkey": made}).location == "/security/factors/"
    return device


def opens_by_passkey(target: Target, device: Authenticator) -> bool:
    browser = target.browser()
    answer = device.use(question(browser.get("/login/passkey/")), origin=target.address)
    browser.post("/login/passkey/", {"passkey": answer})
    return is_in(browser)


@dataclass
class Owner:
    """Somebody with everything that opens a cabinet, and codes of every kind on their way."""

    number: str
    mail: str
    account: int
    person: str
    session: Http
    app: Http
    known: Http
    passkey: Authenticator
    waiting: Http
    waiting_code: str
    reset: Http
    reset_code: str
    by_mail: Http
    mail_code: str
    once: str
    charges: list[str]


def alone(target: Target) -> str:
    """Return the number of somebody without any other line: an account lives on with what is left to it."""
    lines = (
        "select count(*) from lines_line l join customers_contract c on c.id = l.contract_id where c.party_id ="
        " (select party_id from customers_contract c join lines_line l on l.contract_id = c.id where l.number = %s)"
    )
    while target.one(lines, number := target.person()) != 1:
        continue
    return number


def an_owner(target: Target, mail: str, person: str) -> Owner:
    number = alone(target)
    session = target.sign_in(number)
    target.set_password(session)
    target.set_email(session, mail)
    assert go_elsewhere(session, person, add=True).location.startswith("/security/linked/")
    passkey = add_passkey(target, session)
    charges = re.findall(r"/statement/charge/[0-9a-f-]{36}/", session.get("/statement/").text)
    assert charges
    app = target.browser()
    app.cookies["app"] = "1"
    assert target.by_password(app, number, PASSWORD).location.startswith("/app/pin/new/")
    assert app.post("/app/pin/new/", {"key": "ab" * 32}).location == "/home/"
    waiting, reset, by_mail = (target.browser() for _ in range(3))
    waiting_code = target.ask_code(waiting, number)
    target.a_day_later(number)
    reset_by = reset_code(target, reset, number)
    target.a_day_later(number, mail)
    seen = len(target.letters(mail))
    assert by_mail.post("/login/email/", {"email": mail}).location == "/login/email/code/"
    mail_code = letter_code(target, mail, seen)
    before = len(target.operator.messages(number))
    sms(target, number, "ПАРОЛЬ")
    once = temporary_password(target, number, after=before)
    target.a_day_later(number, mail)
    return Owner(
        number, mail, target.account_of(number), person, session, app, session.copy(), passkey, waiting, waiting_code,
        reset, reset_by, by_mail, mail_code, once, charges,
    )  # fmt: skip


def opens_nothing_of_the_old(target: Target, old: Owner) -> None:
    """Prove that whatever opened the old cabinet opens nothing, the next one's included."""
    for browser in (old.session, old.app, old.known):
        sees_nothing(target, browser)
        for page in ("/statement/?q=4433", *old.charges[:2]):
            assert browser.get(page).location.startswith("/login/"), page
    for browser, path, code in (
        (old.waiting, "/login/code/", old.waiting_code), (old.reset, FORGOT_CODE, old.reset_code),
        (old.by_mail, "/login/email/code/", old.mail_code),
    ):  # fmt: skip
        browser.post(path, {"code": code})
        assert not is_in(browser), path
        assert browser.get(NEW_PASSWORD).location.startswith("/login/?"), path
    for login, typed in ((old.number, PASSWORD), (old.number, old.once), (old.mail, PASSWORD), (old.mail, old.once)):
        answer = target.by_password(old.known, login, typed)
        assert answer.status == 200, (login, answer.location)
    assert not opens_by_passkey(target, old.passkey)
    elsewhere = target.browser()
    assert go_elsewhere(elsewhere, old.person).location.startswith("/login/linking/")
    by_mail = target.browser()
    seen = len(target.letters(old.mail))
    by_mail.post("/login/email/", {"email": old.mail})
    target.a_day_later(old.mail)
    ask_reset(target, by_mail, old.mail, "email")
    assert all("code" not in letter["subject"].lower() for letter in target.letters(old.mail)[: -seen or None])
    for table in ("link", "passkey", "totp", "devicekey", "recoverycode", "device", "session"):
        assert target.one(f"select count(*) from identity_{table} where account_id = %s", old.account) == 0, table


def test_id_18_of_a_number_given_away_nothing_opens_the_old_cabinet_or_the_new(target: Target) -> None:
    old = an_owner(target, "released@mail.example", LEV)
    network_does(target, old.number, "release")
    opens_nothing_of_the_old(target, old)
    target.a_day_later(old.number)
    new = target.sign_in(old.number)
    account = target.account_of(old.number)
    assert account != old.account
    assert target.rows("select password like '!%%', email from identity_account where id = %s", account) == [
        (True, None)
    ]
    for page in ("/home/", "/expenses/", "/statement/", "/security/", "/security/changes/", "/security/history/"):
        answer = new.get(page)
        assert answer.status == 200, page
        for word in (old.mail, "/statement/charge/", "Полянский"):
            assert word not in answer.text, (page, word)
    for charge in old.charges[:3]:
        assert new.get(charge).status == 404
    old_line = target.one("select id from lines_line where number = %s and closed_at is not null", old.number)
    assert new.post("/line/", {"line": str(old_line)}).status == 404
    # The browser that the old owner used, on which the new number never was, is known to nobody.
    opens_nothing_of_the_old(target, old)
    assert is_in(new)


def test_ops_2_a_deleted_cabinet_leaves_nothing_that_opens_it_or_the_next_of_its_number(target: Target) -> None:
    old = an_owner(target, "erased@mail.example", MAYA)
    assert old.session.post("/security/erasure/ask/", {}).location == "/security/erasure/"
    target.database.execute("update identity_account set erase_at = now() where id = %s", [old.account])
    work = "import django; django.setup(); from abonent.domains.lines.jobs import erase_accounts; erase_accounts(0)"
    done = run(target, module=work)
    assert done.returncode == 0, done.stderr
    assert target.one("select count(*) from identity_account where id = %s", old.account) == 0
    opens_nothing_of_the_old(target, old)
    target.a_day_later(old.number)
    new = target.sign_in(old.number)
    assert target.account_of(old.number) != old.account
    assert old.mail not in new.get("/security/").text + new.get("/security/changes/").text
    opens_nothing_of_the_old(target, old)


def every_form() -> list[str]:
    """Return every address of the portal, with numbers where it wants some."""
    from abonent.entrypoints.portal.urls import urlpatterns

    def within(patterns: list[URLPattern | URLResolver], before: str) -> list[str]:
        found: list[str] = []
        for one in patterns:
            path = before + str(one.pattern)
            found += within(one.url_patterns, path) if isinstance(one, URLResolver) else [path]
        return found

    plain = [re.sub(r"<int:\w+>", "1", re.sub(r"<slug:\w+>", "vk", path)) for path in within(urlpatterns, "/")]
    return [path for path in plain if path.isprintable() and "<" not in path and "(" not in path]


# What ends a session is the owner's right, and would only end the drill.
LEAVING = (
    "/logout/",
    "/app/leave/",
    "/app/pin/forgotten/",
    "/security/sessions/end/",
    "/security/sessions/end-others/",
)


def test_id_17_after_it_was_not_me_no_form_of_any_session_changes_anything(target: Target) -> None:
    number = target.person()
    first, other = target.sign_in(number), target.browser()
    target.set_password(first)
    target.set_email(first, "frozen@mail.example")
    add_passkey(target, first)
    # Of what lifts the protection again this browser showed nothing.
    owner = target.sign_in(number)
    assert target.by_password(other, number, PASSWORD).location == "/home/"
    event = target.one("select max(id) from identity_securityevent where account_id = %s", target.account_of(number))
    assert owner.post(f"/security/changes/{event}/not-me/").location == "/security/protected/"
    assert not is_in(first)
    assert not is_in(other)
    assert target.by_password(target.browser(), number, PASSWORD).status == 200
    thief = target.browser()
    target.a_day_later(number)
    entered = thief.post("/login/code/", {"code": target.ask_code(thief, number)})
    assert entered.location.startswith("/security/protected/")
    before = ways_in(target)
    given = {name: value for fields in SETTINGS.values() for name, value in fields.items()}
    forms = every_form()
    assert len(forms) > 50
    assert set(SETTINGS) <= set(forms)
    for browser, form in product((owner, thief), forms):
        if form in LEAVING or "/login/with/" in form or form.endswith("/busy/"):
            continue
        answer = browser.copy().post(form, given | {"way": "sms", "choice": "never", "next": "/home/"})
        assert answer.status < 500, form
    assert not (moved := changed(before, ways_in(target))), str(moved)
    target.a_day_later(number)
    forgetful = target.browser()
    forgetful.post(FORGOT_CODE, {"code": reset_code(target, forgetful, number)})
    assert not is_in(forgetful)
    assert forgetful.get(NEW_PASSWORD).location.startswith("/login/?")
    target.a_day_later(number)
    texts = sent(target, number)
    sms(target, number, "ПАРОЛЬ")
    answered(target, number, 1)
    assert sent(target, number)[len(texts) :] == ["keyword protected"]
    assert not (moved := changed(before, ways_in(target))), str(moved)
