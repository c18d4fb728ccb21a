"""What holds on every page: axe, the security policy, 320 px, no script, both languages, both themes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from django.urls import URLResolver, get_resolver
from playwright.sync_api import Page

from tests.journeys.conftest import NewPage, Operator, enter_code
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll

pytestmark = pytest.mark.journey
PUBLIC = (
    "/", "/offline/", "/no-such-page/",
    "/login/", "/login/?ended=1", "/login/?off", "/login/password/", "/login/forgot/", "/login/contract/",
    "/login/email/", "/login/passkey/", "/login/passkey/?next=/expenses/", "/login/network/back/", "/login/protected/",
    "/login/no-access/", "/login/no-access/?go=1", "/login/no-access/?sim=lost", "/login/no-access/?sim=anothers",
    "/login/no-access/?sim=elsewhere&have=contract",
    *(f"/login/no-access/?sim=here&have={have}" for have in ("", "passkey", "password", "email", "signed-in")),
    "/phone/?number=%2B79000000001", "/phone/", "/phone/mail/?address=nobody@mail.example", "/phone/mail/?address=no",
    "/phone/network/", "/phone/network/?number=nobody", "/phone/providers/", "/phone/internet/", "/phone/printer/",
    "/help/", "/help/?q=gfhjkm", "/help/?q=zzzzz", "/help/q/code-does-not-come/", "/help/contacts/", "/help/shops/",
    "/help/shops/?city=lunensk&open=1", "/speed/", "/staff/login/", "/port-in/",
)  # fmt: skip
CABINET = (
    "/", "/home/", "/charges/", "/expenses/", "/expenses/?from=31.02", "/bills/", "/account/", "/account/?on=31.02",
    "/account/act/", "/account/act/?from=31.02", "/statement/", "/statement/?q=no+such+number",
    "/sim/", "/sim/esim/", "/sim/card/?iccid=89", "/sim/shop/", "/number/", "/number/?digits=77&kind=gold",
    "/number/?digits=x", "/calls/puk/", "/calls/forward/all/confirm/?number=89161234567",
    "/security/", "/security/sessions/", "/security/history/", "/security/changes/", "/security/changes/?by=staff",
    "/security/data/", "/security/erasure/ask/", "/security/erasure/?kept", "/security/switch-off/",
    "/security/links/", "/security/links/?removed", "/security/email/", "/security/email/?set",
    "/security/email/?removed", "/security/password/", "/security/password/?set", "/security/factors/",
    "/security/factors/passkey/", "/login/offer/passkey/",
    "/promised/", "/disputes/", "/requests/", "/requests/new/", "/requests/new/coverage/", "/cashback/",
    "/promised/", "/services/", "/services/turbo/", "/services/turbo/?when=next", "/services/roaming-data/",
    "/orders/", "/orders/?state=failed", "/packages/", "/packages/buy/", "/packages/give/", "/services/data-20gb/",
    "/notices/", "/notices/?topic=orders", "/notices/settings/", "/notices/settings/?sent=1&quiet=1&from=5&until=5",
    "/transfer/", "/transfer/?amount=150", "/transfer/history/", "/family/", "/family/?late",
    "/family/group/", "/family/group/?joined",
    "/calls/barring/", "/calls/barring/?asked", "/calls/barring/pin/", "/calls/switches/", "/calls/switches/?asked",
    "/calls/tones/", "/calls/tones/?caller=112&day=1&time=9:00", "/calls/tones/catalogue/", "/calls/tones/copy/",
    "/calls/tones/tide/", "/calls/voicemail/", "/calls/voicemail/?deleted", "/calls/voicemail/greeting/",
    "/calls/voicemail/pin/",
    "/calls/", "/calls/?late", "/calls/forward/no-answer/", "/calls/forward/all/?number=112",
    "/subscriptions/", "/subscriptions/?banned", "/subscriptions/stop-all/", "/subscriptions/ban/",
    "/subscriptions/account/", "/subscriptions/account/confirm/?amount=10&way=to",
    "/subscriptions/account/confirm/?amount=x&way=to",
    "/pay/", "/topup/", "/topup/?to=other&amount=300", "/topup/confirm/?amount=300&way=sbp", "/topup/confirm/?amount=0",
    "/autopay/", "/autopay/set/?amount=500", "/autopay/confirm/?cap=0",
    "/port-in/mine/", "/port-in/new/", "/port-out/",
    "/numbers/", "/numbers/?added", "/numbers/add/", "/numbers/own/",
    "/limits/", "/limits/?gone", "/limits/set/", "/limits/set/?amount=0", "/changes/",
    "/tariffs/", "/tariffs/compare/", "/tariffs/bez-kraya/", "/tariffs/poputny/",
    "/tariffs/bez-kraya/order/", "/tariffs/poputny/order/?when=next", "/tariffs/legky/order/?when=day&day=31.02",
    "/lines/unused/", "/lines/unused/?lifted",
    "/lines/block/", "/lines/block/?shorter", "/lines/block/new/", "/lines/block/new/?first=31.02.2027",
    "/speed/", "/equipment/", "/activation/", "/activation/?sent", "/visits/",
    "/cards/", "/payments/", "/payments/?from=31.02", "/payments/?search=nothing",
)  # fmt: skip
# Pages of one moment of a journey, and the journey that looks at each.
IN_JOURNEYS = {
    "test_every_page.py": (
        "calls/forward/<slug:condition>/", "calls/forward/<slug:condition>/confirm/", "calls/tones/<slug:code>/",
        "sim/<slug:form>/",
        "help/q/<slug:code>/", "requests/new/<slug:kind>/",
        "statement/charge/<uuid:charge_id>/", "tariffs/<slug:code>/", "tariffs/compare/<slug:code>/<slug:month>/",
        "numbers/add/<uuid:wish_id>/", "numbers/add/<uuid:wish_id>/code/", "numbers/share/<int:share_id>/",
        "numbers/line/<int:line_id>/",
    ),
    "test_calls_journey.py": ("calls/barring/<slug:direction>/",),
    "test_limits_journey.py": ("limits/raise/", "changes/<int:version_id>/<str:rule>/"),
    "test_bills_journey.py": (
        "bills/<int:bill_id>/", "account/receipts/<uuid:receipt_id>/",
        "staff/registries/", "staff/registries/<int:registry_id>/",
    ),
    "test_main_journey.py": ("login/code/", "login/confirm/", "login/confirm/code/"),
    "test_codes_journey.py": ("login/email/code/", "security/email/code/"),
    "test_passwords_journey.py": ("login/offer/", "login/forgot/code/", "login/new-password/"),
    "test_lines_journey.py": ("login/contract/code/",),
    "test_sims_journey.py": ("sim/code/<uuid:order_id>/", "number/confirm/", "phone/esim/"),
    "test_orders_journey.py": (
        "services/<slug:code>/", "orders/<uuid:order_id>/", "tariffs/<slug:code>/order/", "lines/found/",
    ),
    "test_phone_orders_journey.py": ("lines/unused/lift/",),
    "test_subscriptions_journey.py": (
        "subscribe/<uuid:subscription_id>/", "subscriptions/<uuid:subscription_id>/",
        "subscriptions/<uuid:subscription_id>/stop/", "subscriptions/<uuid:subscription_id>/disagree/",
        "subscriptions/stopped/<uuid:form_id>/", "subscriptions/account/<uuid:move_id>/", "staff/providers/",
    ),
    "test_porting_journey.py": (
        "port-in/code/", "port-in/<uuid:port_ref>/", "port-out/<uuid:port_ref>/", "staff/porting/",
        "staff/porting/in/<int:port_id>/",
    ),
    "test_promised_journey.py": ("promised/take/", "promised/<uuid:promise_id>/"),
    "test_ways_back_journey.py": ("login/forgot/second/",),
    "test_factors_journey.py": (
        "login/second/", "security/factors/app/", "security/factors/codes/",
        "security/factors/passkey/<int:passkey_id>/", "app/", "app/pin/", "app/pin/new/",
    ),
    "test_federation_journey.py": (
        "login/linking/", "login/network/", "login/with/<slug:service>/callback/", "security/linked/",
    ),
    "test_security_journey.py": (
        "security/changes/<int:event_id>/not-me/", "security/protected/", "security/erasure/", "login/switched-off/",
    ),
    "test_transfers_journey.py": (
        "transfer/<uuid:transfer_id>/", "transfer/<uuid:transfer_id>/confirm/",
        "transfer/<uuid:transfer_id>/confirm/code/", "family/<uuid:pay_id>/confirm/",
        "family/<uuid:pay_id>/confirm/code/", "packages/gifts/<uuid:gift_id>/",
        "packages/gifts/<uuid:gift_id>/confirm/", "packages/gifts/<uuid:gift_id>/confirm/code/",
    ),
    "test_families_journey.py": (
        "family/group/asked/<uuid:invitation_id>/", "family/group/<uuid:member_id>/",
        "family/group/<uuid:member_id>/remove/", "family/group/leave/", "family/group/<uuid:member_id>/payer/",
        "family/group/payer/", "family/group/code/<uuid:invitation_id>/",
        "family/group/code/<uuid:invitation_id>/enter/",
    ),
    "test_topup_journey.py": ("topup/<uuid:topup_id>/", "payments/<uuid:payment_id>/", "cards/remove/"),
    "test_speed_journey.py": ("speed/<uuid:test_id>/",),
    "test_fixed_journey.py": (
        "visits/new/", "visits/<int:visit_id>/", "visits/<int:visit_id>/move/", "staff/visits/",
        "staff/visits/<int:visit_id>/", "staff/visits/<int:visit_id>/equipment/", "staff/case/<int:case_id>/equipment/",
    ),
    "test_staff_money_journey.py": (
        "disputes/<int:dispute_id>/", "disputes/charge/<uuid:charge_id>/", "disputes/payment/<uuid:payment_id>/",
        "requests/<int:request_id>/", "staff/requests/", "staff/requests/<int:request_id>/",
        "staff/requests/report/", "staff/disputes/", "staff/numbers/", "staff/money/",
        "staff/money/<uuid:approval_id>/",
    ),
    "test_catalogue_journey.py": (
        "staff/catalogue/", "staff/catalogue/new/<slug:kind>/", "staff/catalogue/drafts/<int:draft_id>/",
        "staff/catalogue/drafts/<int:draft_id>/edit/", "staff/catalogue/drafts/<int:draft_id>/yaml/",
        "staff/catalogue/drafts/<int:draft_id>/preview/",
    ),
    "test_staff_journey.py": (
        "phone/staff/", "staff/", "staff/login/second/", "staff/login/factor/", "staff/login/password/",
        "staff/case/<int:case_id>/",
        "staff/case/<int:case_id>/<slug:name>/", "staff/case/<int:case_id>/services/",
        "staff/case/<int:case_id>/services/<slug:code>/", "staff/case/<int:case_id>/tariffs/<slug:code>/",
        "staff/case/<int:case_id>/pause/", "staff/case/<int:case_id>/subscriptions/",
        "staff/case/<int:case_id>/customer/", "staff/approvals/",
        "staff/audit/", "staff/network/",
    ),
}  # fmt: skip
# Addresses that answer a form, a program or the flood: no page of their own.
NO_PAGE = re.compile(
    r"^\^|\.|^speed/(start/|stop/|done/|ping|down|up)$|^callbacks/|^ussd/|^number/hold/$|^(language|line|logout|cards/first|app/leave|app/pin/forgotten|login/password/busy)/$|(again|another|picture)/$"
    r"|^login/with/<slug:service>/$|^security/.*(copy|remove|change|new|add|waiting|prove|end|end-others|forget)/$"
    r"|^staff/(logout|search|case|approvals/<uuid:approval_id>)/$|^staff/case/.*(ask|answer|close|document)/$"
    r"|^phone/(call|dial|gateway|switch)/$|^transfer/.*(ask-back|answer)/$|^family/.*(agree|end|withdraw)/$"
    r"|^staff/registries/<int:registry_id>/<int:difference_id>/$|^staff/receipts/"
    r"|^numbers/(end|own/call-off|own/object|share/<int:share_id>/role)/$|^staff/numbers/<int:request_id>/$"
    r"|^lines/(lost|block/end)/$|^autopay/(pause|resume|off)/$|^limits/(remove|undo)/$|^staff/disputes/<int:dispute_id>/$|^orders/<uuid:order_id>/undo/$"
    r"|^calls/(tones/(let-copy|remove)/|switches/<slug:name>/|voicemail/<uuid:message_id>/(delete|back)/)$|/sound$"
    r"|^phone/voicemail/$"
    r"|^calls/(internet/|stop/<uuid:change_id>/|forward/<slug:condition>/remove/)$|^packages/stop/$|^help/.*helped/$|^requests/.*(helped|call-off)/$|/files/<uuid:file_id>/$"
    r"|^visits/<int:visit_id>/cancel/$|^staff/visits/.*(set-out|end)/$"
    r"|^subscriptions/(account/switch|<uuid:subscription_id>/decline)/$"
    r"|^staff/requests/.*(take|give-back|assign|reply)/$"
    r"|^port-in/<uuid:port_ref>/(code|cancel)/$|^staff/porting/out/"
    r"|^staff/catalogue/<slug:kind>/<slug:code>/draft/$|^staff/catalogue/drafts/<int:draft_id>/<slug:name>/$"
)
CYRILLIC = re.compile("[А-Яа-яЁё]{2,}")
FOCUS_IS_SEEN = """(() => {
    const element = document.activeElement;
    if (element === document.body) return true;
    const look = getComputedStyle(element);
    return look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2;
})()"""
LATIN_SENTENCE = re.compile(r"[A-Za-z]{3,} [a-z]{2,}")


def addresses(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for found in resolver.url_patterns:
        address = before + str(found.pattern)
        if isinstance(found, URLResolver):
            yield from addresses(found, address)
        else:
            yield address


def test_every_page_is_looked_at() -> None:
    listed = {address.partition("?")[0].lstrip("/") for address in (*PUBLIC, *CABINET)}
    seen = listed.union(*IN_JOURNEYS.values())
    assert {address for address in addresses(get_resolver()) if not NO_PAGE.search(address)} <= seen
    folder = Path(__file__).parent
    assert all((folder / journey).exists() for journey in IN_JOURNEYS)


# Every two of width, theme and language meet on every page.
LOOKS = {False: ((320, False), (1280, True)), True: ((320, True), (1280, False))}


def faults(page: Page, addresses: Iterable[str], *, english: bool) -> list[str]:
    """Return what is wrong with each of the pages, so that one does not hide the others'."""
    found = []
    for address in addresses:
        try:
            look_at(page, address, english=english)
        except AssertionError as fault:
            found.append(f"{address}: {fault}")
    return found


def look_at(page: Page, address: str, *, english: bool) -> None:
    page.goto(address)
    page.evaluate("document.fonts.ready.then(() => true)")
    for width, dark in LOOKS[english]:
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme="dark" if dark else "light")
        check_axe(page)
        check_no_sideways_scroll(page)
    text = page.locator("body").inner_text()
    # A message is in the language of whoever gets it.
    for message in page.locator(".bubble").all_inner_texts():
        text = text.replace(message, "")
    assert not untranslated(text, english=english), address


def untranslated(text: str, *, english: bool) -> list[str]:
    """Return words of the wrong language, apart from names: people, tariffs, the operator, the languages."""
    if english:
        names = re.compile("«[^»]*»|“[^”]*”|Русский")
        return CYRILLIC.findall(names.sub("", text))
    return LATIN_SENTENCE.findall(re.sub("English|Switch to English", "", text))


@pytest.mark.parametrize("english", [False, True])
def test_every_public_page_is_sound(open_page: NewPage, english: bool) -> None:
    page = open_page(english=english)
    found = faults(page, PUBLIC, english=english)
    assert not found, "\n".join(found)
    check_no_console(page)


@pytest.mark.parametrize("english", [False, True])
def test_every_page_of_the_cabinet_is_sound(
    operator: Operator, open_page: NewPage, sign_in: Callable[[Page, str], None], english: bool
) -> None:
    page = open_page(english=english)
    sign_in(page, operator.spare_number())
    # The first thing done: five minutes later the statement asks for a proof. Not everybody was charged lately.
    page.goto("/statement/")
    charges = page.locator("a[href*='/statement/charge/']").evaluate_all("all => all.map(one => one.href)")[:1]
    page.goto("/tariffs/compare/")
    months = page.locator("a[href^='/tariffs/compare/']").evaluate_all("all => all.map(one => one.href)")[:1]
    assert months
    found = faults(page, (*charges, *months, *CABINET), english=english)
    assert not found, "\n".join(found)
    look_at_shared(operator, page, english=english)
    check_no_console(page)


def look_at_shared(operator: Operator, page: Page, *, english: bool) -> None:
    """Add a relative's number, and look at each page on the way, at what is shared, and at its home."""
    relative = operator.spare_number(only=True)
    before = len(operator.messages(relative))
    page.goto("/numbers/add/")
    page.locator("input[name=number]").fill(relative)
    page.locator("input[value=child]").check()
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(re.compile(r"/numbers/add/[0-9a-f-]{36}/$"))
    look_at(page, page.url, english=english)
    page.locator("form:has(input[value=code]) button[type=submit]").click()
    page.wait_for_url("**/code/")
    look_at(page, page.url, english=english)
    enter_code(page, operator.code(relative, after=before))
    page.wait_for_url("**/numbers/?added")
    shared = page.locator("a[href^='/numbers/share/']").first.get_attribute("href")
    named = page.locator("a[href^='/numbers/line/']").last.get_attribute("href")
    for address in ("/numbers/", shared, named):
        assert address
        look_at(page, address, english=english)
    page.goto("/numbers/")
    page.locator("main form[action='/line/'] button").last.click()
    page.wait_for_url("**/home/")
    look_at(page, "/home/", english=english)


def test_every_page_can_be_walked_with_the_keyboard(
    operator: Operator, open_page: NewPage, sign_in: Callable[[Page, str], None]
) -> None:
    page = open_page(width=1280)
    sign_in(page, operator.spare_number())
    for address in ("/home/", "/expenses/", "/statement/"):
        page.goto(address)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#main", (
            "the first stop skips to the content"
        )
        reached = set()
        for _ in range(60):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.tagName + (document.activeElement.href || '')"))
            assert page.evaluate(FOCUS_IS_SEEN), f"{address}: focus cannot be seen"
        assert any("/home/" in stop for stop in reached)
