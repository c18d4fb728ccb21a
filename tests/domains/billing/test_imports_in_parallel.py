"""Several imports, payments, fees and ratings anew at once, on a real PostgreSQL with real commits."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from abonent.domains.billing import actions, queries
from abonent.domains.ledger import queries as ledger
from tests.factories import billing, lines
from tests.factories.billing import Use, march

pytestmark = pytest.mark.django_db(transaction=True)


def in_parallel(*work: Callable[[], object]) -> None:
    def alone(one: Callable[[], object]) -> None:
        try:
            one()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(work)) as pool:
        list(pool.map(alone, work))


def test_ops_4_imports_at_once_end_as_one_import_in_order() -> None:
    line = lines.line()
    records = [
        Use(line.number, march(12) + timedelta(minutes=10 * number), duration_s=90, record_id=f"r{number:02}")
        for number in range(40)
    ]
    dice = random.Random(1)
    shuffled = dice.sample(records, len(records))
    batches = [shuffled[first : first + 8] for first in range(0, 40, 8)]
    in_parallel(
        *(lambda batch=batch: billing.use(*batch) for batch in [*batches, batches[0]]),
        lambda: [actions.charge_fees(until=march(20)) for _ in range(3)],
        lambda: [actions.charge_fees(until=march(20)) for _ in range(3)],
        lambda: [
            actions.top_up(
                payment_id=uuid4(), contract_id=line.contract_id, amount_minor=1000, at=march(1), method="card"
            )
            for _ in range(10)
        ],
    )
    actions.rerate_late()
    # Each call takes two begun minutes, five of them the allowance of ten.
    paid = {charge[0]: charge[3] for charge in billing.charges() if charge[0]}
    assert paid == {record.record_id: 360 for record in records[5:]}
    assert queries.balance(line.contract_id) == 10 * 1000 - 3 * 30_000 - 35 * 360
    assert ledger.disagreements() == []
