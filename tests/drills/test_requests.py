"""Requests that no page of ours makes: forged forms, foreign hosts, ways out of the site."""

from __future__ import annotations

import re
from functools import partial
from itertools import chain, product
from urllib.parse import quote, urljoin, urlsplit

import pytest

from tests.drills.addresses import all_addresses, without_token
from tests.drills.browser import Answer, Http, at_once, is_answered
from tests.drills.conftest import Target, is_in, quiet
from tests.drills.hostile import ELSEWHERE, EVIL

pytestmark = pytest.mark.slow

AT_A_TIME = 8


# --- Forged forms ---


def test_ops_2_no_form_is_taken_from_a_foreign_page(target: Target) -> None:
    exempt = {address for address in without_token() if not address.startswith("/phone/")}
    # What gateways send is signed, and comes with no cookie.
    assert exempt == {
        "/callbacks/sms/inbound",
        "/callbacks/sms/receipt",
        "/callbacks/payments",
        "/callbacks/porting",
        "/callbacks/cashback/kometa",
        "/callbacks/content/roaming",
        "/callbacks/content/roaming/state",
        "/callbacks/content/roaming/stop",
        "/callbacks/voicemail/greeting",
        "/callbacks/voicemail/message",
        "/callbacks/voicemail/pin",
        "/ussd/press",
    }
    somebody = target.sign_in(target.person())
    other_token = target.browser()
    other_token.get("/login/")
    guarded = [address for address in all_addresses() if address not in without_token()]
    assert len(guarded) > 80
    before = quiet(target)

    def forged(address: str) -> list[int]:
        fields = {"number": "+79000000005", "choice": "never", "sure": "1", "password": "а" * 20, "line": "1"}
        tab = somebody.copy()
        return [
            tab.post(address, fields, token=False).status,
            tab.post(address, fields | {"csrfmiddlewaretoken": other_token.cookies["csrf"]}, token=False).status,
            tab.post(f"{address}?csrfmiddlewaretoken={tab.cookies['csrf']}", fields, token=False).status,
            tab.post(address, fields, Origin=f"https://{EVIL}").status,
            tab.post(address, fields, Origin="null").status,
            target.browser().post(address, fields, token=False).status,
        ]

    for start in range(0, len(guarded), AT_A_TIME):
        some = guarded[start : start + AT_A_TIME]
        for address, said in zip(some, at_once(partial(forged, address) for address in some), strict=True):
            assert set(said) == {403}, (address, said)
    assert quiet(target) == before
    assert is_in(somebody)


# --- Foreign hosts ---

HOST_HEADERS = (
    {"X_Forwarded_Host": EVIL},
    {"X_Host": EVIL},
    {"X_Original_Host": EVIL},
    {"X_Forwarded_Server": EVIL},
    {"X_Rewrite_URL": f"https://{EVIL}/"},
    {"X_Original_URL": f"https://{EVIL}/"},
    {"Forwarded": f"host={EVIL};proto=https"},
    {"X_Forwarded_Port": "666", "X_Forwarded_Prefix": f"//{EVIL}"},
    {"Referer": f"https://{EVIL}/login/"},
)


def test_ops_2_no_header_puts_a_foreign_host_into_pages_redirects_or_messages(target: Target) -> None:
    number, address = target.person(), "poisoned@example.org"
    owners = target.sign_in(number)
    target.set_email(owners, address)
    somebody = target.sign_in(target.person())
    doors = ("/login/", "/login/password/", "/login/email/", "/login/contract/", "/login/passkey/", "/login/network/")
    pages = (*doors, "/home/", "/", "/nowhere/", "/security/", "/statement/", "/manifest.webmanifest", "/app/")
    for headers in HOST_HEADERS:
        for browser, path in product((somebody.copy(), target.browser()), pages):
            clean(browser.get(path, **headers))
        stranger = target.browser()
        clean(stranger.get("/login/", **headers))
        target.an_hour_later(number, address)
        target.database.execute("update identity_numberguard set sends = '{}'")
        clean(stranger.post("/login/", {"number": number}, **headers))
        clean(stranger.post("/login/email/", {"email": address}, **headers))
        clean(stranger.post("/login/forgot/", {"login": address, "channel": "email"}, **headers))
        clean(stranger.post("/language/", {"to": "ru", "next": "/login/"}, **headers))
    target.wait_for(lambda: len(target.letters(address)) > len(HOST_HEADERS))
    for message in (*target.operator.messages(number), *target.letters(address)):
        assert EVIL not in str(message)
        assert re.findall(r"@localhost #\d{6}", message["text"]) or "#" not in message["text"]


def clean(answer: Answer) -> None:
    assert answer.status < 500, answer.path
    assert EVIL not in str(answer.headers), answer.path
    assert EVIL not in answer.text, answer.path


FOREIGN_HOSTS = (
    EVIL, f"cabinet.example.{EVIL}", f"{EVIL}:443", f"cabinet.example@{EVIL}", f"cabinet.example:443@{EVIL}",
    "localhost", "127.0.0.1", "cabinet_example", "cabinet.example/", "[::1]", "xcabinet.example", "",
    f"cabinet.example, {EVIL}", f"cabinet.example\t{EVIL}",
)  # fmt: skip


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_ops_2_a_site_with_a_name_answers_to_no_other(target: Target, strict: str, host: str) -> None:
    browser = Http(strict, X_Forwarded_Proto="https")
    before = target.one("select count(*) from identity_challenge")
    # To whoever asks, it is an address that is not there.
    for path in ("/login/", "/home/", "/login/forgot/"):
        answer = browser.get(path, Host=host)
        assert answer.status == 400, (host, answer.status)
        assert EVIL not in answer.text + str(answer.headers)
    token = "a" * 32
    forged = f"csrfmiddlewaretoken={token}&number=%2B79000000003".encode()
    answer = browser.post("/login/", forged, Host=host, Cookie=f"__Host-csrf={token}", Origin=f"https://{EVIL}")
    assert answer.status in (400, 403)
    assert target.one("select count(*) from identity_challenge") == before


def test_ops_2_messages_of_a_site_with_a_name_carry_it(target: Target, strict: str) -> None:
    number, address = target.person(), "named@example.org"
    owners = target.sign_in(number)
    target.set_email(owners, address)
    letters = len(target.letters(address))
    browser = Http(strict, Host="cabinet.example", X_Forwarded_Proto="https", X_Forwarded_Host=EVIL,
                   Referer="https://cabinet.example/login/")  # fmt: skip
    token = browser.get("/login/").hidden("csrfmiddlewaretoken")
    for path, fields in (("/login/", {"number": number}), ("/login/email/", {"email": address})):
        target.an_hour_later(number, address)
        answer = browser.post(path, {"csrfmiddlewaretoken": token} | fields, token=False)
        assert answer.location == f"{path}code/", (answer.status, answer.words)
    assert target.wait_for(lambda: "@cabinet.example #" in str(target.operator.messages(number)))
    # Links begin with the address that the operator set for the worker, whatever host was opened.
    letter = target.wait_for(lambda: target.letters(address)[: -letters or None])[0]
    assert set(re.findall(r"https?://[^\s>\"/]+", letter["text"])) == {target.address}
    assert EVIL not in str(letter)


# --- Redirects to elsewhere ---


def stays(address: str, path: str, where: str) -> bool:
    """Return whether no browser, however it reads `where` on that page, leaves the site by it."""
    read_as = (where, re.sub(r"[\x00-\x20]", "", where).replace("\\", "/"))
    led = [urlsplit(urljoin(f"{address}{path}", one)) for one in read_as]
    return all(f"{one.scheme}://{one.netloc}" == address for one in led)


def leads_here(address: str, answer: Answer) -> None:
    assert is_answered(answer), answer.path
    assert "a" not in answer.cookies
    assert stays(address, answer.path, answer.location), (answer.path, answer.location)


def test_ops_2_no_page_leads_elsewhere_whoever_asks(target: Target) -> None:
    signed_in = target.sign_in(target.person())
    for browser, tricks in ((signed_in, ELSEWHERE), (target.browser(), ELSEWHERE[::3])):
        asked = list(product(filter(takes_next, all_addresses()), tricks))
        acts = [partial(visit, browser.copy(), asked[start::AT_A_TIME]) for start in range(AT_A_TIME)]
        for answer in chain.from_iterable(at_once(acts)):
            leads_here(target.address, answer)
            # What a form on the page would send back.
            assert stays(target.address, answer.path, answer.hidden("next")), (answer.path, answer.hidden("next"))
    forms = {
        "/line/": {"line": "1"},
        "/language/": {"to": "en"},
        "/login/offer/": {"choice": "later"},
        "/login/confirm/": {"way": "sms"},
        "/login/new-password/": {},
    }
    for where in ELSEWHERE:
        for path, fields in forms.items():
            leads_here(target.address, signed_in.post(path, fields | {"next": where}))


def visit(tab: Http, asked: list[tuple[str, str]]) -> list[Answer]:
    """Only read: every page, asked to lead on."""
    return [tab.get(f"{path}?next={quote(where)}&to=en&ended=1") for path, where in asked]


def takes_next(path: str) -> bool:
    return path.startswith(("/login/", "/app/", "/language/", "/security/erasure/", "/security/switch-off/", "/line/"))


def test_ops_2_after_signing_in_nobody_is_led_elsewhere(target: Target) -> None:
    number = target.person()
    for where in (f"//{EVIL}", f"/\\{EVIL}", f"https://{EVIL}/", f"/\t/{EVIL}"):
        browser = target.browser()
        code = target.ask_code(browser, number, wanted=where)
        answer = browser.post("/login/code/", {"code": code})
        leads_here(target.address, answer)
        assert EVIL not in answer.location
        leads_here(target.address, browser.post("/login/offer/", {"choice": "later", "next": where}))
        assert is_in(browser)
        target.a_day_later(number)
