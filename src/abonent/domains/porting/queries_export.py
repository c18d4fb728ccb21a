"""What porting holds on a person, for the copy of their data; sums in minor units."""

from __future__ import annotations

from collections.abc import Collection

from abonent.foundation.copies import Part


def parts(*, account_id: int, line_ids: Collection[int]) -> list[Part]:
    """Return the numbers that the person brought or wanted to, and who asked to take theirs, with what became of it."""
    return [
        Part(
            "numbers-brought",
            ("porting_portin", "porting_step"),
            """select number, operator, form, shop, day, price_minor, state, reason, window_from, window_until,
                      asked_at, shown_at, ended_at,
                      (select json_agg(json_build_object('state', step.state, 'at', step.at) order by step.id)
                         from porting_step step where step.port_in_id = porting_portin.id) as steps
                 from porting_portin where account_id = %s or line_id = any(%s) order by asked_at""",
            (account_id, list(line_ids)),
        ),
        Part(
            "numbers-taken",
            ("porting_portout",),
            """select line_id as line, number, operator, owner_fits, decided, state, reason, window_from, window_until,
                      asked_at, answer_by, answered_at, ended_at,
                      (select json_agg(json_build_object('state', step.state, 'at', step.at) order by step.id)
                         from porting_step step where step.port_out_id = porting_portout.id) as steps
                 from porting_portout where line_id = any(%s) order by asked_at""",
            (list(line_ids),),
        ),
    ]
