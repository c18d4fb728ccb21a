"""The page of cashback (CAB-17): partners and rates, what waits, came and went back, and where else it is seen."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from abonent.domains.billing.cashback.rules import Terms
from abonent.foundation.clock import now
from tests.factories import cabinet, identity
from tests.factories import cashback as make
from tests.factories.cabinet import words

pytestmark = pytest.mark.django_db


def test_cab_17_it_shows_partners_what_waits_what_came_and_what_went_back() -> None:
    line = cabinet.line()
    client = identity.browser(line)
    assert "Сейчас партнёров нет" in words(client, "/cashback/")
    make.partner()
    make.partner("lavka", Terms(250, 100_00, 300_00, 0))
    make.partner(terms=Terms(700, 1, 1, 1), valid_from=(now() + timedelta(days=30)).date())
    page = words(client, "/cashback/")
    for said in (
        "«Kometa»: 5 %", "«Lavka»: 2,5 %", "до 100,00 ₽ за покупку · до 150,00 ₽ в месяц",
        "придёт через 3 дня после покупки", "кроме: «табак»", "7 %", "Покупок пока нет",
    ):  # fmt: skip
        assert said in page, said
    make.take(make.row(line))
    waiting = words(client, "/cashback/")
    assert "Ожидается 50,00 ₽" in waiting
    assert "придёт, если товар не вернут" in waiting
    make.accrue()
    make.take(make.row(line, "400.00", state="returned"))
    page = words(client, "/cashback/")
    for said in (
        "Пришло на счёт 50,00 ₽",
        "Ушло обратно за возвраты 20,00 ₽",
        "возвращено товаров на 400,00 ₽",
        "+30,00 ₽",
    ):
        assert said in page, said
    with time_machine.travel(now() + make.HOLD):
        found = words(identity.browser(line), "/payments/")
    assert "Возврат кешбэка «Kometa»" in found
    assert "Кешбэк «Kometa»" in found


def test_cab_17_another_sees_none_of_it_and_the_page_takes_few_queries() -> None:
    assert Client().get("/cashback/")["Location"].startswith("/login/")
    make.partner()
    line = cabinet.line()
    for number in range(20):
        make.take(make.row(line, "9000.00", purchase_id=f"T-{number}"))
    make.take(make.row(line, purchase_id="smoke", category="табак"))
    make.take(make.row(line, purchase_id="back"))
    make.take(make.row(line, purchase_id="back", state="returned"))
    assert "Ожидается" not in words(identity.browser(), "/cashback/")
    make.accrue()
    client = identity.browser(line)
    page = words(client, "/cashback/")
    for said in ("за эти товары кешбэка нет", "покупка возвращена целиком", "лимит месяца исчерпан"):
        assert said in page, said
    assert cabinet.queries_of(client, "/cashback/") <= 7
