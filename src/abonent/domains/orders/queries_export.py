"""What orders hold on a person, for the copy of their data; sums in minor units."""

from __future__ import annotations

from collections.abc import Collection

from abonent.foundation.copies import Part


def parts(*, line_ids: Collection[int]) -> list[Part]:
    """Return what was ordered for the lines, and what became of it when."""
    return [
        Part(
            "orders",
            ("orders_order", "orders_step"),
            """select line_id as line, action, offer_code as service, state, channel, placed_at, effective_at, ended_at,
                      once_minor, fee_minor, taken_minor,
                      (select json_agg(json_build_object('state', step.state, 'at', step.at) order by step.id)
                         from orders_step step where step.order_id = orders_order.id) as steps
                 from orders_order where line_id = any(%s) order by placed_at""",
            (list(line_ids),),
        ),
        Part(
            "forwardings-asked",
            ("orders_forwardingchange",),
            """select line_id as line, condition, target, state, placed_at, effective_at, ended_at
                 from orders_forwardingchange where line_id = any(%s) order by placed_at""",
            (list(line_ids),),
        ),
        Part(
            "asked-from-the-phone",
            ("orders_handsetwish",),
            """select line_id as line, channel, kind, about, total_minor, state, asked_at
                 from orders_handsetwish where line_id = any(%s) order by asked_at""",
            (list(line_ids),),
        ),
    ]
