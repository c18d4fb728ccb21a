"""Charges that a customer does not agree with, on the pages of the cabinet (CAB-18, CAB-2)."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from abonent.domains.support import models
from abonent.domains.support.rules import Role
from tests.drills.hostile import EVIL
from tests.factories import cabinet, identity, payments, support
from tests.factories import corrections as make
from tests.factories import disputes as written
from tests.factories.cabinet import words

pytestmark = pytest.mark.django_db
GIVEN = {"reason": "not ordered", "comment": "Этой услуги у меня нет"}


@pytest.fixture(autouse=True)
def bank(settings: Any) -> payments.Bank:
    return payments.open_bank(settings)


def test_cab_18_from_the_reason_of_a_charge_to_the_answer() -> None:
    line = cabinet.line()
    client = identity.browser(line)
    charge_id = make.charge(line, 15_000)
    why = client.get(f"/statement/charge/{charge_id}/").content.decode()
    address = f"/disputes/charge/{charge_id}/"
    assert f'href="{address}"' in why
    assert "−150,00 ₽" in words(client, address)
    response = client.post(address, GIVEN)
    number = models.Dispute.objects.get().pk
    assert response["Location"] == f"/disputes/{number}/?new"
    page = words(client, response["Location"])
    for said in (f"Обращение № {number}", "Ответим до", "Этой услуги у меня нет", "Ждёт нас"):
        assert said in page, said
    assert f"обращение № {number}" in words(client, f"/statement/charge/{charge_id}/")
    assert client.get(address)["Location"] == f"/disputes/{number}/"
    assert client.post(address, GIVEN)["Location"] == f"/disputes/{number}/"
    assert models.Dispute.objects.count() == 1
    agent = support.agent(Role.CONTACT_CENTRE)
    written.answered(agent, written.taken(agent, number))
    assert "Услуга подключена кодом" in words(client, f"/disputes/{number}/")
    assert "Дан ответ" in words(client, "/disputes/")


def test_cab_18_a_payment_leads_there_from_its_receipt_and_somebody_elses_does_not(bank: payments.Bank) -> None:
    line = cabinet.line()
    client, stranger = identity.browser(line), identity.browser()
    payment_id = make.paid(bank, line)
    assert f"/disputes/payment/{payment_id}/" in client.get(f"/payments/{payment_id}/").content.decode()
    address = f"/disputes/payment/{payment_id}/"
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, GIVEN).status_code == 404
    assert not models.Dispute.objects.exists()
    assert client.post(address, GIVEN | {"reason": "not mine"}).status_code == 302
    number = models.Dispute.objects.get().pk
    assert stranger.get(f"/disputes/{number}/").status_code == 404
    assert f"№ {number}" not in words(stranger, "/disputes/")


def test_cab_18_what_is_not_there_is_not_found() -> None:
    client = identity.browser()
    for address in (f"charge/{uuid4()}/", f"payment/{uuid4()}/", "999999/", f"{10**25}/"):
        assert client.get(f"/disputes/{address}").status_code == 404
        assert client.post(f"/disputes/{address}", GIVEN).status_code in (404, 405)
    assert not models.Dispute.objects.exists()


UNCLEAR: tuple[tuple[dict[str, str], str], ...] = (
    ({"reason": ""}, "Выберите, что не так"), ({"reason": "no such"}, "Выберите, что не так"),
    ({"comment": ""}, "Напишите несколько слов"), ({"comment": " \n "}, "Напишите несколько слов"),
    ({"comment": "x" * 1500}, "до 1 000 символов"), ({"comment": "\0"}, "Напишите несколько слов"),
    ({"reason": EVIL, "comment": EVIL[:2]}, "Выберите, что не так"),
)  # fmt: skip


def test_cab_18_what_is_unclear_comes_back_with_what_was_typed() -> None:
    line = cabinet.line()
    client = identity.browser(line)
    address = f"/disputes/charge/{make.charge(line)}/"
    for changed, said in UNCLEAR:
        response = client.post(address, GIVEN | changed)
        page = response.content.decode().replace("\N{NO-BREAK SPACE}", " ")
        assert response.status_code == 200, changed
        assert "error-summary" in page, changed
        assert said in page, changed
        if "comment" not in changed:
            assert GIVEN["comment"] in page
        else:
            assert re.search('value="not ordered" checked', page) or "reason" in changed
    assert not models.Dispute.objects.exists()


def test_cab_18_nobody_is_asked_before_signing_in_and_the_pages_take_few_queries() -> None:
    assert Client().get("/disputes/")["Location"].startswith("/login/")
    line = cabinet.line()
    client = identity.browser(line)
    for _ in range(10):
        number = written.opened(line, written.of_charge(make.charge(line, 100)))
    refused = client.post(f"/disputes/charge/{make.charge(line)}/", GIVEN)
    assert refused.status_code == 409
    assert "Дождитесь" in refused.content.decode()
    assert cabinet.queries_of(client, "/disputes/") <= 4
    assert cabinet.queries_of(client, f"/disputes/{number}/") <= 4
    assert "Опаздываем" not in words(client, "/disputes/")
