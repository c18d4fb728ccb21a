"""What families share depends on the records alone, too, over all their lines (CAB-16, CAB-12, OPS-4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from abonent.domains.billing import actions, models, rules
from abonent.domains.billing.rules import Usage
from abonent.domains.catalog.rules import TariffVersion
from abonent.domains.ledger import queries as ledger
from abonent.domains.lines.queries import Line
from abonent.domains.usage.rules import Kind
from tests.domains.billing.strategies import START, ZONE, usages
from tests.domains.billing.test_order_has_no_meaning import arrangements, uses_of
from tests.factories import billing, catalog, families, lines, packages
from tests.factories.billing import Use
from tests.factories.catalog import MIB
from tests.factories.packages import moment

EVER = START - timedelta(days=20)


@dataclass(frozen=True)
class Part:
    """A member as the plain telling below knows it: `limits` are the ones in force from the beginning, by kind."""

    line: Line
    owner: Line
    since: datetime
    until: datetime | None
    limits: Mapping[str, int | None]
    rests: tuple[datetime, datetime] = (START, START)


def told(
    usage: Mapping[Line, list[Usage]],
    tariffs: Mapping[int, TariffVersion],
    parts: list[Part],
    *,
    common_first: bool,
) -> dict[str, int]:
    """Return what each record costs: one after the other in time, each line and each package a number in a table."""
    used: dict[tuple[int, datetime, str], int] = defaultdict(int)
    shared: dict[tuple[int, datetime, str], int] = defaultdict(int)
    costs: dict[str, int] = {}
    every = [(replace(u, source_id=1, record_id=f"{u.source_id}-{u.record_id}-{line.id}"), line)
             for line, records in usage.items() for u in records]  # fmt: skip

    def own(line: Line, kind: str, at: datetime, asked: int) -> int:
        allowance = tariffs[line.id].terms.allowance(kind)
        place = (line.id, rules.period_of(line.period_day, at, ZONE).start, kind)
        there = 0 if allowance is None else asked if allowance.amount is None else allowance.amount - used[place]
        used[place] += asked
        return min(asked, max(0, there))

    def common(part: Part | None, kind: str, at: datetime, asked: int) -> int:
        if part is None or part.rests[0] <= at < part.rests[1]:
            return 0
        allowance = tariffs[part.owner.id].terms.allowance(kind)
        start = rules.period_of(part.owner.period_day, at, ZONE).start
        place, mine = (part.owner.id, start, kind), (part.line.id, start, kind)
        limit = part.limits.get(kind)
        if allowance is None or allowance.amount is None:
            return 0
        most = asked if limit is None else min(asked, max(0, limit - shared[mine]))
        took = min(most, max(0, allowance.amount - used[place]))
        used[place] += took
        shared[mine] += took
        return took

    for u, line in sorted(every, key=lambda one: one[0].order):
        price = rules.price_of(u, tariffs[line.id], catalog.GEOGRAPHY)
        rounded = rules.begun(rules.quantity_of(u), price.unit_size) * price.unit_size
        part = next((p for p in parts if p.line == line and p.since <= u.started_at
                     and (p.until is None or u.started_at < p.until)), None)  # fmt: skip
        covered = 0
        if price.bucket and (part is None or not common_first):
            covered = own(line, price.bucket, u.started_at, rounded)
            covered += common(part, price.bucket, u.started_at, rounded - covered)
        elif price.bucket:
            allowance = tariffs[line.id].terms.allowance(price.bucket)
            endless = allowance is not None and allowance.amount is None
            covered = 0 if endless else common(part, price.bucket, u.started_at, rounded)
            covered += own(line, price.bucket, u.started_at, rounded - covered)
        if amount := rules.begun(rounded - covered, price.unit_size) * price.price_minor:
            costs[u.record_id] = amount
    return costs


class OrderHasNoMeaningInFamilies(TestCase):
    """Anna's package, whose periods begin on the 10th, and two members with days of their own; one comes and goes."""

    @settings(max_examples=8, deadline=None)
    @given(st.data())
    def test_cab_16_any_order_split_or_repeat_over_all_members_gives_the_same_money(self, data: st.DataObject) -> None:
        common_first = data.draw(st.booleans())
        small, large = catalog.small(), catalog.large()
        offer = families.load(common_first=common_first)
        anna = lines.line(tariff_version_id=data.draw(st.sampled_from([small, large])))
        son = lines.line(tariff_version_id=small, period_day=data.draw(st.sampled_from([10, 5, 28])))
        aunt = lines.line(tariff_version_id=large, period_day=data.draw(st.sampled_from([10, 1, 17])))
        family = families.group(anna, offer, EVER)
        limit = data.draw(st.sampled_from([None, 0, 120, 10**9]))
        since = START + timedelta(hours=12 * data.draw(st.integers(-4, 20)))
        until = data.draw(st.none() | st.integers(1, 20).map(lambda n: since + timedelta(hours=12 * n)))
        families.member(family, son, EVER, limits={("voice", EVER): limit, ("data", EVER): MIB})
        families.member(family, aunt, since, until)
        parts = [Part(son, anna, EVER, None, {"voice": limit, "data": MIB}), Part(aunt, anna, since, until, {})]
        everybody = (anna, son, aunt)
        actions.open_accounts(contract_ids=[line.contract_id for line in everybody])
        usage = {line: data.draw(usages()) for line in everybody}
        records = [use for line, used in usage.items() for use in uses_of(line, used)]
        if not records:
            return
        versions = {small: replace(catalog.SMALL, id=1), large: replace(catalog.LARGE, id=2)}
        tariffs = {line.id: versions[line.tariff_version_id] for line in everybody}
        one = after([(sorted(range(len(records)), key=lambda i: records[i].started_at), True)], records)
        assert paid(one) == told(usage, tariffs, parts, common_first=common_first)
        assert after(data.draw(arrangements(len(records))), records) == one
        assert after(one_after_the_other(data, records), records, never_behind=True) == one

    @settings(max_examples=8, deadline=None)
    @given(st.data())
    def test_cab_16_another_payer_and_a_package_that_rests_are_rated_by_their_days(self, data: st.DataObject) -> None:
        """From a day of the aunt's on hers is the common one, and Anna is a member from her 10th; it rests a while."""
        common_first = data.draw(st.booleans())
        small, large = catalog.small(), catalog.large()
        anna = lines.line(tariff_version_id=small)
        son = lines.line(tariff_version_id=small, period_day=data.draw(st.sampled_from([10, 5, 17])))
        day = data.draw(st.sampled_from([1, 4, 8, 12]))
        aunt = lines.line(tariff_version_id=data.draw(st.sampled_from([small, large])), period_day=day)
        family = families.group(anna, families.load(common_first=common_first), EVER)
        since = rules.period_of(day, START, ZONE).end
        again = rules.period_of(10, since, ZONE).end
        rests_at = START + timedelta(hours=12 * data.draw(st.integers(0, 20)))
        rests = (rests_at, rests_at + timedelta(hours=12 * data.draw(st.integers(0, 6))))
        families.member(family, son, EVER)
        families.member(family, aunt, EVER, since)
        families.owned_by(family, anna, aunt, since, again)
        models.FamilyPause.objects.create(group_id=family, since=rests[0], until=rests[1])
        parts = [
            Part(son, anna, EVER, since, {}, rests), Part(son, aunt, since, None, {}, rests),
            Part(aunt, anna, EVER, since, {}, rests), Part(anna, aunt, again, None, {}, rests),
        ]  # fmt: skip
        everybody = (anna, son, aunt)
        actions.open_accounts(contract_ids=[line.contract_id for line in everybody])
        usage = {line: data.draw(usages()) for line in everybody}
        records = [use for line, used in usage.items() for use in uses_of(line, used)]
        if not records:
            return
        versions = {small: replace(catalog.SMALL, id=1), large: replace(catalog.LARGE, id=2)}
        tariffs = {line.id: versions[line.tariff_version_id] for line in everybody}
        one = after([(sorted(range(len(records)), key=lambda i: records[i].started_at), True)], records)
        assert paid(one) == told(usage, tariffs, parts, common_first=common_first)
        assert after(data.draw(arrangements(len(records))), records) == one
        assert after(one_after_the_other(data, records), records, never_behind=True) == one

    @settings(max_examples=5, deadline=None)
    @given(st.data())
    def test_cab_16_cab_12_with_packages_and_roll_over_order_has_no_meaning_either(self, data: st.DataObject) -> None:
        """The package and a gift go over periods, minutes and data roll over, both at owner and member."""
        offer = families.load(common_first=data.draw(st.booleans()))
        anna = lines.line(tariff_version_id=packages.rolling())
        son = lines.line(tariff_version_id=packages.rolling(), period_day=data.draw(st.sampled_from([10, 3])))
        family = families.group(anna, offer, EVER)
        families.member(family, son, START + timedelta(days=data.draw(st.integers(0, 9))), limits={("data", EVER): MIB})
        actions.open_accounts(contract_ids=[anna.contract_id, son.contract_id])
        packages.held(anna, "voice", 400, moment(2, 27), moment(3, 12))
        packages.held(son, "data", 2 * MIB, moment(2, 27), moment(3, 12))
        usage = {line: data.draw(usages()) for line in (anna, son)}
        records = [use for line, used in usage.items() for use in uses_of(line, used)]
        if not records:
            return
        one = after([(sorted(range(len(records)), key=lambda i: records[i].started_at), True)], records)
        assert after(data.draw(arrangements(len(records))), records) == one
        assert after(one_after_the_other(data, records), records) == one


def one_after_the_other(data: st.DataObject, records: list[Use]) -> list[tuple[list[int], bool]]:
    """Return the records in time, cut between moments, so that each batch goes on from how things stand."""
    numbers = sorted(range(len(records)), key=lambda i: records[i].started_at)
    batches: list[list[int]] = [[]]
    for number in numbers:
        before = batches[-1]
        if before and records[before[-1]].started_at < records[number].started_at and data.draw(st.booleans()):
            batches.append([])
        batches[-1].append(number)
    return [(batch, False) for batch in batches]


def after(batches: list[tuple[list[int], bool]], records: list[Use], *, never_behind: bool = False) -> dict[str, Any]:
    """Return what the batches leave behind, and take it back; `never_behind`: nothing waits for being rated anew."""
    with transaction.atomic():
        for batch, anew in batches:
            billing.store([records[number] for number in batch])
            assert not never_behind or not billing.state()["waiting"]
            if anew:
                actions.rerate_late()
        actions.rerate_late()
        state: dict[str, Any] = billing.state()
        # Of what others took the owner keeps a row, also where it is nothing after all.
        state["buckets"] = [row for row in state["buckets"] if row[3]]
        state |= {"taken": packages.taken(), "shared": shared()}
        assert ledger.disagreements() == []
        assert not state["waiting"]
        transaction.set_rollback(True)
    return state


def shared() -> list[tuple[Any, ...]]:
    """Return what members took."""
    rows = models.FamilyTaken.objects.filter(used__gt=0).order_by("member_id", "bucket", "period_start")
    return list(rows.values_list("member_id", "bucket", "period_start", "used"))


def paid(state: dict[str, Any]) -> dict[str, int]:
    return {charge[0]: charge[3] for charge in state["charges"] if charge[3]}


@pytest.mark.django_db
def test_cab_16_a_call_of_one_member_that_comes_late_takes_minutes_from_another() -> None:
    """Ten minutes of Anna's: the son talks nine of them, the aunt two of which one is paid; then an earlier call."""
    offer = families.load()
    anna, son, aunt = (lines.line(tariff_version_id=catalog.small()) for _ in range(3))
    family = families.group(anna, offer, EVER)
    for line in (son, aunt):
        families.member(family, line, EVER)
        # What they have themselves is used up.
        billing.use(Use(line.number, moment(3, 11), duration_s=600))
    billing.use(Use(son.number, moment(3, 20), duration_s=540), Use(aunt.number, moment(3, 21), duration_s=120))
    assert [row[:1] + row[3:4] for row in shared_by_line()] == [(son.id, 540), (aunt.id, 60)]
    assert [(charge[1], charge[3]) for charge in billing.charges()] == [(aunt.id, 180)]
    billing.use(Use(anna.number, moment(3, 12), duration_s=120))
    assert [row[:1] + row[3:4] for row in shared_by_line()] == [(son.id, 480)]
    assert [(charge[1], charge[3]) for charge in billing.charges() if charge[3]] == [(son.id, 180), (aunt.id, 360)]


@pytest.mark.django_db
def test_cab_16_a_limit_of_nothing_and_one_that_is_set_later_leave_what_was_taken_before() -> None:
    offer = families.load()
    anna, son = (lines.line(tariff_version_id=catalog.small()) for _ in range(2))
    family = families.group(anna, offer, EVER)
    families.member(family, son, EVER, limits={("voice", moment(3, 21)): 0})
    billing.use(Use(son.number, moment(3, 11), duration_s=600), Use(son.number, moment(3, 20), duration_s=120))
    billing.use(Use(son.number, moment(3, 22), duration_s=60))
    assert [row[3] for row in shared_by_line()] == [120]
    assert [charge[3] for charge in billing.charges()] == [180]


@pytest.mark.django_db
def test_cab_16_what_is_without_limit_or_was_given_stays_its_owners() -> None:
    offer = families.load()
    anna = lines.line(tariff_version_id=catalog.large())
    son = lines.line(tariff_version_id=catalog.small())
    packages.held(anna, "sms", 5, moment(3, 1), moment(4, 30))
    families.member(families.group(anna, offer, EVER), son, EVER)
    billing.use(Use(son.number, moment(3, 12), Kind.DATA, peer="", bytes=6 * MIB))
    billing.use(Use(son.number, moment(3, 12), Kind.SMS, units=4))
    assert shared_by_line() == []
    assert len(billing.charges()) == 2


def shared_by_line() -> list[tuple[Any, ...]]:
    """Return what members took, with their lines."""
    lines_of = dict(models.FamilyMember.objects.values_list("id", "line_id"))
    return [(lines_of[row[0]], *row[1:]) for row in sorted(shared(), key=lambda row: lines_of[row[0]])]
