"""Where a promised payment shows beside its own pages: home, statement, expenses, the copy of one's data."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from abonent.domains.billing import queries_export
from abonent.foundation.clock import now
from tests.entrypoints.portal.billing.test_promised import regular, taken
from tests.factories import billing, cabinet, identity, statement
from tests.factories import promised as make

pytestmark = pytest.mark.django_db


def test_cab_8_home_says_until_when_and_how_much_is_repaid() -> None:
    line = cabinet.line()
    client = identity.browser(line)
    assert "Обещанный платёж: вернуть" not in cabinet.words(client)
    # A process reads a tariff once and remembers it.
    before = cabinet.queries_of(client)
    make.rules()
    statement.fee(line, now() - timedelta(days=20), 90_000)
    make.take(line, at=now())
    make.pay(line, 2_500, at=now())
    text = cabinet.words(client)
    assert re.search(r"Обещанный платёж: вернуть 75,00 ₽ до \d+ \w+, 09:00, возвращено 25,00 ₽", text), text
    assert "Возвращён обещанный платёж" in text
    assert "Плата за обещанный платёж" in text
    assert cabinet.queries_of(client) == before <= 6
    make.pay(line, 7_500, at=now())
    assert "Обещанный платёж: вернуть" not in cabinet.words(client)


def test_cab_8_the_statement_shows_each_sum_and_leads_to_its_reason() -> None:
    line = regular()
    client = identity.browser(line)
    address = taken(client)
    make.pay(line, 2_500, at=now())
    text = cabinet.words(client, "/statement/")
    for said in ("Пополнение Обещанный платёж", "+100,00 ₽", "Возвращено Обещанный платёж", "−25,00 ₽",
                 "Плата за обещанный платёж", "−10,00 ₽"):  # fmt: skip
        assert said in text, f"{said!r} not in {text}"
    page = client.get("/statement/").content.decode()
    reasons = set(re.findall(r'href="(/promised/[^"]+|/statement/charge/[^"]+)"', page))
    assert address in reasons
    fee = billing.rows("select fee_charge_id from billing_promise")[0][0]
    assert f"/statement/charge/{fee}/" in reasons
    for reason in reasons:
        assert client.get(reason, follow=True).status_code == 200
    back = billing.rows("select id from billing_repayment")[0][0]
    assert client.get(f"/promised/{back}/")["Location"] == address
    why = cabinet.words(client, f"/statement/charge/{fee}/")
    for said in ("Почему 10,00 ₽", "Плата за обещанный платёж", "Обещанный платёж 100,00 ₽ до",
                 "Условия действуют с 1 января 2025"):  # fmt: skip
        assert said in why, f"{said!r} not in {why}"
    assert "Тариф" not in why.replace("Тариф «", "")
    for extension in ("csv", "xlsx", "pdf"):
        assert client.get(f"/statement/statement.{extension}").status_code == 200
    totals = cabinet.words(client, "/statement/?type=fees")
    assert "Плата за обещанный платёж" in totals


def test_cab_8_expenses_name_the_fee_and_lead_to_it() -> None:
    client = identity.browser(regular())
    taken(client)
    text = cabinet.words(client, "/expenses/")
    assert "Плата за обещанный платёж 1" in text
    assert "Обещанный платёж 1" not in text.replace("Плата за обещанный платёж 1", ""), "what is lent is no expense"


def test_cab_8_it_stands_in_the_copy_of_ones_data() -> None:
    line = regular()
    make.take(line, at=now())
    make.pay(line, 500, at=now())
    part = next(
        part
        for part in queries_export.parts(line_ids=[line.id], contract_ids=[line.contract_id], payer_id=0)
        if part.name == "promised-payments"
    )
    rows = billing.rows(part.sql, part.parameters)
    assert len(rows) == 1
    assert rows[0][-1][0]["amount_minor"] == 500
