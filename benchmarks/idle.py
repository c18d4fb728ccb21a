"""The nightly look for numbers that nobody uses, against one plain query that finds the newest use of every line.

Of the lines one in a hundred is idle; the others were used on each of the last days. The run that finds nothing new is
measured: what it does for an idle line is paid once. Its memory is compared between all lines and a tenth of them.
"""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from benchmarks.environment import platform

# A million with `BENCH_IDLE_LINES=1000000`, which takes minutes.
LINES = int(os.environ.get("BENCH_IDLE_LINES", "100000"))
IDLE = 100
# Of each line that is used: a small part of what half a year holds.
RECORDS = 20
ROUNDS = 3
AT = datetime(2026, 12, 1, 3, tzinfo=UTC)
# Longer ago than any warning needs.
OPENED = AT - timedelta(days=400)
TIMES_PLAIN, TIMES_MEMORY = 2, 1.5
# What somebody writes who wants the same answer without having thought of indexes.
PLAIN = """
    select line.id from lines_line line
      left join (select line_id, max(started_at) as at from usage_record where direction <> 2 group by 1) used
             on used.line_id = line.id
      left join (select account.contract_id, max(booked_at) as at from billing_payment payment
                   join billing_account account on account.id = payment.account_id
                  where payment.amount_minor > 0 group by 1) paid on paid.contract_id = line.contract_id
     where line.closed_at is null and line.service = 'mobile'
       and greatest(line.opened_at, used.at, paid.at) < %s
"""


def measure() -> list[dict[str, object]]:
    """Return the benchmark's lines."""
    with platform():
        from abonent.domains.billing.idle import actions as idle
        from abonent.domains.billing.idle.actions import Done

        _open_lines(1, LINES // 10)
        first = idle.run(at=AT)
        assert first == Done(warned=LINES // 10 // IDLE), first
        little = _peak_bytes(lambda: idle.run(at=AT))
        _open_lines(LINES // 10 + 1, LINES)
        start = time.perf_counter()
        done = idle.run(at=AT)
        warning_s = time.perf_counter() - start
        assert done == Done(warned=(LINES - LINES // 10) // IDLE), done
        ours = min(_timed_s(lambda: idle.run(at=AT)) for _ in range(ROUNDS))
        plain = min(_timed_s(_plain) for _ in range(ROUNDS))
        much = _peak_bytes(lambda: idle.run(at=AT))
        assert idle.run(at=AT) == Done()
    return [
        {
            "name": "idle numbers: a night's look against one plain query",
            "ratio": ours / plain,
            "target": f"≤ {TIMES_PLAIN}",
            "detail": f"{LINES:,} lines: {ours:.2f} s, the query {plain:.2f} s; {done.warned:,} warned in "
            f"{warning_s:.1f} s",
        },
        {
            "name": "idle numbers: memory of ten times the lines",
            "ratio": much / little,
            "target": f"≤ {TIMES_MEMORY}",
            "detail": f"{much // 1024:,} kB at the peak with {LINES:,} lines, {little // 1024:,} kB with a tenth",
        },
    ]


def _timed_s(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _peak_bytes(work: Callable[[], object]) -> int:
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def _plain() -> int:
    from zoneinfo import ZoneInfo

    from django.conf import settings
    from django.db import connection

    from abonent.domains.billing.idle import rules as idle_rules

    since = idle_rules.cutoff(idle_rules.DEFAULT, AT.date(), ZoneInfo(settings.TIME_ZONE))
    with connection.cursor() as cursor:
        cursor.execute(PLAIN, [since])
        return len(cursor.fetchall())


def _open_lines(first: int, last: int) -> None:
    """Open these lines, one contract each, by SQL, and let all but one in a hundred be used on the last days."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select usage_make_month(%s)", [AT - timedelta(days=1)])
        cursor.execute("insert into usage_source (name) values ('bench') on conflict do nothing")
        cursor.execute(
            """with party as (
                   insert into customers_party (given_name, patronymic, family_name, language, document_hash,
                                                document_tail_hash, code_word_hash)
                   values ('Анна', '', 'Орлова', 'ru', '', '', '') returning id
               ), contract as (
                   insert into customers_contract (number, party_id, payment, opened_on, contact_number, contact_email,
                                                   entered_by)
                   select 'I-' || n, party.id, 'prepaid', %s, '', '', '' from generate_series(%s, %s) n, party
                   returning id
               )
               insert into lines_line (contract_id, service, number, is_main, period_day, opened_at, block_reason,
                                       close_reason)
               select id, 'mobile', '+7900' || (1000000 + id), false, 10, %s, '', '' from contract""",
            [OPENED.date(), first, last, OPENED],
        )
        cursor.execute(
            """insert into usage_record (line_id, started_at, bytes, duration_s, units, source_id, kind, direction,
                                         record_id, peer, zone)
               select line.id, %s - day * interval '1 day', 0, 60, 0, source.id, 1, 1,
                      'i' || line.id || '-' || day, '+79161234567', 'home'
                 from lines_line line, usage_source source, generate_series(1, %s) day
                where source.name = 'bench' and line.id %% %s <> 0
                  and not exists (select from usage_record where line_id = line.id)""",
            [AT, RECORDS, IDLE],
        )
        cursor.execute("vacuum analyze")
