"""The demo's bank in a real browser: every page readable, usable without scripts, and no way off its origin."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import NewPage, Operator
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll

pytestmark = pytest.mark.journey


@pytest.mark.parametrize("english", [False, True], ids=["ru", "en"])
@pytest.mark.parametrize(("width", "dark"), [(320, False), (1280, True)], ids=["phone", "desk"])
def test_the_banks_pages_are_for_everybody(
    operator: Operator, open_page: NewPage, english: bool, width: int, dark: bool
) -> None:
    bank = operator.bank
    page = open_page(width=width, dark=dark, english=english, scripts=True)
    for path in ("/control/", "/terminal/", "/bindings/", "/orders/"):
        page.goto(f"{bank}{path}")
        check_axe(page)
        check_no_sideways_scroll(page)
        check_no_console(page)


def test_the_site_leads_forms_to_its_bank_and_nowhere_else(operator: Operator, open_page: NewPage) -> None:
    answer = open_page().goto("/login/")
    assert answer is not None
    assert f"form-action 'self' {operator.bank};" in answer.headers["content-security-policy"] + ";"
