"""Registries in the consoles: seen and worked off by accounting alone, once, with a reason and a record."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client

from abonent.domains.billing import models
from abonent.domains.billing.fiscal import actions as fiscal
from abonent.domains.billing.fiscal.rules import Operation
from abonent.domains.billing.registries import actions as registries
from abonent.domains.support.rules import Role
from abonent.foundation.audit import verify
from abonent.foundation.clock import now
from tests.factories import bills, cabinet, support
from tests.factories import registries as make
from tests.factories.cabinet import words

pytestmark = pytest.mark.django_db
ADDRESS = "/staff/registries/"


@pytest.fixture
def client() -> Client:
    return support.browser(support.agent(Role.ACCOUNTING))


@pytest.fixture
def registry(tmp_path: Path) -> str:
    """A registry with two strange orders, one of them doubled in sum only; the address of its page."""
    lines = [make.line(make.payment()), make.line("ЧУЖОЙ-1", 7_700), make.line(make.payment(500), 600)]
    taken = registries.take_in(path=make.registry(tmp_path, lines), at=now())
    return f"{ADDRESS}{taken.registry_id}/"


def differences() -> list[tuple[int, object, str, str]]:
    rows = models.RegistryDifference.objects.order_by("id")
    return list(rows.values_list("id", "resolved_at", "resolved_by", "reason"))


def test_cab_6_a_registry_shows_what_differs_and_what_to_do(client: Client, registry: str) -> None:
    assert "29 ноября 3 1 2 2 183,00 ₽" in words(client, ADDRESS)
    page = words(client, registry)
    assert "строк: 3, сошлось: 1, расхождений: 2, из них открыто: 2" in page
    assert "Там оплачен, у нас не найден строка 4 · там 77,00 ₽ · у нас —" in page
    assert "Другая сумма строка 5 · там 6,00 ₽ · у нас 5,00 ₽" in page
    assert "Открытых" not in page


def test_cab_6_a_difference_is_worked_off_with_a_reason_and_a_record(client: Client, registry: str) -> None:
    [first, second] = differences()
    response = client.post(f"{registry}{first[0]}/", {"reason": "Заказ другого магазина, тел. +79161234567"})
    assert response["Location"] == f"{registry}?worked-off"
    [done, still] = differences()
    assert done[3] == "Заказ другого магазина, тел. +79161234567"
    assert done[2].startswith("А. agent")
    assert still == second
    assert "+79161234567" in words(client, f"{registry}?done")
    [entry] = [entry for entry in verify.newest(5) if entry.action == "difference worked off"]
    assert (entry.details["difference"], entry.details["kind"]) == (first[0], "missing here")
    assert "916" not in str(entry.details), "the reason may name people, the trail must not"


@pytest.mark.parametrize("reason", ["", "   ", "\0"])
def test_cab_6_without_a_reason_nothing_is_worked_off(client: Client, registry: str, reason: str) -> None:
    before = differences()
    response = client.post(f"{registry}{before[0][0]}/", {"reason": reason})
    assert response.status_code == 200
    page = response.content.decode()
    assert f'href="#reason_{before[0][0]}"' in page
    assert "Напишите, что выяснили и сделали" in page
    assert differences() == before


def test_cab_6_a_second_answer_to_a_difference_changes_nothing(client: Client, registry: str) -> None:
    first = differences()[0][0]
    client.post(f"{registry}{first}/", {"reason": "одно"})
    before = differences()
    assert client.post(f"{registry}{first}/", {"reason": "другое"}).status_code == 409
    assert differences() == before


@pytest.mark.parametrize("path", ["999999/", f"{10**25}/", "1/999999/"])
def test_cab_6_what_is_not_there_is_not_found(client: Client, registry: str, path: str) -> None:
    before = differences()
    assert client.get(f"{ADDRESS}{path}").status_code in (404, 405)
    assert client.post(f"{ADDRESS}{path}", {"reason": "x"}).status_code in (404, 405)
    strange = registry.replace(registry.split("/")[-2], str(int(registry.split("/")[-2]) + 1))
    assert client.post(f"{strange}{before[0][0]}/", {"reason": "x"}).status_code == 404, "a difference of another one"
    assert differences() == before


@pytest.mark.parametrize("after", ["x", "-1", "٣", "9" * 30, "", "1' or 1=1"])
def test_cab_6_a_place_in_the_list_that_is_none_is_the_beginning(client: Client, registry: str, after: str) -> None:
    assert "Другая сумма" in client.get(registry, {"after": after}).content.decode()


def test_cab_6_a_long_list_goes_on_on_the_next_page(client: Client, tmp_path: Path) -> None:
    lines = [make.line(uuid4()) for _ in range(101)]
    taken = registries.take_in(path=make.registry(tmp_path, lines), at=now())
    page = client.get(f"{ADDRESS}{taken.registry_id}/").content.decode()
    assert page.count('name="reason"') == 100
    last = differences()[99][0]
    following = client.get(f"{ADDRESS}{taken.registry_id}/?after={last}").content.decode()
    assert following.count('name="reason"') == 1
    assert cabinet.queries_of(client, f"{ADDRESS}{taken.registry_id}/") <= 8


def test_cab_6_nothing_taken_in_is_said(client: Client) -> None:
    assert "Реестров пока не было." in words(client, ADDRESS)


def test_cab_5_a_refused_receipt_is_sent_anew_once(client: Client, settings) -> None:
    settings.FISCAL_REGISTER = "tests.nowhere.Register"
    receipt_id = uuid4()
    line = bills.line()
    fiscal.queue(
        receipt_id=receipt_id, contract_id=line.contract_id, operation=Operation.INCOME, amount_minor=12_300,
        method="card", at=now(),
    )  # fmt: skip
    models.FiscalReceipt.objects.update(problem="накопитель заполнен")
    page = words(client, ADDRESS)
    assert "123,00 ₽" in page
    assert "накопитель заполнен" in page
    assert client.post(f"/staff/receipts/{receipt_id}/")["Location"] == f"{ADDRESS}?sent"
    assert models.FiscalReceipt.objects.get().problem == ""
    assert client.post(f"/staff/receipts/{receipt_id}/").status_code == 409
    assert [entry.action for entry in verify.newest(5)].count("receipt sent anew") == 1
