"""Bills of a contract that pays afterwards, its papers and receipts; accounting and a registry of the gateway."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.factories.registries import line, registry
from tests.journeys.conftest import NewPage, Operator
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll
from tests.journeys.test_staff_journey import enter

pytestmark = pytest.mark.journey
# The demo's second number is of a contract that is paid by its bill.
POSTPAID = "+79000000002"
QUEUE = """
import sys
from uuid import UUID
from abonent.entrypoints.cli import runtime
with runtime.database():
    from abonent.domains.billing.fiscal import actions as fiscal
    from abonent.domains.billing.fiscal.rules import Operation
    from abonent.domains.lines.queries import served_by_number
    from abonent.foundation.clock import now
    fiscal.queue(receipt_id=UUID(sys.argv[1]), contract_id=served_by_number(sys.argv[2]).contract_id,
                 operation=Operation.INCOME, amount_minor=50_000, method="card", at=now())
"""


def beside(operator: Operator, *arguments: str) -> str:
    """Run a program on the database of the running demo."""
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=120, check=False,
        env={k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
        | {"ABONENT_VAR": str(operator.var), "ABONENT_DEMO": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def look(page: Page, name: str = "") -> None:
    for width, scheme in ((320, "light"), (390, "dark"), (1280, "light"), (1280, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        check_axe(page)
        check_no_sideways_scroll(page)
        if name and (folder := os.environ.get("ABONENT_SCREENSHOTS")):
            page.screenshot(path=f"{folder}/{name}-{width}-{scheme}.png", full_page=True)


@pytest.mark.parametrize("english", [False, True])
def test_cab_5_a_contract_sees_its_bills_pays_the_newest_and_takes_the_papers(
    operator: Operator, open_page: NewPage, sign_in: Callable[[Page, str], None], english: bool
) -> None:
    receipt = str(uuid4())
    beside(operator, "-c", QUEUE, receipt, POSTPAID)
    page = open_page(english=english)
    # The one contract paid by bill: others may have asked for its codes.
    operator.an_hour_later()
    sign_in(page, POSTPAID)
    page.goto("/bills/")
    look(page, "bills")
    assert page.locator(".papers tbody tr").count() >= 2, "months of the past have their bills"
    left = page.locator("a[href^='/topup/?amount=']")
    if left.count():
        assert re.fullmatch(r"/topup/\?amount=\d+\.\d\d", left.first.get_attribute("href") or "")
    page.locator(".papers tbody th a").first.click()
    page.wait_for_url(re.compile(r"/bills/\d+/"))
    look(page, "bill")
    with page.expect_download() as download:
        page.locator("a[href$='/bill.pdf']").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    page.goto("/account/")
    look(page, "account")
    page.locator("nav.act-periods a").last.click()
    page.wait_for_url("**/account/act/**")
    look(page, "act")
    for extension, start in (("pdf", b"%PDF"), ("xlsx", b"PK")):
        with page.expect_download() as download:
            page.locator(f"a[href*='act.{extension}']").click()
        assert Path(download.value.path()).read_bytes().startswith(start)
    page.goto(f"/account/receipts/{receipt}/")
    expect(page.locator(".standing.open")).to_be_visible()
    look(page, "receipt")
    check_no_console(page)


def test_cab_6_accounting_works_off_what_a_registry_and_our_payments_disagree_on(
    operator: Operator, open_page: NewPage, tmp_path: Path
) -> None:
    file = registry(tmp_path, [line(uuid4()), line("ЧУЖОЙ-1", 7_700)])
    said = beside(operator, "-m", "abonent.entrypoints.cli.main", "payments", "reconcile", str(file))
    assert "2 lines, 0 agree, 2 differences" in said
    page = open_page(width=1280)
    enter(operator, page, "belova")
    page.goto("/staff/registries/")
    look(page, "registries")
    page.locator("table.trail a").first.click()
    page.wait_for_url(re.compile(r"/staff/registries/\d+/"))
    look(page, "registry")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.locator("li button").first.click()
    expect(page.locator(".error-summary")).to_be_visible()
    check_axe(page)
    page.locator("input[name=reason]").first.fill("Заказ другого магазина")
    page.locator("li button").first.click()
    page.wait_for_url("**worked-off**")
    assert page.locator("input[name=reason]").count() == 1
    check_no_console(page)
