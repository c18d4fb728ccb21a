"""Passkeys, the authenticator app, recovery codes and the app's PIN in a real browser, with real WebAuthn."""

from __future__ import annotations

import base64
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from abonent.domains.identity.factors import rules as factor_rules
from abonent.foundation.clock import now
from tests.journeys.conftest import NewPage, Operator, ask_code, enter_code
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll

pytestmark = pytest.mark.journey
SignIn = Callable[[Page, str], None]
FACTORS = "/security/factors/"
PASSWORD = "грушевый-сидр-1812"


def look(page: Page) -> None:
    page.wait_for_load_state()
    check_axe(page)
    check_no_sideways_scroll(page)


class VirtualAuthenticator:
    """A phone's fingerprint reader that Chromium plays itself: WebAuthn is real from end to end."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        self.id = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def verifies(self, person: bool) -> None:
        """Say whether the finger on the reader is its owner's."""
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": person})


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).locator("visible=true").click()


def sign_out(page: Page) -> None:
    page.goto("/home/")
    page.locator("form[action='/logout/'] button:visible").first.click()
    page.wait_for_url(re.compile(r"/$"))
    # What Chromium says of signing out is no word of ours.
    hush(page)


def hush(page: Page) -> None:
    """Forget what pages of other rooms said to the console."""
    page.console_messages_seen.clear()  # type: ignore[attr-defined]


def test_id_15_a_passkey_is_made_and_opens_the_cabinet_without_a_number(
    operator: Operator, open_page: NewPage, sign_in: SignIn
) -> None:
    page = open_page(width=320)
    reader = VirtualAuthenticator(page)
    sign_in(page, operator.spare_number())
    hush(page)
    page.goto(f"{FACTORS}passkey/")
    look(page)
    page.get_by_label("Название").fill("Мой телефон")
    press(page, "Создать ключ доступа")
    page.wait_for_url(f"**{FACTORS}")
    expect(page.get_by_text("Мой телефон")).to_be_visible()
    look(page)
    page.get_by_role("link", name="Добавить ключ доступа").click()
    press(page, "Создать ключ доступа")
    expect(page.get_by_text("На этом устройстве уже есть ваш ключ доступа")).to_be_visible()

    check_no_console(page)
    sign_out(page)
    page.goto("/login/passkey/?next=/expenses/")
    look(page)
    reader.verifies(person=False)
    page.locator("[data-passkey] button:visible").click()
    expect(page.get_by_text("Подтверждения не было")).to_be_visible()
    reader.verifies(person=True)
    page.locator("[data-passkey] button:visible").click()
    page.wait_for_url(re.compile(r"[^=]/expenses/"))
    page.goto(FACTORS)
    page.get_by_role("link", name="Изменить «Мой телефон»").click()
    look(page)
    press(page, "Удалить этот ключ")
    page.wait_for_url(f"**{FACTORS}")
    expect(page.get_by_text("Мой телефон")).to_have_count(0)
    sign_out(page)
    page.goto("/login/passkey/")
    page.locator("[data-passkey] button:visible").click()
    expect(page.get_by_text("Этот ключ доступа не подходит")).to_be_visible()
    check_no_console(page)


def code_of(secret: str, steps: int = 0) -> str:
    return factor_rules.totp(base64.b32decode(secret.replace(" ", "")), factor_rules.step_of(now()) + steps)


@pytest.mark.parametrize(("english", "scripts"), [(False, True), (True, False)])
def test_id_15_an_authenticator_app_and_recovery_codes_stand_before_the_cabinet(
    operator: Operator, open_page: NewPage, sign_in: SignIn, english: bool, scripts: bool
) -> None:
    number = operator.spare_number()
    page = open_page(width=1280 if english else 320, english=english, scripts=scripts)
    sign_in(page, number)
    # One code a minute: the second entry is by password.
    page.goto("/login/offer/")
    page.locator("input[type=password]").first.fill(PASSWORD)
    press(page, "Set the password" if english else "Сохранить пароль")
    page.wait_for_url("**/home/**")
    page.goto(FACTORS)
    press(page, "Add an authenticator app" if english else "Добавить приложение")
    expect(page.locator("img.qr")).to_be_visible()
    secret = page.locator(".secret").inner_text()
    if scripts:
        look(page)
        assert page.locator("img.qr").evaluate("image => image.complete && image.naturalWidth > 100")
    page.locator("input[autocomplete='one-time-code']").fill(code_of(secret))
    press(page, "Add the app" if english else "Добавить приложение")
    page.wait_for_url("**/codes/")
    codes = page.locator(".recovery li").all_inner_texts()
    assert len(codes) == 10
    if scripts:
        look(page)
        expect(page.get_by_role("button", name="Распечатать")).to_be_visible()
    file = page.request.get(f"{operator.address}{FACTORS}codes.txt").text()
    assert all(code in file for code in codes)
    press(page, "I have kept them" if english else "Коды сохранены")
    page.wait_for_url(f"**{FACTORS}")

    page.context.clear_cookies()
    if english:
        page.context.add_cookies([{"name": "language", "value": "en", "url": operator.address}])
    first_factor(page, number)
    if scripts:
        look(page)
    page.goto("/home/")
    assert "/login/" in page.url, "one factor opens nothing"
    page.goto("/login/second/")
    field = page.locator("input[autocomplete='one-time-code']")
    field.fill("000000")
    press(page, "Sign in" if english else "Войти")
    expect(page).to_have_title(re.compile("^Error: " if english else "^Ошибка: "))
    if not scripts:
        statuses = guess_at_once(page, operator.address)
        assert statuses.count(200) <= 4, "one wrong code was typed before: four more are looked at"
        assert statuses.count(429) == len(statuses) - statuses.count(200)
    page.get_by_role("link", name="Use a recovery code" if english else "Ввести резервный код").click()
    page.locator("#id_recovery").fill(codes[4].lower())
    press(page, "Sign in" if english else "Войти")
    page.wait_for_url("**/home/**")


def first_factor(page: Page, number: str) -> None:
    """Enter by the password, up to the second factor."""
    page.goto("/login/password/")
    page.locator("#id_login").fill(number)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("form:has(#id_password) button[type=submit].button").first.click()
    page.wait_for_url("**/login/second/**")


def guess_at_once(page: Page, address: str) -> list[int]:
    """Send thirty codes in the same moment, as this browser would; return what the server said to each."""
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in page.context.cookies())
    token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
    start = Barrier(30, timeout=60)

    def guess(number: int) -> int:
        form = urlencode({"csrfmiddlewaretoken": token, "code": f"{number:06}"}).encode()
        request = urllib.request.Request(f"{address}/login/second/", form, {"Cookie": cookies, "Origin": address})
        start.wait()
        try:
            return urllib.request.urlopen(request).status
        except urllib.error.HTTPError as error:
            return error.code

    with ThreadPoolExecutor(30) as pool:
        return list(pool.map(guess, range(30)))


def test_cab_20_id_2_the_app_asks_for_a_password_and_a_pin_and_opens_by_it(
    operator: Operator, open_page: NewPage, sign_in: SignIn
) -> None:
    page = open_page(width=320, dark=True)
    page.goto("/app/")
    page.wait_for_url("**/login/**")
    number = operator.spare_number()
    before = len(operator.messages(number))
    ask_code(page, number)
    enter_code(page, operator.code(number, after=before))
    page.wait_for_url("**/login/offer/**")
    VirtualAuthenticator(page)
    page.goto("/login/offer/passkey/")
    hush(page)
    look(page)
    press(page, "Создать ключ доступа")
    page.wait_for_url("**/app/pin/new/**")
    look(page)
    for pin, again, said in (
        ("12", "12", "Введите 4 цифры"),
        ("1234", "1234", "Такой ПИН угадают первым"),
        ("0000", "0000", "Такой ПИН угадают первым"),
        ("1985", "1985", "Такой ПИН угадают первым"),
        ("7391", "7392", "Это два разных ПИНа"),
    ):
        page.locator("#pin").fill(pin)
        page.locator("#again").fill(again)
        press(page, "Задать ПИН")
        expect(page.get_by_text(said)).to_be_visible()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    page.locator("#pin").fill("7391")
    page.locator("#again").fill("7391")
    press(page, "Задать ПИН")
    page.wait_for_url("**/home/**")

    page.goto("/app/?next=/expenses/")
    page.wait_for_url("**/app/pin/**")
    look(page)
    page.locator("#pin").fill("7392")
    press(page, "Открыть")
    expect(page.get_by_text("Это другой ПИН")).to_be_visible()
    page.goto("/home/")
    assert "/app/pin/" in page.url, "nothing is shown before the PIN"
    page.locator("#pin").fill("7391")
    press(page, "Открыть")
    page.wait_for_url("**/home/**")
    assert not [body for body in sent if "7391" in body or "7392" in body], "the PIN never leaves the device"
    page.goto("/app/")
    press(page, "Отпечаток или лицо")
    page.wait_for_url("**/home/**")
    page.goto("/app/")
    for _ in range(5):
        page.locator("#pin").fill("7390")
        with page.expect_navigation():
            press(page, "Открыть")
    assert "/login/" in page.url
    check_no_console(page)


def test_without_scripts_a_passkey_and_the_app_say_what_they_need(
    operator: Operator, open_page: NewPage, sign_in: SignIn
) -> None:
    page = open_page(english=True, scripts=False)
    page.goto("/login/passkey/")
    expect(page.get_by_text("A passkey needs JavaScript")).to_be_visible()
    expect(page.locator("[data-with-script]")).to_be_hidden()
    page.get_by_role("link", name="Sign in another way").click()
    assert "/login/" in page.url
