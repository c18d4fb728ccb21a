"""Another payer for a family, and a package that rests while its fee waits (CAB-16)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from abonent.domains.billing import models, queries
from abonent.domains.billing.families import actions as families
from abonent.domains.billing.families import handover as families_handover
from abonent.domains.billing.families import pauses as families_pauses
from abonent.domains.billing.families import queries as families_queries
from abonent.domains.billing.families.actions import Refused
from abonent.domains.billing.families.queries import NoSuchFamily
from abonent.domains.billing.families.rules import Refusal
from abonent.domains.billing.fees import actions as fees
from abonent.domains.lines import models as lines_models
from abonent.domains.lines import queries_bulk
from abonent.domains.lines.products import actions as products
from abonent.domains.lines.products import queries as products_queries
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import models as messages
from tests.domains.billing.test_families import join, sent
from tests.factories import billing, promised
from tests.factories import families as make
from tests.factories.billing import Use
from tests.factories.tariffs import served, tariff

pytestmark = pytest.mark.django_db
# Periods of both lines begin on the 10th, at midnight in Moscow.
AT = datetime(2026, 3, 14, 9, tzinfo=UTC)
NEXT = datetime(2026, 4, 9, 21, tzinfo=UTC)
HOUR = timedelta(hours=1)


def rich(day: int = 10, balance_minor: int = 500_000) -> Line:
    """Return a line with 10 minutes a period whose fee is paid, with money beside it."""
    return served(tariff(f"of the {day}", 10_000), balance_minor, day=day)


def family(*members: Line, common_first: bool = False) -> Line:
    """Return the owner of a family of those members, its fee paid."""
    owner = rich()
    version = make.load(members_most=3, common_first=common_first)
    products.begin(line_id=owner.id, offer_version_id=version, at=AT - timedelta(days=3))
    fees.charge_some(queries_bulk.of_contracts([owner.contract_id]), AT - timedelta(days=3))
    for line in members:
        join(owner, line, AT)
    return owner


def member_id(line: Line) -> UUID:
    return models.FamilyMember.objects.get(line_id=line.id, is_owner=False, until=None).id


def ask(owner: Line, line: Line, at: datetime = AT) -> UUID:
    return families_handover.ask(form_id=uuid4(), member_id=member_id(line), line=owner, at=at)


def agreed(owner: Line, line: Line) -> UUID:
    handover_id = ask(owner, line)
    found = families_handover.offered(line, AT)
    assert found
    families_handover.agree(handover_id=handover_id, line=line, shown=found.takes_effect_at, at=AT)
    return handover_id


def state(handover_id: UUID) -> tuple[str, str]:
    row = models.FamilyHandover.objects.get(id=handover_id)
    return row.state, row.why


def owner_of_all() -> int:
    return models.FamilyMember.objects.get(is_owner=True, until=None).line_id


def refused(act: object, **known: object) -> Refusal:
    with pytest.raises(Refused) as raised:
        act(**known)  # type: ignore[operator]
    return raised.value.refusal


def service_charges(line: Line) -> list[tuple[str, int]]:
    rows = models.Charge.objects.filter(line_id=line.id, category="service").order_by("booked_at", "rule")
    return list(rows.values_list("rule", "amount_minor"))


class TestAnotherPayer:
    def test_cab_16_a_member_pays_from_its_next_period_on_with_price_and_day_said_before(self) -> None:
        son, aunt = rich(), rich()
        owner = family(son, aunt)
        handover_id = ask(owner, son)
        assert ask(owner, son) == handover_id
        offered = families_handover.offered(son, AT)
        assert offered
        assert (offered.id, offered.owner_number, offered.fee_minor, offered.takes_effect_at) == (
            handover_id, owner.number, 10_000, NEXT,
        )  # fmt: skip
        assert families_handover.offered(aunt, AT) is None
        assert families_handover.agree(handover_id=handover_id, line=son, shown=NEXT, at=AT) == NEXT
        assert families_handover.carry_out(now=NEXT - HOUR) == 0
        assert owner_of_all() == owner.id
        assert families_handover.carry_out(now=NEXT + HOUR) == 1
        assert families_handover.carry_out(now=NEXT + HOUR) == 0
        assert owner_of_all() == son.id
        found = families_queries.own(son, NEXT + HOUR)
        assert found
        assert {(one.number, one.since) for one in found.members} == {(aunt.number, AT), (owner.number, NEXT)}
        assert sent(son)[-2:] == ["pool payer asked", "pool payer you"]
        assert sent(owner)[-2:] == ["pool payer agreed", "pool payer changed"]
        assert sent(aunt)[-1] == "pool payer changed"

    def test_cab_16_who_paid_until_then_pays_no_more_and_nobody_pays_twice(self) -> None:
        son = rich()
        owner = family(son)
        agreed(owner, son)
        families_handover.carry_out(now=NEXT + HOUR)
        for _ in range(2):
            fees.charge_fees(until=NEXT + 2 * HOUR)
        assert [amount for _, amount in service_charges(son)] == [10_000]
        assert products_queries.of_line(owner.id) == []
        # Of the month that is over, from the day of connecting on.
        assert [amount for _, amount in service_charges(owner)] == [10_000 - 10_000 // 31]

    def test_cab_16_days_that_the_old_payer_paid_and_does_not_use_come_back(self) -> None:
        # The son's periods begin on the 20th: the fee until the 10th is paid.
        son = rich(day=20)
        owner = family(son)
        agreed(owner, son)
        since = datetime(2026, 3, 19, 21, tzinfo=UTC)
        before = queries.balance(owner.contract_id)
        assert families_handover.carry_out(now=since + HOUR) == 1
        back = queries.balance(owner.contract_id) - before
        # From the 20th to the 9th: 21 of 31 days.
        assert back == 10_000 - 10_000 * 10 // 31
        assert [-amount for rule, amount in service_charges(owner) if rule == "fee-return"] == [back]

    @pytest.mark.parametrize("common_first", [False, True])
    def test_cab_16_nothing_of_either_package_is_lost(self, common_first: bool) -> None:
        son, aunt = rich(day=20), rich(day=5)
        owner = family(son, aunt, common_first=common_first)
        agreed(owner, son)
        since = datetime(2026, 3, 19, 21, tzinfo=UTC)
        billing.use(Use(aunt.number, AT + HOUR, duration_s=720))
        families_handover.carry_out(now=since + HOUR)
        # Of the old package eight minutes are left for who has it, all of the new one is there for the others.
        billing.use(
            Use(owner.number, since + HOUR, duration_s=480 if not common_first else 0),
            Use(aunt.number, since + 2 * HOUR, duration_s=600),
        )
        assert models.Charge.objects.filter(category="calls").count() == 0

    def test_cab_16_usage_of_the_old_days_that_comes_late_takes_from_the_old_package(self) -> None:
        son, aunt = rich(day=20), rich(day=5)
        owner = family(son, aunt, common_first=True)
        agreed(owner, son)
        since = datetime(2026, 3, 19, 21, tzinfo=UTC)
        families_handover.carry_out(now=since + HOUR)
        billing.use(Use(aunt.number, since + 2 * HOUR, duration_s=600))
        billing.use(Use(aunt.number, since - HOUR, duration_s=600))
        taken = models.FamilyTaken.objects.filter(used__gt=0).order_by("period_start")
        assert [one.used for one in taken] == [600, 600]
        left = families_queries.own(son, since + 3 * HOUR)
        assert left
        assert next(one.left for one in left.common if one.bucket == "voice") == 0
        assert models.Charge.objects.filter(category="calls").count() == 0
        del owner

    def test_cab_16_who_cannot_pay_does_not_become_the_payer_and_the_old_one_stays(self) -> None:
        son = rich()
        owner = family(son)
        promised.spend(son, queries.balance(son.contract_id) - 9_999)
        handover_id = ask(owner, son)
        act = {"handover_id": handover_id, "line": son, "shown": NEXT, "at": AT}
        assert refused(families_handover.agree, **act) is Refusal.POOR
        assert state(handover_id) == ("waiting", "")
        promised.pay(son, 1, at=AT)
        families_handover.agree(handover_id=handover_id, line=son, shown=NEXT, at=AT)
        promised.spend(son, 1)
        assert families_handover.carry_out(now=NEXT + HOUR) == 0
        assert state(handover_id) == ("failed", "poor")
        assert owner_of_all() == owner.id
        assert [one.line_id for one in products_queries.of_line(owner.id)] == [owner.id]
        assert service_charges(son) == []
        assert sent(owner)[-1] == sent(son)[-1] == "pool payer failed"

    def test_cab_16_a_blocked_payer_and_one_that_left_come_to_nothing(self) -> None:
        son, aunt = rich(), rich()
        owner = family(son, aunt)
        first = agreed(owner, son)
        families.end(member_id=member_id(son), line_ids=[son.id], at=AT + HOUR)
        assert state(first)[0] == "withdrawn"
        second = agreed(owner, aunt)
        promised.blocked(aunt, AT)
        assert families_handover.carry_out(now=NEXT + HOUR) == 0
        assert state(second) == ("failed", "blocked")
        assert owner_of_all() == owner.id

    def test_cab_16_no_and_the_owners_own_withdrawal_hold_until_the_day(self) -> None:
        son = rich()
        owner = family(son)
        first = agreed(owner, son)
        families_handover.refuse(handover_id=first, line=son, at=AT + HOUR)
        families_handover.refuse(handover_id=first, line=son, at=AT + HOUR)
        assert sent(owner)[-1] == "pool payer refused"
        second = agreed(owner, son)
        families_handover.withdraw(handover_id=second, line=owner, at=AT + HOUR)
        assert families_handover.carry_out(now=NEXT + HOUR) == 0
        assert [state(first)[0], state(second)[0]] == ["refused", "withdrawn"]
        assert refused(families_handover.refuse, handover_id=second, line=son, at=AT) is Refusal.LATE

    def test_cab_16_what_was_shown_holds_and_time_runs_out(self) -> None:
        son = rich()
        owner = family(son)
        handover_id = ask(owner, son)
        act = {"handover_id": handover_id, "line": son}
        assert refused(families_handover.agree, **act, shown=NEXT - HOUR, at=AT) is Refusal.CHANGED
        late = AT + timedelta(days=7)
        assert refused(families_handover.agree, **act, shown=NEXT, at=late) is Refusal.LATE
        assert families_handover.expire(now=late) == 1
        assert state(handover_id) == ("expired", "")

    def test_cab_16_only_the_owner_asks_and_only_who_is_asked_answers(self) -> None:
        son, aunt, stranger = rich(), rich(), rich()
        owner = family(son, aunt)
        for line in (stranger, aunt):
            with pytest.raises(NoSuchFamily):
                families_handover.ask(form_id=uuid4(), member_id=member_id(son), line=line, at=AT)
        handover_id = ask(owner, son)
        for line in (stranger, aunt, owner):
            with pytest.raises(NoSuchFamily):
                families_handover.agree(handover_id=handover_id, line=line, shown=NEXT, at=AT)
        with pytest.raises(NoSuchFamily):
            families_handover.withdraw(handover_id=handover_id, line=aunt, at=AT)
        assert refused(
            families_handover.ask, form_id=uuid4(), member_id=member_id(aunt), line=owner, at=AT
        ) is Refusal.ALREADY  # fmt: skip
        assert state(handover_id) == ("waiting", "")


class TestResting:
    def waiting(self, owner: Line, at: datetime) -> int:
        """Let the fee of the family's service wait for money; return the service."""
        product = products_queries.of_line(owner.id)[0]
        promised.spend(owner, queries.balance(owner.contract_id) + 1)
        fees.charge_fees(until=at)
        assert models.ProductFeeWaiting.objects.filter(product_id=product.id, charged_at=None).exists()
        return product.id

    @pytest.mark.parametrize("common_first", [False, True])
    def test_cab_16_while_its_fee_waits_nobody_takes_from_the_package(self, common_first: bool) -> None:
        son = rich()
        owner = family(son, common_first=common_first)
        product_id = self.waiting(owner, NEXT + HOUR)
        assert families_pauses.follow(product_ids=[product_id], at=NEXT + HOUR) == 1
        assert families_pauses.follow(product_ids=[product_id], at=NEXT + 2 * HOUR) == 0
        assert sent(son)[-1] == "pool paused"
        # Before it rested five minutes, after that twelve: ten are the son's own.
        billing.use(
            Use(son.number, NEXT + 30 * timedelta(minutes=1), duration_s=300),
            Use(son.number, NEXT + 2 * HOUR, duration_s=720),
        )
        charged = sum(models.Charge.objects.filter(category="calls").values_list("billed_units", flat=True))
        assert charged == (2 if common_first else 7)
        promised.pay(owner, 100_000, at=NEXT + 3 * HOUR)
        fees.charge_waiting(contract_ids=[owner.contract_id], at=NEXT + 3 * HOUR)
        assert families_pauses.follow(product_ids=[product_id], at=NEXT + 3 * HOUR) == 1
        assert sent(son)[-1] == "pool resumed"
        billing.use(Use(son.number, NEXT + 4 * HOUR, duration_s=300))
        again = sum(models.Charge.objects.filter(category="calls").values_list("billed_units", flat=True))
        assert again == charged

    def test_cab_16_what_was_rated_before_the_pause_was_known_is_rated_anew(self) -> None:
        son = rich()
        owner = family(son, common_first=True)
        product_id = self.waiting(owner, NEXT + HOUR)
        billing.use(Use(son.number, NEXT + 2 * HOUR, duration_s=900))
        assert models.Charge.objects.filter(category="calls").count() == 0
        families_pauses.follow(product_ids=[product_id], at=NEXT + HOUR)
        assert models.Charge.objects.get(category="calls").billed_units == 5

    def test_cab_16_services_that_are_none_for_families_change_nothing(self) -> None:
        son = rich()
        owner = family(son)
        assert families_pauses.follow(product_ids=[products_queries.of_line(owner.id)[0].id, 10**9], at=AT) == 0
        assert models.FamilyPause.objects.count() == 0
        assert messages.Message.objects.filter(template="pool paused").count() == 0

    def test_cab_16_with_another_payer_the_package_rests_no_more(self) -> None:
        son = rich()
        owner = family(son)
        agreed(owner, son)
        lines_models.Product.objects.filter(line_id=owner.id).update(paused_at=NEXT)
        product_id = self.waiting(owner, NEXT + timedelta(minutes=1))
        families_pauses.follow(product_ids=[product_id], at=NEXT + timedelta(minutes=1))
        assert families_handover.carry_out(now=NEXT + timedelta(minutes=2)) == 1
        assert models.FamilyPause.objects.filter(until=None).count() == 0
