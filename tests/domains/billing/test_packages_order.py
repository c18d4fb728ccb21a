"""With packages, gifts and roll-over, too, charges and left-overs depend on the records alone (CAB-12, OPS-4)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from abonent.domains.billing import actions, models, queries_what_if
from abonent.domains.billing.packages import rules as packages_rules
from abonent.domains.billing.rules import Usage
from abonent.domains.catalog import queries as tariffs
from abonent.domains.catalog.packages_rules import Hours
from abonent.domains.ledger import queries as ledger
from abonent.domains.lines.queries import Line
from tests.domains.billing.strategies import usages
from tests.domains.billing.test_order_has_no_meaning import arrangements, uses_of
from tests.factories import billing, lines, packages
from tests.factories.billing import Use
from tests.factories.catalog import MIB
from tests.factories.packages import moment

NOW = moment(3, 15)


class OrderHasNoMeaningWithPackages(TestCase):
    """A line with minutes and data beside its tariff, whose left-overs go on, over two periods, and a plain one."""

    @settings(max_examples=12)
    @given(st.data())
    def test_cab_12_any_order_split_or_repeat_leaves_the_same_charges_and_left_overs(self, data: st.DataObject) -> None:
        line = lines.line(tariff_version_id=packages.rolling())
        plain = lines.line(contract_id=line.contract_id)
        actions.open_accounts(contract_ids=[line.contract_id])
        self.fill(line, data)
        usage: dict[Line, list[Usage]] = {one: data.draw(usages()) for one in (line, plain)}
        records = [use for one, used in usage.items() for use in uses_of(one, used)]
        if not records:
            return
        in_time = [(sorted(range(len(records)), key=lambda i: records[i].started_at), True)]
        one = self.after(line, in_time, records)
        assert self.after(line, data.draw(arrangements(len(records))), records) == one
        self.conserved(one)

    def fill(self, line: Line, data: st.DataObject) -> None:
        """Give the line buckets, of which one went in part to somebody else, and so did some of its tariff's own."""
        ends = data.draw(st.sampled_from([moment(3, 8), moment(3, 12), moment(4, 1)]))
        packages.held(line, "voice", data.draw(st.sampled_from([60, 400, None])), moment(2, 27), ends)
        part = packages.held(line, "data", 3 * MIB, moment(3, 1), moment(3, 30))
        packages.held(line, "data", None, moment(2, 20), moment(3, 20), hours=Hours(0, 12))
        gift = packages.written(line)
        models.GiftPart.objects.create(gift=gift, bucket_id=part, line_id=line.id, bucket="data", amount=MIB)
        models.GiftPart.objects.create(
            gift=gift, bucket_id=gift.id, line_id=line.id, bucket="voice", amount=120, period_start=moment(3, 9, 21)
        )

    def after(self, line: Line, batches: list[tuple[list[int], bool]], records: list[Use]) -> dict[str, Any]:
        """Return what the batches leave behind, and take it back."""
        with transaction.atomic():
            for batch, anew in batches:
                billing.store([records[number] for number in batch])
                if anew:
                    actions.rerate_late()
            actions.rerate_late()
            state: dict[str, Any] = billing.state()
            state |= {"taken": packages.taken(), "left": packages.everything(line, NOW)}
            assert ledger.disagreements() == []
            assert not state["waiting"]
            transaction.set_rollback(True)
        return state

    def conserved(self, state: dict[str, Any]) -> None:
        """Nothing gives more than it holds: what was used, given and is left is what there was."""
        for left in state["left"]:
            if left.left is not None:
                assert 0 <= left.left <= left.amount - left.given
        taken: dict[object, int] = {}
        for _, _, bucket_id, used in state["taken"]:
            taken[bucket_id] = taken.get(bucket_id, 0) + used
        for row in models.PackageBucket.objects.exclude(amount=None):
            given = sum(models.GiftPart.objects.filter(bucket_id=row.id).values_list("amount", flat=True))
            assert taken.get(row.id, 0) + given <= (row.amount or 0)


@pytest.mark.django_db
def test_cab_12_cab_10_what_would_have_been_paid_counts_what_rolls_over() -> None:
    """A line since the 10th of January: each month is covered by what the one before left, up to its cap."""
    version_id = packages.rolling()
    line = lines.line(tariff_version_id=version_id)
    seconds = {moment(1, 15): 60, moment(2, 15): 1_000, moment(3, 15): 660}
    billing.use(*(Use(line.number, at, duration_s=used) for at, used in seconds.items()))
    charged = dict(models.Charge.objects.values_list("booked_at__month", "billed_units"))
    assert charged == {2: 2, 3: 1}, "in February 600 and 300 seconds are covered, in March 600 and nothing goes on"
    months = queries_what_if.window(line, date(2026, 4, 20))
    assert months
    found = queries_what_if.compared(line, list(tariffs.tariff_versions([version_id]).values()), months)
    assert found.costs[0].usage_minor == (0, 2 * 180, 180)


@pytest.mark.django_db
def test_cab_12_a_record_that_comes_a_period_late_takes_back_what_went_on_of_it() -> None:
    """In March all is covered by what February left, until a call of February comes: then it was not there."""
    line = lines.line(tariff_version_id=packages.rolling())
    spans = packages.held(line, "voice", 120, moment(2, 20), moment(3, 30))
    january, february, march = moment(1, 9, 21), moment(2, 9, 21), moment(3, 9, 21)
    went_on = {start: packages_rules.rolled_bucket_id(line.id, "voice", start) for start in (january, february)}
    billing.use(Use(line.number, moment(3, 15), duration_s=1_020))
    assert models.Charge.objects.count() == 0
    assert set(packages.taken()) == {(line.id, march, spans, 120), (line.id, march, went_on[february], 300)}
    billing.use(Use(line.number, moment(3, 1), duration_s=1_020))
    (charge,) = models.Charge.objects.all()
    assert (charge.billed_units, charge.booked_at) == (7, moment(3, 15))
    assert set(packages.taken()) == {(line.id, february, spans, 120), (line.id, february, went_on[january], 300)}
    assert [one.left for one in packages.left(line, "voice", NOW)] == [0, 0]
