"""Sessions of the running server: planted, copied, ended, asked for by many at once."""

from __future__ import annotations

import re
from functools import partial

import pytest

from tests.drills.browser import Http, at_once
from tests.drills.conftest import PASSWORD, Target, is_in
from tests.drills.hands import add_authenticator, totp

pytestmark = pytest.mark.slow

SESSION = "session"


def with_session(target: Target, key: str) -> Http:
    """Return a browser that holds nothing but somebody's session cookie."""
    thief = target.browser()
    thief.cookies[SESSION] = key
    return thief


def opens_nothing(target: Target, key: str) -> None:
    """A session cookie is worth nothing any more."""
    assert target.one("select count(*) from identity_session where key = %s", key) == 0
    thief = with_session(target, key)
    for path in ("/home/", "/security/", "/statement/"):
        assert thief.get(path).location.startswith("/login/"), path


@pytest.mark.parametrize("planted", ["never given out", "the thief's own"])
def test_ops_2_a_planted_session_is_not_the_one_after_a_code(target: Target, planted: str) -> None:
    thief = target.sign_in(target.person()) if planted == "the thief's own" else None
    key = thief.cookies[SESSION] if thief else "a" * 32
    number = target.person()
    victim = with_session(target, key)
    before = len(target.operator.messages(number))
    assert victim.post("/login/", {"number": number}).location == "/login/code/"
    entered = victim.post("/login/code/", {"code": target.operator.code(number, after=before)})
    assert entered.status == 302
    assert victim.cookies[SESSION] != key
    assert is_in(victim)
    opens_nothing(target, key)


def test_ops_2_a_planted_session_is_not_the_one_after_a_password(target: Target) -> None:
    number = target.person()
    owners = target.sign_in(number)
    target.set_password(owners)
    thief = target.sign_in(target.person())
    key = thief.cookies[SESSION]
    victim = with_session(target, key)
    entered = target.by_password(victim, number, PASSWORD)
    assert entered.status == 302, entered.words
    assert victim.cookies[SESSION] != key
    opens_nothing(target, key)


def test_ops_2_a_session_that_owes_the_second_factor_opens_nothing_before_and_after(target: Target) -> None:
    number = target.person()
    owners = target.sign_in(number)
    secret = add_authenticator(owners)
    victim = target.browser()
    entered = victim.post("/login/code/", {"code": target.ask_code(victim, number)})
    assert entered.location == "/login/second/"
    owing = victim.cookies[SESSION]
    thief = with_session(target, owing)
    for path in ("/home/", "/security/", "/login/new-password/", "/login/confirm/", "/app/"):
        answer = thief.get(path)
        assert answer.location.startswith(("/login/?", "/login/second/")), (path, answer.status)
    done = victim.post("/login/second/", {"code": totp(secret)})
    assert done.status == 302, done.words
    assert victim.cookies[SESSION] != owing
    assert is_in(victim)
    opens_nothing(target, owing)
    assert thief.get("/login/second/").location == "/login/"


def test_ops_2_a_fresh_proof_changes_the_session_id_and_the_old_one_opens_nothing(target: Target) -> None:
    number = target.person()
    victim = target.sign_in(number)
    target.set_password(victim)
    target.proof_grows_old(victim)
    key = victim.cookies[SESSION]
    assert victim.get("/security/data/").status in (200, 302)
    assert victim.get("/security/email/").location.startswith("/login/confirm/")
    proven = victim.post("/login/confirm/", {"way": "password", "password": PASSWORD, "next": "/security/email/"})
    assert proven.location == "/security/email/", proven.words
    assert victim.cookies[SESSION] != key
    assert victim.get("/security/email/").status == 200
    opens_nothing(target, key)


def test_ops_2_a_new_password_ends_every_other_session_and_the_old_id(target: Target) -> None:
    number = target.person()
    first = target.sign_in(number)
    others = [target.sign_in(number) for _ in range(2)]
    target.an_hour_later(number)
    key = first.cookies[SESSION]
    target.set_password(first)
    assert first.cookies[SESSION] != key
    assert is_in(first)
    opens_nothing(target, key)
    for other in others:
        assert not is_in(other)
        opens_nothing(target, other.cookies.get(SESSION, "gone"))


def test_ops_2_ending_all_others_ends_them_at_once_in_every_tab(target: Target) -> None:
    number = target.person()
    mine, lost = target.sign_in(number), target.sign_in(number)
    key = lost.cookies[SESSION]
    tabs = [lost.copy() for _ in range(12)]
    assert all(is_in(tab) for tab in tabs)
    acts = [partial(tab.get, path) for tab, path in zip(tabs, ("/home/", "/security/", "/expenses/") * 4, strict=True)]
    answers = at_once([partial(mine.post, "/security/sessions/end-others/"), *acts])
    assert answers[0].location == "/security/sessions/?others"
    assert {answer.status for answer in answers[1:]} <= {200, 302, 400}
    # Whatever was under way wrote nothing back.
    opens_nothing(target, key)
    assert all(answer.location.startswith("/login/") for answer in at_once(partial(tab.get, "/home/") for tab in tabs))
    assert is_in(mine)
    ended = target.one("select count(*) from identity_signin where ended_at is not null and account_id = %s",
                       target.account_of(number))  # fmt: skip
    assert ended == 1


def test_ops_2_ending_one_session_leaves_the_others_and_strangers_alone(target: Target) -> None:
    number = target.person()
    mine, lost = target.sign_in(number), target.sign_in(number)
    stranger = target.sign_in(target.person())
    entries = re.findall(r'name="entry" value="(\d+)"', mine.get("/security/sessions/").text)
    assert entries
    # Somebody else's entry is not there for a stranger.
    assert stranger.post("/security/sessions/end/", {"entry": entries[-1]}).status == 404
    assert is_in(lost)
    of_lost = target.one("select sign_in_id from identity_session where key = %s", lost.cookies[SESSION])
    assert mine.post("/security/sessions/end/", {"entry": str(of_lost)}).status == 302
    assert not is_in(lost)
    assert is_in(mine)
    assert is_in(stranger)


def test_ops_2_signing_out_ends_the_session_on_the_server(target: Target) -> None:
    browser = target.sign_in(target.person())
    key = browser.cookies[SESSION]
    # Neither a link nor a picture on a foreign page signs anybody out.
    browser.get("/logout/")
    assert browser.post("/logout/", token=False).status == 403
    assert is_in(browser)
    tabs = [browser.copy() for _ in range(8)]
    answers = at_once([partial(browser.post, "/logout/"), *(partial(tab.get, "/home/") for tab in tabs)])
    assert answers[0].location == "/"
    assert "storage" in answers[0].headers["Clear-Site-Data"]
    assert SESSION not in browser.cookies
    opens_nothing(target, key)


def test_ops_2_cookies_are_out_of_reach_of_scripts_and_of_other_sites(target: Target) -> None:
    number = target.person()
    browser = target.browser()
    seen = {}
    answers = [browser.get("/login/")]
    before = len(target.operator.messages(number))
    answers.append(browser.post("/login/", {"number": number, "remember": "on"}))
    answers.append(browser.post("/login/code/", {"code": target.operator.code(number, after=before)}))
    answers.append(browser.get("/login/passkey/"))
    for answer in answers:
        seen |= {name: cookie for name, cookie in answer.cookies.items() if cookie["value"]}
    assert {SESSION, "csrf", "device", "number", "code-entry"} <= set(seen)
    for name, cookie in seen.items():
        assert cookie["samesite"] == "Lax", name
        assert cookie["path"] == "/", name
        assert "domain" not in cookie, name
        assert "httponly" in cookie or name == "language", name
    # Nothing of it can be read or guessed: the id says nothing, and the number is signed.
    assert re.fullmatch("[a-z0-9]{32}", seen[SESSION]["value"])


def test_ops_2_over_https_every_cookie_belongs_to_the_host_alone(target: Target, strict: str) -> None:
    browser = Http(strict, Host="cabinet.example", X_Forwarded_Proto="https")
    answer = browser.get("/login/")
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert answer.cookies
    for name, cookie in answer.cookies.items():
        assert name.startswith("__Host-"), name
        assert cookie["path"] == "/"
        assert "secure" in cookie
        assert "domain" not in cookie
    # Without encryption there is no page, and no cookie.
    plain = Http(strict, Host="cabinet.example").get("/login/")
    assert plain.status == 301
    assert plain.location == "https://cabinet.example/login/"
    assert not plain.cookies


@pytest.mark.parametrize(
    "key",
    ["", "a", "a" * 31, "a" * 64, "../../etc/passwd", "%00", "';--", "2ec2ab60-f046-44c9-a91d-82a0f8331f23", "é" * 16],
)
def test_ops_2_an_invented_session_is_nobodys(target: Target, key: str) -> None:
    browser = target.browser()
    answer = browser.get("/home/", Cookie=f"session={key}".encode().decode("latin-1"))
    assert answer.status == 302
    assert answer.location.startswith("/login/")
