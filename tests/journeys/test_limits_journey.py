"""A spending limit, from the page of expenses to the refusal and the way out; a price that changes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page, expect

from abonent.foundation.clock import now
from tests.journeys.conftest import NewPage, Operator
from tests.journeys.look import check_axe, check_no_console, check_no_sideways_scroll

pytestmark = pytest.mark.journey


def look(page: Page) -> None:
    check_axe(page)
    check_no_sideways_scroll(page)


def test_cab_19_a_limit_is_set_reached_raised_and_taken_back(
    operator: Operator, open_page: NewPage, sign_in: Callable[[Page, str], None], tmp_path: Path
) -> None:
    number = operator.spare_number()
    page = open_page(width=320)
    sign_in(page, number)
    page.goto("/expenses/")
    page.locator("a[href='/limits/']").click()
    page.get_by_role("link", name="Задать лимит").first.click()
    page.locator("#id_amount").fill("0,001")
    page.get_by_label("Сообщить и отключить платное").check()
    page.get_by_role("button", name="Сохранить лимит").click()
    expect(page.locator("#id_amount_error")).to_be_visible()
    look(page)
    page.locator("#id_amount").fill("10")
    page.get_by_role("button", name="Сохранить лимит").click()
    expect(page.get_by_role("status")).to_contain_text("Лимит действует")
    look(page)
    page.get_by_role("link", name="Поднять на этот месяц").first.click()
    look(page)
    page.locator("#id_amount").fill("100 000")
    page.get_by_role("button", name="Поднять на").click()
    expect(page.get_by_role("status")).to_contain_text("поднят")
    page.get_by_role("button", name="Отменить изменение").first.click()
    expect(page.get_by_role("status")).to_contain_text("как раньше")
    page.get_by_role("button", name="Убрать лимит").first.click()
    expect(page.get_by_role("status")).to_contain_text("убран")
    change_prices(operator, number, tmp_path)
    until_changed(page)
    look(page)
    page.locator("a[href^='/changes/']").last.click()
    expect(page.locator("main")).to_contain_text("Выросли расходы")
    look(page)
    check_no_console(page)


def until_changed(page: Page) -> None:
    """Look at the page again until a worker has given the line its coming prices."""
    for _ in range(60):
        page.goto("/changes/")
        if "Выросли расходы" in page.locator("main").inner_text():
            return
        page.wait_for_timeout(250)
    raise AssertionError(page.locator("main").inner_text())


def change_prices(operator: Operator, number: str, folder: Path) -> None:
    """Make the number's tariff dearer as an operator does it."""
    with psycopg.connect(operator.database_url) as database:
        [(code, fee_minor, terms)] = database.execute(
            """select tariff_id, fee_minor, terms
                 from lines_line line join lines_tariffassignment assignment on line_id = line.id
                 join catalog_tariffversion version on version.id = tariff_version_id
                where number = %s and closed_at is null and valid_until is null""",
            [number],
        )
    document = {"fee_minor": fee_minor + 50_00, "terms": terms}
    file = folder / "terms.json"
    file.write_text(json.dumps(document))
    why = ("--why", "ru=Выросли расходы на сеть", "--why", "en=Running the network costs more")
    day = (now() + timedelta(days=15)).date().isoformat()
    tariffs(operator, "change", code, str(file), "--from", day, *why)


def tariffs(operator: Operator, *arguments: str) -> str:
    """Run the command on the running operator, and return what it says."""
    command = [sys.executable, "-m", "abonent.entrypoints.cli.main", "tariffs", *arguments]
    environment = {"ABONENT_VAR": str(operator.var), "ABONENT_DEMO": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
