"""Charges, buckets and balances depend on the set of stored records alone: not on order, batches, repeats or gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from abonent.domains.billing import actions, rules
from abonent.domains.billing.rules import Assigned, Usage
from abonent.domains.ledger import queries as ledger
from abonent.domains.lines.queries import Line
from abonent.domains.usage.rules import Direction, Kind
from tests.domains.billing.strategies import ZONE, usages
from tests.factories import billing, catalog, lines
from tests.factories.billing import Use, march

CHANGED = march(5)


def uses_of(line: Line, usage: Sequence[Usage]) -> list[Use]:
    """Return the same records as a file would bring them; ids are unique over lines."""
    return [
        Use(
            line.number, u.started_at, Kind[u.kind.upper()], Direction[u.direction.upper()], u.peer, u.duration_s,
            u.bytes, u.units, u.zone, f"{u.source_id}-{u.record_id}-{line.id}",
        )
        for u in usage
    ]  # fmt: skip


@st.composite
def arrangements(draw: st.DrawFn, count: int) -> list[tuple[list[int], bool]]:
    """Draw batches of numbers below `count`, some sent twice, each with whether late ones are rated anew after it."""
    order = draw(st.permutations(range(count))) + draw(st.lists(st.integers(0, count - 1), max_size=count))
    batches = []
    while order:
        size = draw(st.integers(1, len(order)))
        batches.append((list(order[:size]), draw(st.booleans())))
        order = order[size:]
    return batches


class OrderHasNoMeaning(TestCase):
    """Two lines of one contract; one changes its tariff within a period."""

    @settings(max_examples=25)
    @given(st.data())
    def test_ops_4_any_order_split_or_repeat_of_batches_gives_the_same_money(self, data: st.DataObject) -> None:
        small, large = catalog.small(), catalog.large()
        first = lines.line(tariff_version_id=small)
        second = lines.line(tariff_version_id=large, contract_id=first.contract_id, period_day=5)
        lines.change_tariff(first, CHANGED, large)
        actions.open_accounts(contract_ids=[first.contract_id])
        usage = {line: data.draw(usages()) for line in (first, second)}
        records = [use for line, records in usage.items() for use in uses_of(line, records)]
        if not records:
            return
        one = self.after([(sorted(range(len(records)), key=lambda i: records[i].started_at), True)], records)
        other = self.after(data.draw(arrangements(len(records))), records)
        assert other == one
        assert self.paid(one) == self.expected(first, second, usage)

    def after(self, batches: list[tuple[list[int], bool]], records: list[Use]) -> dict[str, Any]:
        """Return what the batches leave behind, and take it back."""
        with transaction.atomic():
            for batch, anew in batches:
                billing.store([records[number] for number in batch])
                if anew:
                    actions.rerate_late()
            actions.rerate_late()
            state = billing.state()
            assert ledger.disagreements() == []
            assert not state["waiting"]
            transaction.set_rollback(True)
        return state

    def paid(self, state: dict[str, Any]) -> dict[str, int]:
        return {charge[0]: charge[3] for charge in state["charges"] if charge[3]}

    def expected(self, first: Line, second: Line, usage: dict[Line, list[Usage]]) -> dict[str, int]:
        small, large = replace(catalog.SMALL, id=1), replace(catalog.LARGE, id=2)
        assigned = {
            first.id: [Assigned(small, lines.OPENED, CHANGED), Assigned(large, CHANGED, None)],
            second.id: [Assigned(large, lines.OPENED, None)],
        }
        paid = {}
        for line, records in usage.items():
            # Every record comes from one source here, so its id alone decides between those of the same moment.
            renamed = [replace(u, source_id=1, record_id=f"{u.source_id}-{u.record_id}-{line.id}") for u in records]
            rated, _ = rules.rate(renamed, assigned[line.id], catalog.GEOGRAPHY, line.period_day, ZONE)
            paid |= {r.usage.record_id: r.amount_minor for r in rated if r.amount_minor}
        return paid
