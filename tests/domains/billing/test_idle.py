"""Numbers that nobody uses: warned of, blocked, brought back, given away (ID-19, CAB-13)."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.billing import models, queries, reactions
from abonent.domains.billing.idle import actions as idle
from abonent.domains.billing.idle import queries as idle_queries
from abonent.domains.billing.idle import rules as idle_rules
from abonent.domains.billing.idle.actions import Done
from abonent.domains.billing.idle.rules import DEFAULT, Standing, Step, Terms, check, due
from abonent.domains.identity.models import Account
from abonent.domains.lines import actions as lines_actions
from abonent.domains.lines import models as tables
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.bars import queries as bars_queries
from abonent.domains.lines.bars.rules import Kind
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.models import Message
from abonent.domains.usage.rules import Direction
from abonent.foundation.values.terms import InvalidTerms
from tests.factories import lines, network, promised
from tests.factories.billing import Use, store
from tests.factories.network import Switch

DAY = timedelta(days=1)
AT = datetime(2026, 12, 1, 7, tzinfo=UTC)
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))


@pytest.fixture(autouse=True)
def today() -> object:
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


def idle_line(days: int = 400, **known: object) -> Line:
    return lines.line(opened_at=AT - days * DAY, **known)  # type: ignore[arg-type] # as the caller gives it


def run(at: datetime = AT) -> Done:
    """Run on that day, as the worker does."""
    with time_machine.travel(at, tick=False):
        return idle.run(at=at)


def told(template: str) -> int:
    return Message.objects.filter(template=template, channel="sms").count()


def blocked(line: Line) -> bool:
    return bars_queries.stands(line.id, Kind.UNUSED) is not None


@pytest.mark.django_db
def test_id_19_a_number_is_warned_thirty_seven_and_one_days_before_then_blocked_then_given_away() -> None:
    line = idle_line(152)
    assert run() == Done()
    happened = []
    for day in range(1, 70):
        done = run(AT + day * DAY)
        if done != Done():
            happened.append((152 + day, done))
    assert happened == [
        (153, Done(warned=1)), (176, Done(warned=1)), (182, Done(warned=1)), (183, Done(blocked=1)),
        (213, Done(released=1)),
    ]  # fmt: skip
    assert told("idle soon") == 3
    row = tables.Line.objects.get(id=line.id)
    assert (row.close_reason, row.closed_at is not None) == ("number released", True)


@pytest.mark.django_db
def test_id_19_a_run_again_on_one_day_does_nothing_twice() -> None:
    idle_line(160)
    assert (run(), run(AT + timedelta(hours=3))) == (Done(warned=1), Done())
    assert told("idle soon") == 1


@pytest.mark.django_db
def test_id_19_nobody_is_blocked_without_a_warning_however_long_nobody_used_it() -> None:
    line = idle_line(400)
    assert run() == Done(warned=1)
    assert models.IdleLine.objects.get().blocks_on == date(2026, 12, 8)
    assert [run(AT + day * DAY) for day in range(1, 8)][-2:] == [Done(warned=1), Done(blocked=1)]
    assert blocked(line)


@pytest.mark.django_db
def test_id_19_usage_that_costs_and_money_are_use_and_incoming_calls_are_none() -> None:
    called, was_called, paid, silent = (idle_line() for _ in range(4))
    store([Use(called.number, AT - DAY), Use(was_called.number, AT - DAY, direction=Direction.IN)])
    promised.pay(paid, 10_000, at=AT - DAY)
    assert run() == Done(warned=2)
    found = set(models.IdleLine.objects.values_list("line_id", flat=True))
    assert found == {was_called.id, silent.id}


@pytest.mark.django_db
def test_id_19_services_without_use_of_their_own_are_left_alone_by_the_terms() -> None:
    idle_line(service="satellite", number="sat-1")
    net = idle_line(service="internet", number="net-1")
    assert run() == Done()
    idle.publish_rules(valid_from=date(2026, 12, 2), terms=replace(DEFAULT, services=("mobile", "internet")))
    assert run() == Done()
    assert run(AT + DAY) == Done(warned=1)
    assert models.IdleLine.objects.get().line_id == net.id


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("unused", "idle_days", "warned", "blocks"), [(182, 250, [38, 61, 67], 68), (153, 100, [7, 13], 14)],
    ids=["longer", "shorter"],
)  # fmt: skip
def test_id_19_once_the_terms_name_another_day_the_warnings_begin_anew(
    unused: int, idle_days: int, warned: list[int], blocks: int
) -> None:
    line = idle_line(unused)
    assert run() == Done(warned=1)
    run(AT + 6 * DAY)
    terms = replace(DEFAULT, idle_days=idle_days)
    idle.publish_rules(valid_from=date(2026, 12, 8), terms=terms)
    done = {day: run(AT + day * DAY) for day in range(7, blocks + 1)}
    assert [day for day, one in done.items() if one.warned] == warned
    assert [day for day, one in done.items() if one.blocked] == [blocks]
    days = Message.objects.filter(template="idle soon", channel="sms").order_by("created_at")
    told_days = [message.params["day"] for message in days][-len(warned) :]
    assert set(told_days) == {(AT + blocks * DAY).date().isoformat()}
    assert blocked(line)


@pytest.mark.django_db
def test_cab_13_days_on_which_its_owner_had_it_blocked_are_no_want_of_use() -> None:
    lately, now_blocked = idle_line(), idle_line()
    for line in (lately, now_blocked):
        bars.impose(line_id=line.id, kind=Kind.VOLUNTARY, by="self", at=AT - 300 * DAY)
    bars.lift(line_id=lately.id, kind=Kind.VOLUNTARY, by="self", at=AT - 100 * DAY)
    assert run() == Done()


@pytest.mark.django_db
def test_id_19_a_call_after_the_warning_ends_it() -> None:
    line = idle_line(160)
    run()
    store([Use(line.number, AT + DAY)])
    assert run(AT + 2 * DAY) == Done()
    assert not models.IdleLine.objects.exists()


@pytest.mark.django_db
def test_id_19_the_network_is_told_of_the_block_and_of_its_end(switch: Switch) -> None:
    line = _blocked_line()
    network.sweep(AT + 7 * DAY)
    assert switch.on[line.number] == {"bar-all"}
    with time_machine.travel(AT + 10 * DAY, tick=False):
        assert idle.lift(line_id=line.id, by="self", at=AT + 10 * DAY)
        assert not idle.lift(line_id=line.id, by="self", at=AT + 10 * DAY)
    network.sweep(AT + 10 * DAY)
    assert (switch.on[line.number], blocked(line)) == (set(), False)
    assert run(AT + 11 * DAY) == Done(), "it has another half a year"
    assert told("idle lifted") == 1


@pytest.mark.django_db
def test_id_19_money_lifts_the_block_at_once() -> None:
    line = _blocked_line()
    with time_machine.travel(AT + 9 * DAY, tick=False):
        promised.pay(line, 10_000, at=AT + 9 * DAY)
        reactions.charge_what_waited(contract_ids=[line.contract_id])
        reactions.charge_what_waited(contract_ids=[line.contract_id])
    assert not blocked(line)
    assert not models.IdleLine.objects.exists()


@pytest.mark.django_db
def test_id_19_the_owner_is_told_by_e_mail_once_no_sms_arrives() -> None:
    line = idle_line(182)
    account_id = lines_actions.open_line(line_id=line.id, language="en", at=AT)
    Account.objects.filter(id=account_id).update(email="anna@orbita.example")
    for day in range(60):
        run(AT + day * DAY)
    letters = Message.objects.filter(channel="email", template__startswith="idle").order_by("created_at")
    assert list(letters.values_list("template", flat=True)) == [
        "idle soon", "idle soon", "idle blocked", "idle release soon", "idle released"
    ]  # fmt: skip


@pytest.mark.django_db
def test_id_19_what_is_on_the_balance_is_owed_after_the_number_is_gone() -> None:
    line = idle_line(400)
    promised.pay(line, 12_345, at=AT - 300 * DAY)
    for day in range(60):
        run(AT + day * DAY)
    assert tables.Line.objects.get(id=line.id).closed_at
    assert queries.balance(line.contract_id) == 12_345


@pytest.mark.django_db
def test_perf_a_batch_is_two_statements_however_many_lines_are_in_use() -> None:
    for _ in range(5):
        store([Use(idle_line().number, AT - days * DAY) for days in range(1, 40)])
    with CaptureQueriesContext(connection) as captured:
        assert run() == Done()
    # The lines that were warned, the terms; of a batch its end and its idle ones; that there is no other batch.
    assert len(captured) == 5
    since = AT - 150 * DAY
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as looked:
        assert idle_queries.idle_since(since, idle_queries.UNPUBLISHED, AT.date(), after=0, until=2**40) == []
        cursor.execute("set local enable_seqscan = off")
        cursor.execute(f"explain {looked[0]['sql']}")
        plan = "\n".join(row for (row,) in cursor.fetchall())
    reads = [row for row in plan.splitlines() if " on usage_record" in row]
    assert reads
    assert all("Index" in row for row in reads), plan


@given(st.integers(0, 500), DAYS, st.sampled_from(["Europe/Moscow", "Asia/Kamchatka", "America/New_York", "UTC"]))
def test_id_19_whatever_the_zone_use_on_or_after_the_cutoff_keeps_from_the_first_warning(
    ago: int, day: date, name: str
) -> None:
    zone = ZoneInfo(name)
    used = datetime(day.year, day.month, day.day, 23, 59, tzinfo=zone) - timedelta(days=ago)
    standing = Standing(used.astimezone(zone).date())
    cut = idle_rules.cutoff(DEFAULT, day, zone)
    assert (used < cut) == (due(DEFAULT, standing, day) is not None), "what the run asks for is what is due"


@given(st.integers(1, 400), st.integers(2, 60), st.lists(st.integers(1, 200), min_size=1, max_size=4, unique=True))
def test_id_19_day_by_day_all_warnings_come_before_the_block_and_the_block_before_the_release(
    idle_days: int, grace: int, warnings: list[int]
) -> None:
    warn_days = tuple(sorted(warnings, reverse=True))
    terms = Terms(idle_days, warn_days, min(7, warn_days[0]), grace, 1, ("mobile",))
    try:
        check(terms)
    except InvalidTerms:
        return
    standing, steps = Standing(date(2026, 1, 1)), []
    for offset in range(idle_days + grace + 2):
        today = standing.active_on + timedelta(days=offset)
        step = due(terms, standing, today)
        steps += [(step, offset)] if step else []
        if step is Step.WARN:
            left = (idle_rules.blocks_on(terms, standing, today) - today).days
            standing = replace(
                standing, warned_on=standing.warned_on or today, warned_days=idle_rules.warning_of(terms, left)
            )
        elif step is Step.BLOCK:
            standing = replace(standing, blocked_on=today)
        elif step is Step.WARN_OF_RELEASE:
            standing = replace(standing, release_warned=True)
    kinds = [step for step, _ in steps]
    expected = [Step.WARN] * len(warn_days) + [Step.BLOCK, Step.WARN_OF_RELEASE, Step.RELEASE]
    assert kinds[: len(expected)] == expected
    assert dict(steps[: len(expected)])[Step.BLOCK] == idle_days


@pytest.mark.parametrize(
    "wrong",
    [
        {"idle_days": 0}, {"warn_days": ()}, {"warn_days": (1, 7)}, {"warn_days": (200,)}, {"notice_days": 31},
        {"grace_days": 0}, {"release_warn_days": 30}, {"services": ("satellite",)},
    ],
)  # fmt: skip
def test_id_19_terms_that_warn_nobody_or_never_end_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidTerms):
        check(replace(DEFAULT, **wrong))  # type: ignore[arg-type] # wrong on purpose
    assert Terms.from_json(DEFAULT.to_json()) == DEFAULT


def _blocked_line() -> Line:
    line = idle_line(400)
    run(AT)
    run(AT + 6 * DAY)
    assert run(AT + 7 * DAY) == Done(blocked=1)
    return line


@pytest.fixture
def switch(settings: object) -> Switch:
    return network.open_network(settings)


@pytest.mark.django_db
def test_id_19_who_was_warned_of_the_release_late_has_as_many_days_as_anybody() -> None:
    line = idle_line(300)
    for days in (0, 7):
        run(AT + days * DAY)
    assert blocked(line)
    # No run looked for two months.
    late, last = AT + 70 * DAY, DEFAULT.release_warn_days
    assert run(late) == Done()
    assert models.IdleLine.objects.get().release_on == (late + last * DAY).date()
    assert run(late + (last - 1) * DAY) == Done()
    assert run(late + last * DAY) == Done(released=1)


@pytest.mark.django_db
def test_perf_a_line_for_whom_nothing_is_due_today_costs_no_transaction() -> None:
    assert [idle_line(300) for _ in range(5)]
    assert run() == Done(warned=5)
    with CaptureQueriesContext(connection) as captured:
        assert run(AT + DAY) == Done()
    assert len(captured) == 5
    assert run(AT + 7 * DAY) == Done(blocked=5)


def _run_in_thread() -> Done:
    try:
        return idle.run(at=AT)
    finally:
        connection.close()


def _kill_who_waits() -> None:
    """End the connection that waits for a lock, as a worker does that is killed."""
    for _ in range(200):
        with connection.cursor() as cursor:
            # What is known of others is kept for the length of a transaction.
            cursor.execute("select pg_stat_clear_snapshot()")
            cursor.execute(
                """select pg_terminate_backend(pid) from pg_stat_activity
                    where datname = current_database() and wait_event_type = 'Lock'"""
            )
            if cursor.fetchone():
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")


@pytest.mark.django_db(transaction=True)
def test_id_19_a_run_that_is_killed_at_a_line_has_done_what_it_did_and_the_next_does_the_rest() -> None:
    every = [idle_line(300) for _ in range(6)]
    with ThreadPoolExecutor(1) as worker, transaction.atomic():
        tables.Line.objects.select_for_update().get(id=every[3].id)
        killed = worker.submit(_run_in_thread)
        _kill_who_waits()
        error = killed.exception(timeout=60)
    assert error is not None
    stood = set(models.IdleLine.objects.values_list("line_id", flat=True))
    assert {line.id for line in every[:3]} <= stood
    assert every[3].id not in stood
    assert run() == Done(warned=6 - len(stood))
    assert run() == Done()
    assert (models.IdleLine.objects.count(), told("idle soon")) == (6, 6)
