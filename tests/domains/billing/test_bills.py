"""Monthly bills: one per contract and month, from one balance to the next, never changed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction

from abonent.domains.billing import models, queries
from abonent.domains.billing.bills import actions as bills
from abonent.domains.billing.bills.actions import NotCorrected, Unexplained
from abonent.domains.messaging import models as messaging
from tests.factories import bills as make
from tests.factories import identity
from tests.factories.bills import local

OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)


@pytest.mark.django_db
def test_cab_5_a_bill_leads_from_one_balance_to_the_next_by_line_and_category() -> None:
    main = make.line()
    child = make.line(of=main)
    make.charge(main, local(2026, 10, 7), 40_000)
    make.charge(main, local(2026, 11, 5), 65_000)
    make.charge(main, local(2026, 11, 9), 1_230, "calls")
    make.charge(main, local(2026, 11, 10), 1_230, "calls")
    make.charge(child, local(2026, 11, 11), 99, "messages")
    make.pay(main, local(2026, 11, 12), 40_000, "sbp", "•• 4417")
    [bill] = make.issue(NOVEMBER)
    assert bill.number == f"{bill.payer.contract_number}/2026-11"
    assert (bill.opening_minor, bill.paid_minor, bill.charged_minor, bill.closing_minor) == (
        -40_000, 40_000, 67_559, -67_559,
    )  # fmt: skip
    assert [(line.number, line.category, line.count, line.amount_minor, line.vat_minor) for line in bill.lines] == [
        (main.number, "fee", 1, 65_000, 11_721),
        (main.number, "calls", 2, 2_460, 444),
        (child.number, "messages", 1, 99, 18),
    ]
    assert (bill.vat_minor, bill.vat_by_rate()) == (12_183, [(22, 67_559, 12_183)])
    assert [(paid.method, paid.detail, paid.amount_minor) for paid in bill.payments] == [("sbp", "•• 4417", 40_000)]
    assert bill.payer.name == "Орлова Анна Ивановна"
    assert (bill.due_on, bill.due_minor) == (date(2026, 12, 20), 67_559)
    assert bill.closing_minor == queries.balance(main.contract_id)


@pytest.mark.django_db
def test_cab_5_a_bill_is_made_once_and_for_those_alone_who_pay_afterwards() -> None:
    prepaid, silent, owing = make.line(payment="prepaid"), make.line(), make.line()
    for line in (prepaid, owing):
        make.charge(line, local(2026, 11, 5), 100)
    assert [bill.contract_id for bill in make.issue(NOVEMBER)] == [owing.contract_id]
    before = list(models.Bill.objects.values())
    assert bills.issue(month=NOVEMBER, at=local(2026, 12, 9)) == 0
    assert list(models.Bill.objects.values()) == before
    assert not models.Bill.objects.filter(contract_id=silent.contract_id).exists()


@pytest.mark.django_db
def test_cab_5_a_bill_that_was_issued_cannot_be_changed() -> None:
    make.charge(make.line(), local(2026, 11, 5), 100)
    make.issue(NOVEMBER)
    before = list(models.Bill.objects.values())
    for change in (
        "update billing_bill set charged_minor = 0, closing_minor = opening_minor",
        "delete from billing_bill",
    ):
        with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
    assert list(models.Bill.objects.values()) == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("month", "at"), [(NOVEMBER, local(2026, 11, 30, 23, 59)), (date(2026, 11, 2), local(2027, 1, 1)),
                      (DECEMBER, local(2026, 12, 3))],
)  # fmt: skip
def test_cab_5_no_bill_is_made_of_a_month_that_goes_on(month: date, at: datetime) -> None:
    make.charge(make.line(), local(2026, 11, 5), 100)
    with pytest.raises(ValueError, match="a month that is over"):
        bills.issue(month=month, at=at)
    assert not models.Bill.objects.exists()


@pytest.mark.django_db
def test_cab_5_what_came_late_stands_in_the_next_bill_with_its_own_month_and_tax() -> None:
    """A record of December 2025, when the tax was 20 %, becomes known in January."""
    line = make.line()
    make.charge(line, local(2025, 12, 5), 60_000)
    [december] = make.issue(date(2025, 12, 1))
    make.charge(line, local(2025, 12, 30), 1_200, "roaming")
    make.charge(line, local(2026, 1, 5), 61_000)
    make.pay(line, local(2025, 12, 31), 5_000)
    [january] = make.issue(date(2026, 1, 1))
    assert january.opening_minor == december.closing_minor == -60_000
    assert [
        (late.category, late.month, late.amount_minor, late.vat_percent, late.vat_minor) for late in january.lines
    ] == [
        ("fee", date(2026, 1, 1), 61_000, 22, 11_000),
        ("late", date(2025, 12, 1), 1_200, 20, 200),
    ]
    assert [(paid.late, paid.amount_minor) for paid in january.payments] == [(True, 5_000)]
    assert january.closing_minor == queries.balance(line.contract_id) == -117_200
    [february] = make.issue(date(2026, 2, 1))
    assert (february.opening_minor, february.lines, february.payments) == (-117_200, (), ())


@pytest.mark.django_db
def test_cab_5_a_charge_that_shrank_after_its_bill_is_given_back_in_the_next() -> None:
    line = make.line()
    charge_id = make.charge(line, local(2026, 10, 5), 1_000, "calls")
    make.issue(OCTOBER)
    with connection.cursor() as cursor:
        cursor.execute("update billing_charge set amount_minor = 400 where id = %s", [charge_id])
    make.move(line, local(2026, 10, 5), 600)
    [november] = make.issue(NOVEMBER)
    assert [(late.category, late.month, late.amount_minor, late.vat_minor) for late in november.lines] == [
        ("late", OCTOBER, -600, -108)
    ]
    assert november.closing_minor == queries.balance(line.contract_id) == -400


@pytest.mark.django_db
def test_cab_5_what_is_older_than_the_first_bill_and_came_late_is_billed_once() -> None:
    line = make.line()
    make.charge(line, local(2026, 8, 5), 700)
    make.charge(line, local(2026, 10, 5), 1_000)
    [october] = make.issue(OCTOBER)
    assert (october.opening_minor, october.closing_minor) == (-700, -1_700)
    make.charge(line, local(2026, 7, 5), 30, "calls")
    [november] = make.issue(NOVEMBER)
    assert [(late.line_id, late.category, late.month, late.amount_minor) for late in november.lines] == [
        (None, "late", date(2026, 9, 1), 30)
    ]
    make.charge(line, local(2026, 11, 5), 4, "calls")
    [december] = make.issue(DECEMBER)
    assert [(late.month, late.amount_minor) for late in december.lines] == [(NOVEMBER, 4)]


@pytest.mark.django_db
def test_cab_5_nobody_gets_a_bill_that_the_ledger_does_not_agree_with_and_the_others_do() -> None:
    """As while a payment is posted already, and its reason is written by a worker a moment later."""
    strange, honest = make.line(), make.line()
    for line in (strange, honest):
        make.charge(line, local(2026, 11, 5), 1_000)
    make.move(strange, local(2026, 12, 1), 250)
    with pytest.raises(Unexplained) as refused:
        make.issue(NOVEMBER)
    assert refused.value.contract_ids == (strange.contract_id,)
    assert list(models.Bill.objects.values_list("contract", flat=True)) == [honest.contract_id]
    make.move(strange, local(2026, 12, 2), -250)
    assert len(make.issue(NOVEMBER)) == 2


@pytest.mark.django_db
def test_cab_5_a_correction_is_a_new_document_that_names_the_old() -> None:
    line = make.line()
    make.charge(line, local(2026, 11, 5), 1_000)
    [old] = make.issue(NOVEMBER)
    make.charge(line, local(2026, 11, 6), 500, "calls")
    new = bills.correct(number=old.number, reason=" Не учтён звонок ", at=local(2026, 12, 5))
    assert (new.number, new.corrects, new.reason) == (f"{old.number}-2", old.number, "Не учтён звонок")
    assert (new.charged_minor, new.due_on) == (1_500, old.due_on)
    again = make.issue(NOVEMBER)
    assert [bill.number for bill in again] == [old.number, new.number]
    assert again[0] == old
    make.charge(line, local(2026, 12, 6), 10)
    [december] = make.issue(DECEMBER)
    assert (december.opening_minor, [one.category for one in december.lines]) == (-1_500, ["fee"])


@pytest.mark.django_db
def test_cab_5_a_correction_that_cannot_be_is_refused_and_nothing_changes() -> None:
    line = make.line()
    make.charge(line, local(2026, 10, 5), 1_000)
    [october] = make.issue(OCTOBER)
    make.charge(line, local(2026, 11, 5), 1_000)
    [november] = make.issue(NOVEMBER)
    before = list(models.Bill.objects.values())
    for number, reason, why in (
        ("nothing/2026-11", "x", "not there"),
        (october.number, "x", "not the newest"),
        (november.number, "  ", "no reason"),
        (november.number, "x", "nothing changed"),
    ):
        with pytest.raises(NotCorrected, match=why):
            bills.correct(number=number, reason=reason, at=local(2026, 12, 5))
    assert list(models.Bill.objects.values()) == before


@pytest.mark.django_db(transaction=True)
def test_cab_5_runs_in_parallel_issue_one_bill_each() -> None:
    lines = [make.line() for _ in range(5)]
    for line in lines:
        make.charge(line, local(2026, 11, 5), 100)

    def run(_: int) -> int:
        try:
            return bills.issue(month=NOVEMBER, at=local(2026, 12, 3))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(4))) == len(lines)
    assert models.Bill.objects.count() == len(lines)
    assert messaging.Message.objects.filter(template="bill", channel="sms").count() == len(lines)


@pytest.mark.django_db
def test_cab_5_a_run_that_was_broken_off_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [make.line() for _ in range(5)]
    for line in lines:
        make.charge(line, local(2026, 11, 5), 100)
    monkeypatch.setattr(bills, "CONTRACTS_AT_ONCE", 2)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""create function pg_temp.break_off() returns trigger language plpgsql as
                $$ begin if new.contract_id = {lines[3].contract_id} then raise 'the disk is full'; end if;
                return new; end $$;
                create trigger break_off before insert on billing_bill for each row execute function pg_temp.break_off()
            """
        )
    with pytest.raises(DatabaseError, match="the disk is full"):
        bills.issue(month=NOVEMBER, at=local(2026, 12, 3))
    billed = models.Bill.objects.values_list("contract", flat=True)
    assert set(billed) == {line.contract_id for line in lines[:2]}, (
        "the first lot is kept, the second undone as a whole"
    )
    with connection.cursor() as cursor:
        cursor.execute("drop trigger break_off on billing_bill")
    assert bills.issue(month=NOVEMBER, at=local(2026, 12, 3)) == 3


@pytest.mark.django_db
def test_cab_5_the_job_makes_up_for_months_slept_through() -> None:
    line = make.line()
    for month in (9, 10, 11):
        make.charge(line, local(2026, month, 5), 100)
    assert bills.issue_due(at=local(2026, 10, 2)) == 0, "August cost nothing, September is not closed before its day"
    assert bills.issue_due(at=local(2026, 10, 3)) == 1
    assert bills.issue_due(at=local(2026, 12, 3)) == 2
    assert bills.issue_due(at=local(2026, 12, 4)) == 0


ZONES = (
    "Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk", "Asia/Krasnoyarsk",
    "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan", "Asia/Kamchatka", "Europe/Berlin",
)  # fmt: skip
EDGES = (date(2024, 2, 1), date(2025, 2, 1), date(2026, 3, 1), date(2026, 10, 1), date(2025, 12, 1), date(2026, 1, 1))


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest, settings) -> Iterator[ZoneInfo]:
    settings.TIME_ZONE = request.param
    return ZoneInfo(request.param)


@pytest.mark.django_db
def test_cab_5_a_month_ends_at_the_operators_midnight_and_no_kopeck_falls_between(zone: ZoneInfo) -> None:
    line = make.line()
    for month in EDGES:
        start = datetime.combine(month, datetime.min.time(), zone)
        moment = timedelta(microseconds=1)
        for number, at in enumerate((start - moment, start, start + moment)):
            make.charge(line, at.astimezone(ZoneInfo("UTC")), 10**number)
    month, charged = date(2024, 1, 1), 0
    while month < date(2026, 12, 1):
        following = (month + timedelta(days=32)).replace(day=1)
        found = make.issue(month, datetime.combine(following, datetime.min.time(), zone))
        for bill in found:
            rate = 22 if month >= date(2026, 1, 1) else 20
            assert {one.vat_percent for one in bill.lines} <= {rate}
            charged += bill.charged_minor
            first = 110 if month in EDGES else 0
            assert bill.charged_minor == first + (1 if following in EDGES else 0)
        month = following
    assert charged == 111 * len(EDGES) == -queries.balance(line.contract_id)


@pytest.mark.django_db
def test_cab_5_a_bill_is_told_by_sms_and_by_a_letter_with_a_link(settings) -> None:
    settings.ADDRESS = "https://cabinet.example"
    settings.SMS_GATEWAY = settings.MAIL_GATEWAY = "tests.nowhere.Gateway"
    line = make.line("+79000000001")
    identity.browser(line)
    with connection.cursor() as cursor:
        cursor.execute("update identity_account set email = 'anna@mail.example'")
    make.charge(line, local(2026, 11, 5), 123_450)
    [bill] = make.issue(NOVEMBER, told=True)
    assert identity.last_text("+79000000001").replace("\N{NO-BREAK SPACE}", " ") == (
        f"Счёт за ноябрь 2026: 1 234,50 ₽, оплатите до 20 декабря. https://cabinet.example/bills/{bill.id}/"
    )
    letter = identity.last_text("anna@mail.example").replace("\N{NO-BREAK SPACE}", " ")
    assert bill.number in letter
    assert f"https://cabinet.example/bills/{bill.id}/" in letter
    assert line.number not in letter
    [message] = messaging.Message.objects.filter(template="bill", channel="email")
    assert message.recipient == "anna@mail.example"


@pytest.mark.django_db
def test_cab_5_nobody_is_texted_about_a_bill_with_nothing_to_pay() -> None:
    line = make.line("+79000000001")
    make.pay(line, local(2026, 11, 4), 5_000)
    make.charge(line, local(2026, 11, 5), 5_000)
    make.issue(NOVEMBER, told=True)
    assert not messaging.Message.objects.filter(template="bill", channel="sms").exists()
