"""What payments hold on a person, for the copy of their data; sums in minor units. No token of a card is in it."""

from __future__ import annotations

from abonent.foundation.copies import Part


def parts(*, payer_id: int) -> list[Part]:
    """Return what the person paid or wanted to, what went back, and the cards kept."""
    return [
        Part(
            "paid",
            ("payments_payment",),
            """select id as payment, created_at, purpose, reference, method, amount_minor, settled_minor, currency,
                      description, state, settled_at, reason, detail
                 from payments_payment where payer_id = %s order by created_at""",
            (payer_id,),
        ),
        Part(
            "paid-back",
            ("payments_refund",),
            """select refund.payment_id as payment, refund.created_at, refund.amount_minor, refund.state,
                      refund.ended_at
                 from payments_refund refund join payments_payment payment on payment.id = refund.payment_id
                where payment.payer_id = %s order by refund.created_at""",
            (payer_id,),
        ),
        Part(
            "cards",
            ("payments_card",),
            """select brand, last_four, expires_on, created_at
                 from payments_card where payer_id = %s and forgotten_at is null order by created_at""",
            (payer_id,),
        ),
    ]
