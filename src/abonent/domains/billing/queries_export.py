"""What billing holds on a person, for the copy of their data; sums in minor units."""

from __future__ import annotations

from collections.abc import Collection

from abonent.foundation.copies import Part


def parts(*, line_ids: Collection[int], contract_ids: Collection[int]) -> list[Part]:
    """Return what the lines were charged, used of their allowances and owe, and what was paid for the contracts."""
    return [
        Part(
            "charges",
            ("billing_charge",),
            """select line_id as line, booked_at, category, amount_minor, price_minor, quantity, included, billed_units,
                      unit_size, rule, peer, first_day, end_day
                 from billing_charge where line_id = any(%s) order by booked_at""",
            (list(line_ids),),
        ),
        Part(
            "allowances",
            ("billing_bucket",),
            """select line_id as line, period_start, bucket, used from billing_bucket
                where line_id = any(%s) order by period_start, bucket""",
            (list(line_ids),),
        ),
        Part(
            "waiting-fees",
            ("billing_feewaiting",),
            """select line_id as line, since, first_day, end_day, amount_minor, told_at from billing_feewaiting
                where line_id = any(%s) order by line_id""",
            (list(line_ids),),
        ),
        Part(
            "payments",
            ("billing_payment", "billing_account"),
            """select account.contract_id as contract, payment.booked_at, payment.amount_minor, payment.method,
                      payment.detail
                 from billing_payment payment join billing_account account on account.id = payment.account_id
                where account.contract_id = any(%s) order by payment.booked_at""",
            (list(contract_ids),),
        ),
    ]
