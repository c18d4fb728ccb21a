"""Fiscal receipts: one for each payment, asked for until it is registered, real in every tag."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from abonent.config.reactions import REACTIONS
from abonent.demo.fiscal import RegisterOfTheDemo
from abonent.domains.billing import jobs, models
from abonent.domains.billing.fiscal import actions as fiscal
from abonent.domains.billing.fiscal import reactions as reactions_fiscal
from abonent.domains.billing.fiscal import rules
from abonent.domains.billing.fiscal.rules import Operation, Receipt, Seller, Settlement, Subject
from abonent.domains.billing.ports import Fiscal, NotTaken
from abonent.domains.payments.events import PaymentSettled
from tests.factories import bills as make

AT = datetime(2026, 11, 29, 10, 15, tzinfo=UTC)
SELLER = Seller("ООО «Орбита»", "7700000000", "https://cabinet.example")


class Register:
    """A register of the test's own: it answers what stands next, and keeps what it was asked."""

    asked: list[Receipt] = []
    answers: list[Fiscal | Exception | None] = []

    def register(self, receipt: Receipt) -> Fiscal | None:
        self.asked.append(receipt)
        answer = self.answers.pop(0) if self.answers else Fiscal(AT, "9" * 16, 7, 42, "https://check.example/7")
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(autouse=True)
def register(settings) -> Iterator[type[Register]]:
    settings.FISCAL_REGISTER = f"{__name__}.Register"
    settings.ADDRESS = "https://cabinet.example"
    Register.asked, Register.answers = [], []
    with time_machine.travel(AT, tick=False):
        yield Register


def settled(contract_id: int, amount_minor: int = 10_000, method: str = "card", **changed: str) -> PaymentSettled:
    given = {"payment_id": str(uuid4()), "purpose": "top-up", "reference": str(contract_id), "currency": "RUB",
             "method": method, "detail": "•• 4417", "at": AT.isoformat()} | changed  # fmt: skip
    return PaymentSettled(amount_minor=amount_minor, **given)


def receipt(amount_minor: int = 12_200, *, day: date = date(2026, 11, 29), **changed: object) -> Receipt:
    given = {"id": uuid4(), "operation": Operation.INCOME, "name": "Услуги связи", "cash": False, "advance": True,
             "seller": SELLER, "customer": "+79000000001", "made_at": AT} | changed  # fmt: skip
    return rules.receipt(amount_minor=amount_minor, day=day, **given)  # type: ignore[arg-type] # as given


@pytest.mark.parametrize(
    ("day", "advance", "code", "vat"),
    [
        (date(2025, 12, 31), False, 1, 2_033), (date(2025, 12, 31), True, 3, 2_033),
        (date(2026, 1, 1), False, 11, 2_200), (date(2026, 1, 1), True, 12, 2_200),
    ],
)  # fmt: skip
def test_cab_5_a_receipt_has_the_tax_of_its_day_and_says_whether_it_is_an_advance(
    day: date, advance: bool, code: int, vat: int
) -> None:
    value = receipt(12_200, day=day, advance=advance)
    assert [(item.vat_code, item.vat_minor) for item in value.items] == [(code, vat)]
    expected = (Subject.PAYMENT, Settlement.ADVANCE) if advance else (Subject.SERVICE, Settlement.FULL)
    assert (value.items[0].subject, value.items[0].settlement) == expected


def test_cab_5_a_receipt_by_its_tags_adds_up() -> None:
    tags = receipt(123_405, cash=True).tags()
    assert (tags["1020"], tags["1031"], tags["1081"]) == ("1234.05", "1234.05", "0.00")
    [item] = tags["1059"]
    assert (item["1030"], item["1043"], item["1200"], item["1199"], item["1214"]) == (
        "Услуги связи", "1234.05", "222.53", 12, 3,
    )  # fmt: skip
    assert (tags["1209"], tags["1054"], tags["1018"], tags["1008"]) == (4, 1, "7700000000", "+79000000001")


def test_cab_5_a_receipt_reads_back_as_it_was_stored() -> None:
    value = receipt(1, operation=Operation.RETURN)
    assert rules.unpacked(rules.packed(value)) == value


@pytest.mark.django_db
def test_cab_5_a_payment_gets_one_receipt_however_often_it_is_told_of(register: type[Register]) -> None:
    line = make.line("+79000000001")
    event = settled(line.contract_id)
    for _ in range(3):
        reactions_fiscal.receipt_of_payment(**asdict(event))
    assert models.FiscalReceipt.objects.count() == 1
    for _ in range(3):
        jobs.register_receipt(event.payment_id)
    assert len(register.asked) == 1, "what is registered is not asked for again"
    known = fiscal.receipt(UUID(event.payment_id), [line.contract_id])
    assert known.fiscal == Fiscal(AT, "9" * 16, 7, 42, "https://check.example/7")
    assert (known.receipt.customer, known.receipt.total_minor) == ("+79000000001", 10_000)
    assert known.receipt.items[0].settlement is Settlement.FULL, "a contract pays for what it used"
    with pytest.raises(fiscal.NoSuchReceipt):
        fiscal.receipt(UUID(event.payment_id), [line.contract_id + 1])


@pytest.mark.django_db
def test_cab_5_money_for_something_else_is_none_of_our_receipts() -> None:
    reactions_fiscal.receipt_of_payment(**asdict(settled(1, purpose="deposit", reference="DE-1")))
    assert not models.FiscalReceipt.objects.exists()


@pytest.mark.django_db
def test_cab_5_without_a_register_no_receipt_is_made(settings) -> None:
    settings.FISCAL_REGISTER = ""
    reactions_fiscal.receipt_of_payment(**asdict(settled(make.line().contract_id)))
    assert not models.FiscalReceipt.objects.exists()


@pytest.mark.django_db
def test_cab_5_a_receipt_on_its_way_is_asked_for_again_after_a_growing_pause(register: type[Register]) -> None:
    line = make.line()
    event = settled(line.contract_id)
    reactions_fiscal.receipt_of_payment(**asdict(event))
    register.answers = [None, None]
    jobs.register_receipt(event.payment_id)
    known = fiscal.receipt(UUID(event.payment_id), [line.contract_id])
    assert (known.fiscal, known.problem) == (None, "")
    assert fiscal.waiting(AT + timedelta(seconds=19)) == []
    assert fiscal.waiting(AT + timedelta(seconds=20)) == [UUID(event.payment_id)]
    jobs.register_receipt(event.payment_id)
    assert fiscal.waiting(AT + timedelta(seconds=39)) == []
    with time_machine.travel(AT + timedelta(seconds=40), tick=False):
        before = ProcrastinateJob.objects.filter(task_name="register_receipt").count()
        jobs.register_receipts(0)
        assert ProcrastinateJob.objects.filter(task_name="register_receipt").count() == before + 1
        jobs.register_receipt(event.payment_id)
    assert fiscal.waiting(AT + timedelta(days=1)) == []
    assert [asked.id for asked in register.asked] == [UUID(event.payment_id)] * 3


@pytest.mark.django_db
def test_cab_5_a_register_that_is_away_loses_nothing(register: type[Register]) -> None:
    event = settled(make.line().contract_id)
    reactions_fiscal.receipt_of_payment(**asdict(event))
    register.answers = [ConnectionError("away")]
    with pytest.raises(ConnectionError):
        jobs.register_receipt(event.payment_id)
    assert fiscal.waiting(AT + timedelta(minutes=1)) == [UUID(event.payment_id)]


@pytest.mark.django_db
def test_cab_5_a_receipt_that_is_refused_waits_for_staff_and_is_tried_again_when_they_say_so(
    register: type[Register],
) -> None:
    event = settled(make.line().contract_id)
    reactions_fiscal.receipt_of_payment(**asdict(event))
    register.answers = [NotTaken("the drive is full")]
    jobs.register_receipt(event.payment_id)
    jobs.register_receipt(event.payment_id)
    assert len(register.asked) == 1
    assert [(found.receipt.id, found.problem) for found in fiscal.refused()] == [
        (UUID(event.payment_id), "the drive is full")
    ]
    assert fiscal.waiting(AT + timedelta(days=1)) == []
    assert fiscal.try_again(receipt_id=UUID(event.payment_id))
    assert not fiscal.try_again(receipt_id=UUID(event.payment_id))
    jobs.register_receipt(event.payment_id)
    assert fiscal.refused() == []


@pytest.mark.django_db(transaction=True)
def test_cab_5_told_of_a_payment_by_many_at_once_one_receipt_is_written() -> None:
    event = settled(make.line().contract_id)

    def run(_: int) -> None:
        try:
            reactions_fiscal.receipt_of_payment(**asdict(event))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    assert models.FiscalReceipt.objects.count() == 1


def test_cab_5_the_register_of_the_demo_takes_its_time_and_always_says_the_same() -> None:
    value = receipt()
    register = RegisterOfTheDemo()
    assert register.register(value) is None
    with time_machine.travel(AT + timedelta(seconds=21), tick=False):
        made = register.register(value)
        assert made == register.register(value)
    assert made
    assert (made.fiscal_drive, made.registered_at) == ("9" * 16, AT + timedelta(seconds=20))
    assert made.fiscal_sign > 0 < made.fiscal_document


def test_every_settled_payment_and_refund_is_answered_by_a_receipt() -> None:
    answers = [path for paths in REACTIONS.values() for path in paths]
    assert f"{reactions_fiscal.__name__}.receipt_of_payment" in answers
    assert f"{reactions_fiscal.__name__}.receipt_of_refund" in answers
