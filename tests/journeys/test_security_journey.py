"""Whose devices, what changed, "it was not me", one's data, the cabinet off and on: as its owner does it."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NewPage, Operator, ask_code, enter_code
from tests.journeys.look import check_axe, check_no_sideways_scroll

pytestmark = pytest.mark.journey
PASSWORD = "Tihaya-Reka-27-Bereg"


def enter_by_code_and_set_password(operator: Operator, page: Page, number: str) -> None:
    page.goto("/login/")
    ask_code(page, number)
    enter_code(page, operator.code(number))
    page.wait_for_url("**/login/offer/**")
    page.locator("input[autocomplete='new-password']").first.fill(PASSWORD)
    page.locator("form:has(input[autocomplete='new-password']) button.button[type=submit]").first.click()
    page.wait_for_url("**/home/**")


def try_password(page: Page, number: str) -> None:
    page.goto("/login/password/")
    page.locator("input[name=login]").fill(number)
    page.locator("input[autocomplete='current-password']").fill(PASSWORD)
    page.locator("form:has(input[autocomplete='current-password']) button.button[type=submit]").first.click()
    page.wait_for_load_state()


@pytest.mark.parametrize(("english", "scripts"), [(False, True), (True, False)])
def test_id_15_an_owner_ends_a_strangers_session_and_protects_the_cabinet(
    operator: Operator, open_page: NewPage, english: bool, scripts: bool
) -> None:
    number = operator.spare_number()
    owner = open_page(english=english, scripts=scripts)
    enter_by_code_and_set_password(operator, owner, number)
    stranger = open_page(width=1280, english=english, scripts=scripts)
    try_password(stranger, number)
    expect(stranger).to_have_url(re.compile("/home/"))

    owner.goto("/home/")
    owner.get_by_role("link", name="Look" if english else "Посмотреть", exact=True).click()
    owner.wait_for_url("**/security/changes/")
    owner.goto("/security/sessions/")
    check_no_sideways_scroll(owner)
    owner.locator("form[action='/security/sessions/end/'] button").first.click()
    expect(owner.get_by_role("status")).to_be_visible()
    stranger.goto("/home/")
    expect(stranger).to_have_url(re.compile(r"/login/\?.*ended=1"))

    owner.goto("/security/changes/")
    owner.locator("a.act").first.click()
    if scripts:
        check_axe(owner)
    owner.locator("main form button").first.click()
    owner.wait_for_url("**/security/protected/")
    if scripts:
        check_axe(owner)
    check_no_sideways_scroll(owner)
    owner.goto("/statement/")
    expect(owner).to_have_url(re.compile("/security/protected/"))
    owner.goto("/home/")
    expect(owner.locator(".needs").first).to_be_visible()
    try_password(stranger, number)
    stranger.goto("/home/")
    expect(stranger).to_have_url(re.compile("/login/"))


def test_id_19_a_copy_of_ones_data_the_deletion_called_off_the_cabinet_off_and_on(
    operator: Operator, open_page: NewPage, tmp_path: Path
) -> None:
    number = operator.spare_number()
    page = open_page()
    enter_by_code_and_set_password(operator, page, number)
    page.goto("/security/data/")
    with page.expect_download() as download:
        page.locator("form[action='/security/data/copy/'] button").click()
    kept = tmp_path / "copy.zip"
    download.value.save_as(kept)
    with zipfile.ZipFile(io.BytesIO(kept.read_bytes())) as archive:
        assert archive.testzip() is None
        assert {"account.json", "lines.json", "usage.json", "summary.pdf"} <= set(archive.namelist())
        assert number in archive.read("lines.json").decode()

    page.goto("/security/erasure/")
    page.locator("form[action='/security/erasure/ask/'] button").click()
    page.wait_for_url("**/security/erasure/")
    check_axe(page)
    page.locator("form[action='/security/erasure/'] button").click()
    page.wait_for_url("**/security/erasure/?kept")

    page.goto("/security/switch-off/")
    page.locator("form[action='/security/switch-off/'] button").click()
    page.wait_for_url("**/login/?off")
    try_password(page, number)
    expect(page).to_have_url(re.compile("/login/switched-off/"))
    check_axe(page)
    page.goto("/expenses/")
    expect(page).to_have_url(re.compile("/login/switched-off/"))
    page.locator("form[action='/login/switched-off/'] button").click()
    page.goto("/expenses/")
    expect(page).to_have_url(re.compile("/expenses/"))
