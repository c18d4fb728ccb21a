"""A family that shares a package: asked, joined, limited, left, ended (CAB-16)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.billing import models
from abonent.domains.billing.families import actions as families
from abonent.domains.billing.families import queries as families_queries
from abonent.domains.billing.families import rules as families_rules
from abonent.domains.billing.families import telling as families_telling
from abonent.domains.billing.families.actions import Refused
from abonent.domains.billing.families.queries import NoSuchFamily
from abonent.domains.billing.families.rules import Asked, EndedBy, Refusal
from abonent.domains.catalog.family_rules import Family
from abonent.domains.lines import models as lines_models
from abonent.domains.lines.products import actions as products
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import models as messages
from abonent.foundation.values import Msisdn
from tests.factories import billing, lines
from tests.factories import families as make
from tests.factories.billing import Use, march

AT = march(14)
HOUR = timedelta(hours=1)


def having(*, members_most: int = 2, common_first: bool = False) -> Line:
    """Return a line with the service for families."""
    line = lines.line()
    products.begin(line_id=line.id, offer_version_id=make.load(members_most=members_most, common_first=common_first),
                   at=AT - timedelta(days=3))  # fmt: skip
    return line


def ask(owner: Line, line: Line, at: datetime = AT) -> UUID:
    return families.ask(form_id=uuid4(), line=owner, number=Msisdn(line.number), name="Саша", at=at).id


def join(owner: Line, line: Line, at: datetime = AT) -> UUID:
    """Let a line be a member; return the membership."""
    families.agree(invitation_id=ask(owner, line, at), line=line, at=at)
    return models.FamilyMember.objects.get(line_id=line.id, until=None).id


def refused(act: object, *args: object, **known: object) -> Refusal:
    with pytest.raises(Refused) as raised:
        act(*args, **known)  # type: ignore[operator]
    return raised.value.refusal


def sent(line: Line) -> list[str]:
    rows = messages.Message.objects.filter(recipient=line.number).exclude(state="withheld").order_by("created_at", "id")
    return list(rows.values_list("template", flat=True))


@pytest.mark.django_db
class TestAsking:
    def test_cab_16_a_number_is_asked_agrees_itself_and_both_sides_are_told(self) -> None:
        owner, son = having(), lines.line()
        invitation = ask(owner, son)
        (coming,) = families_queries.coming([son.number], AT)
        assert (coming.id, coming.owner_number, coming.terms.members_most) == (invitation, owner.number, 2)
        assert families.agree(invitation_id=invitation, line=son, at=AT + HOUR) == AT + HOUR
        assert families.agree(invitation_id=invitation, line=son, at=AT + 2 * HOUR) == AT + HOUR
        found = families_queries.own(owner, AT + HOUR)
        assert found
        assert [(one.number, one.name) for one in found.members] == [(son.number, "Саша")]
        assert families_queries.coming([son.number], AT) == []
        assert sent(son) == ["pool invited", "pool welcome"]
        assert sent(owner) == ["pool joined"]

    def test_cab_16_nobodys_number_is_asked_like_any_and_gets_nothing(self) -> None:
        owner = having()
        found = families.ask(form_id=uuid4(), line=owner, number=Msisdn("+79009999999"), name="", at=AT)
        assert found.state == "waiting"
        assert messages.Message.objects.get(recipient="+79009999999").state == "withheld"

    def test_cab_16_the_same_form_again_is_the_same_invitation(self) -> None:
        owner, son, form = having(), lines.line(), uuid4()
        for _ in range(2):
            families.ask(form_id=form, line=owner, number=Msisdn(son.number), name="", at=AT)
        assert models.FamilyInvitation.objects.count() == 1
        assert sent(son) == ["pool invited"]

    def test_cab_16_without_the_service_or_while_it_waits_for_money_nobody_is_asked(self) -> None:
        assert refused(ask, lines.line(), lines.line()) is Refusal.NO_SERVICE
        owner = having()
        lines_models.Product.objects.filter(line_id=owner.id).update(paused_at=AT)
        assert refused(ask, owner, lines.line()) is Refusal.PAUSED
        assert models.FamilyInvitation.objects.count() == 0
        assert models.FamilyGroup.objects.count() == 0

    def test_cab_16_who_said_no_is_left_alone_for_some_days(self) -> None:
        owner, son = having(), lines.line()
        families.refuse(invitation_id=ask(owner, son), line=son, at=AT)
        assert sent(owner) == ["pool refused"]
        assert refused(ask, owner, son, AT + timedelta(days=13)) is Refusal.LEFT_ALONE
        assert ask(owner, son, AT + timedelta(days=14))

    def test_cab_16_an_invitation_is_no_more_after_its_time_and_when_called_off(self) -> None:
        owner, son, aunt = having(), lines.line(), lines.line()
        first, second = ask(owner, son), ask(owner, aunt)
        families.withdraw(invitation_id=second, line=owner, at=AT)
        assert refused(families.agree, invitation_id=second, line=aunt, at=AT) is Refusal.LATE
        late = AT + families_rules.INVITED_FOR
        assert refused(families.agree, invitation_id=first, line=son, at=late) is Refusal.LATE
        assert families.expire(now=late) == 1
        assert models.FamilyMember.objects.filter(is_owner=False).count() == 0

    def test_cab_16_another_line_neither_sees_nor_answers_nor_calls_off_an_invitation(self) -> None:
        owner, son, stranger = having(), lines.line(), lines.line()
        invitation = ask(owner, son)
        with pytest.raises(NoSuchFamily):
            families.agree(invitation_id=invitation, line=stranger, at=AT)
        with pytest.raises(NoSuchFamily):
            families.refuse(invitation_id=invitation, line=stranger, at=AT)
        with pytest.raises(NoSuchFamily):
            families.withdraw(invitation_id=invitation, line=stranger, at=AT)
        assert models.FamilyInvitation.objects.get().state == "waiting"

    def test_cab_16_a_line_is_in_one_family_as_owner_or_member(self) -> None:
        owner, other, son = having(), having(), lines.line()
        join(owner, son)
        invitation = ask(other, son)
        assert refused(families.agree, invitation_id=invitation, line=son, at=AT) is Refusal.IN_A_FAMILY
        # Whoever has asked somebody is an owner already.
        invitation = ask(owner, other)
        assert refused(families.agree, invitation_id=invitation, line=other, at=AT) is Refusal.IN_A_FAMILY

    def test_cab_16_only_tariffs_of_the_terms_join(self) -> None:
        owner, son = having(), lines.line()
        invitation = ask(owner, son)
        terms = Family(2, tariffs=("large",))
        assert families_rules.why_not_join(
            terms, tariff_code="small", members=0, in_a_family=False, blocked=False
        ) is Refusal.TARIFF  # fmt: skip
        assert families.agree(invitation_id=invitation, line=son, at=AT) == AT


@pytest.mark.django_db
class TestEnding:
    def test_cab_16_either_side_ends_it_at_once_and_the_other_is_told(self) -> None:
        owner, son, aunt = having(), lines.line(), lines.line()
        first, second = join(owner, son), join(owner, aunt)
        families.end(member_id=first, line_ids=[son.id], at=AT + HOUR)
        families.end(member_id=second, line_ids=[owner.id], at=AT + HOUR)
        families.end(member_id=second, line_ids=[owner.id], at=AT + 2 * HOUR)
        ended = models.FamilyMember.objects.filter(is_owner=False).order_by("ended_by")
        assert list(ended.values_list("ended_by", "until")) == [("member", AT + HOUR), ("owner", AT + HOUR)]
        assert sent(owner)[-1] == "pool left"
        assert sent(aunt)[-1] == "pool removed"
        assert families_queries.membership(son, AT + HOUR) is None

    def test_cab_16_a_stranger_ends_nothing(self) -> None:
        owner, son, stranger = having(), lines.line(), having()
        member = join(owner, son)
        for line_ids in ([stranger.id], []):
            with pytest.raises(NoSuchFamily):
                families.end(member_id=member, line_ids=line_ids, at=AT)
        assert models.FamilyMember.objects.filter(until=None, is_owner=False).count() == 1

    def test_cab_16_who_comes_back_begins_with_the_next_period_of_its_own(self) -> None:
        owner, son = having(), lines.line()
        families.end(member_id=join(owner, son), line_ids=[son.id], at=AT + HOUR)
        join(owner, son, AT + 2 * HOUR)
        row = models.FamilyMember.objects.get(line_id=son.id, until=None)
        assert row.since == datetime.fromisoformat("2026-04-09T21:00:00+00:00")

    def test_cab_16_without_the_service_the_family_is_no_more(self) -> None:
        owner, son, aunt = having(), lines.line(), lines.line()
        join(owner, son)
        ask(owner, aunt)
        assert families.follow(line_ids=[owner.id], at=AT) == 0
        lines_models.Product.objects.filter(line_id=owner.id).update(until=AT + HOUR)
        assert families.follow(line_ids=[owner.id], at=AT + HOUR) == 1
        assert models.FamilyMember.objects.filter(until=None).count() == 0
        assert families_queries.coming([aunt.number], AT + HOUR) == []
        assert sent(son)[-1] == "pool over"

    def test_cab_16_a_line_that_is_no_more_leaves(self) -> None:
        owner, son = having(), lines.line()
        join(owner, son)
        assert families.dissolve(line_id=son.id, by=EndedBy.NETWORK, at=AT)
        assert not families.dissolve(line_id=son.id, by=EndedBy.NETWORK, at=AT)
        assert models.FamilyMember.objects.filter(until=None).get().line_id == owner.id


@pytest.mark.django_db
class TestUsing:
    def test_cab_16_a_member_pays_nothing_until_the_package_or_its_limit_is_used_up(self) -> None:
        owner, son = having(), lines.line()
        member = join(owner, son)
        families.limit(member_id=member, line=owner, limits={"voice": 300, "sms": 0}, at=AT)
        billing.use(Use(son.number, AT + HOUR, duration_s=600), Use(son.number, AT + 2 * HOUR, duration_s=360))
        (charge,) = models.Charge.objects.all()
        assert (charge.included, charge.billed_units, charge.line_id) == (300, 1, son.id)
        found = families_queries.membership(son, AT + 3 * HOUR)
        assert found
        voice = next(share for share in found.shares if share.bucket == "voice")
        assert (voice.amount, voice.left, voice.used, voice.limit, voice.mine) == (600, 300, 300, 300, 0)

    def test_cab_16_what_was_taken_stays_when_the_member_leaves_or_is_limited(self) -> None:
        owner, son = having(common_first=True), lines.line()
        member = join(owner, son)
        billing.use(Use(son.number, AT + HOUR, duration_s=240))
        families.limit(member_id=member, line=owner, limits={"voice": 60}, at=AT + 2 * HOUR)
        families.end(member_id=member, line_ids=[son.id], at=AT + 3 * HOUR)
        billing.use(Use(son.number, AT + 4 * HOUR, duration_s=600))
        assert models.Charge.objects.count() == 0
        assert models.FamilyTaken.objects.get().used == 240

    def test_cab_16_a_stranger_limits_and_names_nobody(self) -> None:
        owner, son, stranger = having(), lines.line(), having()
        member = join(owner, son)
        with pytest.raises(NoSuchFamily):
            families.limit(member_id=member, line=stranger, limits={"voice": 0}, at=AT)
        with pytest.raises(NoSuchFamily):
            families.call(member_id=member, line=son, name="Я", colour="")
        assert models.FamilyLimit.objects.count() == 0

    def test_cab_16_cab_19_at_80_and_100_percent_of_a_limit_the_member_is_told_once(self) -> None:
        owner, son = having(common_first=True), lines.line()
        families.limit(member_id=join(owner, son), line=owner, limits={"voice": 300}, at=AT)
        for minutes, told in ((3, 0), (1, 1), (0, 0), (1, 1), (2, 0)):
            if minutes:
                billing.use(Use(son.number, AT + HOUR, duration_s=60 * minutes))
            assert families_telling.tell_of_limits(at=AT + 2 * HOUR) == told
        assert sent(son).count("pool limit") == 2


@given(
    st.integers(0, 4), st.booleans(), st.booleans(), st.lists(st.integers(0, 60), max_size=8),
    st.none() | st.integers(0, 30), st.integers(1, 3),
)  # fmt: skip
def test_cab_16_whether_a_number_may_be_asked_follows_from_what_was_asked_before(
    taken: int, waits: bool, member: bool, hours_ago: list[int], refused_days_ago: int | None, most: int
) -> None:
    asked = Asked(
        "+79001112233", "+79001112234", taken, waits, member, [AT - n * HOUR for n in hours_ago], [],
        None if refused_days_ago is None else AT - timedelta(days=refused_days_ago),
    )  # fmt: skip
    found = families_rules.why_not_ask(asked, Family(most), AT)
    free = not waits and not member and taken < most and (refused_days_ago is None or refused_days_ago >= 14)
    free = free and sum(n < 24 for n in hours_ago) < 5
    assert (found is None) == free


def test_cab_16_cab_19_only_80_and_100_percent_of_a_limit_are_worth_telling() -> None:
    assert families_rules.told_percent(79, 100) == 0
    assert families_rules.told_percent(80, 100) == 80
    assert families_rules.told_percent(250, 100) == 100
    assert families_rules.told_percent(5, None) == 0
    assert families_rules.told_percent(5, 0) == 0
