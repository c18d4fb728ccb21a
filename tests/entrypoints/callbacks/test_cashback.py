"""A partner's way in (CAB-17): who signed is heard once, forged, old and foreign requests find nothing."""

from __future__ import annotations

import json

import pytest
from django.http import HttpResponse
from django.test import Client

from abonent.domains.billing import models
from abonent.domains.billing.cashback import actions as cashback
from abonent.domains.lines.queries import Line
from abonent.entrypoints.callbacks.bodies import signature
from abonent.foundation.clock import now
from tests.factories import cashback as make
from tests.factories import lines

pytestmark = pytest.mark.django_db
ADDRESS = f"/callbacks/cashback/{make.CODE}"


@pytest.fixture
def line() -> Line:
    make.partner()
    make.partner("lavka")
    return lines.line()


def post(
    document: object, *, address: str = ADDRESS, code: str = make.CODE, age_s: float = 0, **more: str
) -> HttpResponse:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    timestamp = str(int(now().timestamp() - age_s))
    signed = signature(more.get("key") or cashback.partner_key(code), timestamp, more.get("path", address), body)
    headers = {"X-Abonent-Timestamp": timestamp, "X-Abonent-Signature": signed}
    return Client(enforce_csrf_checks=True).post(address, body, content_type="application/json", headers=headers)


def taken() -> int:
    return models.CashbackPurchase.objects.count()


def test_cab_17_a_signed_purchase_is_taken_in_once(line: Line) -> None:
    for _ in range(3):
        answer = post(make.row(line))
        assert (answer.status_code, answer.json()) == (200, {"heard": True})
    assert taken() == 1
    assert post(make.row(line, "300.00", state="returned")).status_code == 200
    assert models.CashbackPurchase.objects.get().returned_minor == 30_000


def test_cab_17_a_partner_is_heard_by_the_key_of_an_older_secret(line: Line, settings) -> None:
    old = cashback.partner_key(make.CODE)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [settings.SECRET_KEY]
    assert cashback.partner_key(make.CODE) != old
    assert post(make.row(line), key=old).status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert post(make.row(line, purchase_id="T-2"), key=old).status_code == 404
    assert taken() == 1


def test_cab_17_whatever_the_books_make_of_it_the_answer_is_the_same(line: Line) -> None:
    post(make.row(line))
    before = list(models.CashbackPurchase.objects.values())
    for fields in (
        make.row("+79009999999", purchase_id="T-2"), make.row("12", purchase_id="T-3"), make.row(line, "1.00"),
        make.row(line, purchase_id="T-4", state="returned"), make.row(line, "9000.00", state="returned"),
    ):  # fmt: skip
        answer = post(fields)
        assert (answer.status_code, answer.json()) == (200, {"heard": True}), fields
    assert list(models.CashbackPurchase.objects.values()) == before


NO_USE: tuple[object, ...] = (
    b"", b"[]", b"{", b"null", {"purchase_id": "T-1"}, {"purchase_id": 1}, b"[" * 5000,
    {"purchase_id": "T-1", "number": "+79000000001", "amount": 5, "bought_on": "x", "state": "bought"},
)  # fmt: skip


@pytest.mark.usefixtures("line")
def test_cab_17_a_body_of_no_use_is_told_why() -> None:
    for document in NO_USE:
        answer = post(document)
        assert answer.status_code == 400, document
        assert answer.json()["error"]
    assert taken() == 0


def test_cab_17_forged_old_replayed_elsewhere_and_another_partners_requests_find_nothing(line: Line) -> None:
    fields = make.row(line)
    for answer in (
        post(fields, key="k" * 64), post(fields, age_s=301), post(fields, age_s=-301), post(fields, code="lavka"),
        post(fields, address="/callbacks/cashback/lavka", path=ADDRESS), post(fields, path="/callbacks/cashback/lavka"),
        post(fields, address="/callbacks/cashback/nobody", code="nobody"), Client().get(ADDRESS),
        Client().post(ADDRESS, fields),
    ):  # fmt: skip
        assert answer.status_code in (403, 404), answer
    assert taken() == 0
