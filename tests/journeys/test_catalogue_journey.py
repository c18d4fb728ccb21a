"""A service gets another price: drafted by one, compared, seen as customers will, published by another (OPS-3)."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import NewPage, Operator
from tests.journeys.test_staff_journey import enter
from tests.journeys.test_staff_money_journey import look_at

pytestmark = pytest.mark.journey
WRITER, LEAD = "lebedeva", "zhukov"


def test_ops_3_a_price_is_drafted_by_one_and_published_by_another(operator: Operator, open_page: NewPage) -> None:
    writer = open_page(width=1280)
    enter(operator, writer, WRITER)
    writer.goto("/staff/catalogue/")
    look_at(writer, 320)
    look_at(writer, 1280)
    writer.goto("/staff/catalogue/new/offer/")
    look_at(writer, 320)
    for kind in ("package", "tariff", "shop"):
        writer.goto(f"/staff/catalogue/new/{kind}/")
        look_at(writer, 320)
        look_at(writer, 1280)
    writer.goto("/staff/catalogue/new/package/")
    writer.fill("input[name=size_0_amount]", "2 GB")
    writer.locator("button[name=more]").click()
    expect(writer.locator("input[name=size_1_amount]")).to_be_visible()
    expect(writer.locator("input[name=size_0_amount]")).to_have_value("2 GB")
    writer.goto("/staff/catalogue/?q=missed-calls")
    writer.locator("form:has(input[name=since]) button[value=anew]").click()
    writer.wait_for_url("**/edit/")
    writer.fill("input[name=fee]", "-5")
    writer.locator("main form button[type=submit]").last.click()
    expect(writer.locator(".error-summary")).to_be_visible()
    look_at(writer, 320)
    writer.fill("input[name=fee]", "29.90")
    writer.locator("main form button[type=submit]").last.click()
    writer.wait_for_url("**/?saved")
    expect(writer.locator("ins", has_text="29")).to_be_visible()
    address = writer.url.partition("?")[0]
    look_at(writer, 320)
    look_at(writer, 1280)
    writer.goto(f"{address}yaml/")
    look_at(writer, 320)
    writer.goto(f"{address}preview/")
    look_at(writer, 320)
    writer.goto(address)
    writer.locator("form[action$='hand-over/'] button").click()
    writer.wait_for_url("**/?hand-over")
    expect(writer.locator("form[action$='publish/']")).to_have_count(0)

    lead = open_page(width=1280)
    enter(operator, lead, LEAD)
    lead.goto(address)
    look_at(lead, 320)
    look_at(lead, 1280)
    lead.locator("form[action$='publish/'] button").click()
    lead.wait_for_url("**/?publish")
    lead.goto("/staff/catalogue/?state=coming&q=missed-calls")
    expect(lead.locator(".hits", has_text="29")).not_to_have_count(0)
