"""The payment gateway's way in: signed it is heard once, for anybody else nothing is there."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from abonent.config.environment_payments import Rbs as Settings
from abonent.domains.ledger.models import Transfer
from abonent.domains.payments import gateway, models
from abonent.domains.payments.states import State
from abonent.integrations.rbs.reading import checksum
from tests.factories import payments

pytestmark = pytest.mark.django_db
ADDRESS, KEY = "/callbacks/payments", "key-of-the-callbacks"


@pytest.fixture
def payment_id(settings: Any) -> Any:
    payments.open_bank(settings)
    begun = payments.start().payment_id
    # From here on the real adapter listens.
    settings.RBS = Settings("http://localhost:9/payment/rest/", "u", "p", KEY, "", (), ("card",), False)
    settings.PAYMENT_GATEWAY = "abonent.integrations.rbs.gateway.Rbs"
    gateway._load.cache_clear()
    yield begun
    gateway._load.cache_clear()


def told(payment_id: Any, **changes: str) -> dict[str, str]:
    fields = {"mdOrder": f"order-{payment_id}", "orderNumber": payment_id.hex, "operation": "deposited",
              "status": "1", "amount": "50000"} | changes  # fmt: skip
    return fields | {"checksum": checksum(KEY, fields)}


def jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name="ask_payment").count()


@pytest.mark.parametrize("method", ["get", "post"])
def test_cab_5_a_signed_callback_is_heard_once_and_the_bank_is_asked(payment_id: Any, method: str) -> None:
    call = getattr(Client(enforce_csrf_checks=True), method)
    for times in (1, 2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = call(ADDRESS, told(payment_id))
        assert (answer.status_code, answer.content) == (200, b"OK")
        assert models.Notice.objects.get().times == times
        assert jobs() == times
        assert len(queries) <= 7
    # It was believed in nothing.
    assert models.Payment.objects.get().state == State.STARTED
    assert not Transfer.objects.exists()


@pytest.mark.parametrize(
    "change",
    [{"checksum": "0" * 64}, {"amount": "1"}, {"status": "0"}, {"mdOrder": "another"}, {"extra": "1"}],
    ids=str,
)
def test_a_forged_callback_finds_nothing(payment_id: Any, change: dict[str, str]) -> None:
    answer = Client().get(ADDRESS, told(payment_id) | change)
    assert answer.status_code == 404
    assert not models.Notice.objects.exists()
    assert jobs() == 0


def test_a_callback_cut_off_or_said_double_finds_nothing(payment_id: Any) -> None:
    whole = Client().get(ADDRESS, told(payment_id)).wsgi_request.META["QUERY_STRING"]
    models.Notice.objects.all().delete()
    for query in (whole[:-10], whole.partition("&")[2], f"{whole}&status=0", ""):
        assert Client().get(f"{ADDRESS}?{query}").status_code == 404
    assert not models.Notice.objects.exists()


def test_a_signed_callback_of_no_use_is_told_why(payment_id: Any) -> None:
    answer = Client().get(ADDRESS, told(payment_id, status="7"))
    assert (answer.status_code, answer.content) == (400, b"status must be 0 or 1")
    assert not models.Notice.objects.exists()


def test_a_callback_about_an_order_that_is_none_of_ours_is_kept_and_moves_nothing(payment_id: Any) -> None:
    assert Client().get(ADDRESS, told(payment_id, orderNumber="f" * 32, mdOrder="x-1")).status_code == 200
    assert jobs() == 0
    assert models.Notice.objects.count() == 1


def test_a_callback_for_another_sum_moves_nothing_by_itself(payment_id: Any) -> None:
    assert Client().get(ADDRESS, told(payment_id, amount="99900000")).status_code == 200
    assert not Transfer.objects.exists()


def test_without_a_gateway_nothing_is_there(payment_id: Any, settings: Any) -> None:
    settings.PAYMENT_GATEWAY = ""
    assert Client().get(ADDRESS, told(payment_id)).status_code == 404
    assert Client().put(ADDRESS).status_code == 404
