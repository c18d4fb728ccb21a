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
        *_of_lines(line_ids),
        *_of_providers(line_ids),
        Part(
            "forwardings-asked",
            ("orders_forwardingchange",),
            """select line_id as line, condition, target, state, placed_at, effective_at, ended_at
                 from orders_forwardingchange where line_id = any(%s) order by placed_at""",
            (list(line_ids),),
        ),
        Part(
            "barring",
            ("orders_barringchange",),
            """select line_id as line, direction, program, state, placed_at, ended_at
                 from orders_barringchange where line_id = any(%s) order by placed_at""",
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


def _of_lines(line_ids: Collection[int]) -> list[Part]:
    """Return which SIMs and numbers were ordered for the lines."""
    return [
        Part(
            "sims-asked",
            ("orders_simchange",),
            """select order_id as "order", form, shop, iccid, imsi, waits_until, shown_at, installed_at
                 from orders_simchange join orders_order placed on placed.id = order_id
                where line_id = any(%s) order by placed_at""",
            (list(line_ids),),
        ),
        Part(
            "numbers-changed",
            ("orders_numberchange",),
            """select order_id as "order", before, after, beauty
                 from orders_numberchange join orders_order placed on placed.id = order_id
                where line_id = any(%s) order by placed_at""",
            (list(line_ids),),
        ),
    ]


def _of_providers(line_ids: Collection[int]) -> list[Part]:
    """Return subscriptions of other companies, and bans on them."""
    return [
        Part(
            "subscriptions",
            ("orders_subscription",),
            """select line_id as line, provider, service, price_minor, per, state, why, channel, asked_at, told,
                      agreed_at, agreed_by, first_day, end_day, ended_at, ended_by, works_until, back_minor, disputed_at
                 from orders_subscription where line_id = any(%s) order by asked_at""",
            (list(line_ids),),
        ),
        Part(
            "subscriptions-banned",
            ("orders_contentban",),
            """select line_id as line, since, until, by, lifted_by
                 from orders_contentban where line_id = any(%s) order by since""",
            (list(line_ids),),
        ),
    ]
