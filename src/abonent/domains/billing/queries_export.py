"""What billing holds on a person, for the copy of their data; sums in minor units."""

from __future__ import annotations

from collections.abc import Collection

from abonent.foundation.copies import Part


def parts(*, line_ids: Collection[int], contract_ids: Collection[int], payer_id: int) -> list[Part]:
    """Return what the lines were charged and used of their allowances, what was paid for the contracts,
    and what the account `payer_id` began to pay.
    """
    return [
        Part(
            "charges",
            ("billing_charge",),
            """select line_id as line, booked_at, category, amount_minor, price_minor, quantity, included, billed_units,
                      unit_size, rule, peer
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
            "payments",
            ("billing_payment", "billing_account"),
            """select account.contract_id as contract, payment.booked_at, payment.amount_minor, payment.method,
                      payment.detail
                 from billing_payment payment join billing_account account on account.id = payment.account_id
                where account.contract_id = any(%s) order by payment.booked_at""",
            (list(contract_ids),),
        ),
        Part(
            "topups",
            ("billing_topup", "billing_usualcard"),
            """select topup.created_at, topup.number, topup.amount_minor, topup.method, topup.outcome,
                      coalesce(topup.card_id = usual.card_id, false) as card_offered_first
                 from billing_topup topup left join billing_usualcard usual on usual.payer_id = topup.payer_id
                where topup.payer_id = %s order by topup.created_at""",
            (payer_id,),
        ),
    ]
