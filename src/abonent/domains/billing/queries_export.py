"""What billing holds on a person, for the copy of their data; sums in minor units."""

from __future__ import annotations

from collections.abc import Collection

from abonent.foundation.copies import Part


def parts(*, line_ids: Collection[int], contract_ids: Collection[int]) -> list[Part]:
    """Return what the lines were charged and used of their allowances, and what was paid for the contracts."""
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
            "bills",
            ("billing_bill",),
            """select contract_id as contract, number, month, made_at, due_on, opening_minor, charged_minor, vat_minor,
                      paid_minor, closing_minor, reason, content::text as content
                 from billing_bill where contract_id = any(%s) order by month, revision""",
            (list(contract_ids),),
        ),
        Part(
            "fiscal receipts",
            ("billing_fiscalreceipt",),
            """select contract_id as contract, id, made_at, content::text as content, registered_at, fiscal_drive,
                      fiscal_document, fiscal_sign
                 from billing_fiscalreceipt where contract_id = any(%s) order by made_at""",
            (list(contract_ids),),
        ),
    ]
