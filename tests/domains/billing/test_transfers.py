"""Money from one subscriber to another, from the wish to the receipt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine

from abonent.domains.billing import jobs, models, queries
from abonent.domains.billing.transfers import actions as transfers
from abonent.domains.billing.transfers import proofs as transfers_proofs
from abonent.domains.billing.transfers import queries as transfers_queries
from abonent.domains.billing.transfers import rules
from abonent.domains.billing.transfers.actions import NotWaiting, TooManyNumbers
from abonent.domains.billing.transfers.proofs import ByApp, ByCode, FactorNeeded, MoneyHeld, To
from abonent.domains.billing.transfers.queries import NoSuchTransfer
from abonent.domains.billing.transfers.states import State
from abonent.domains.identity import actions as identity_actions
from abonent.domains.identity import models as identity_models
from abonent.domains.identity.factors.rules import WrongFactor
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.rules import CodeExpired, NoSuchCode, Purpose, WrongCode
from abonent.domains.ledger import queries as ledger
from abonent.domains.lines import models as line_models
from abonent.domains.lines.queries import Line
from abonent.foundation.clock import now
from abonent.foundation.values import Msisdn
from tests.factories import billing, factors, lines
from tests.factories import identity as people
from tests.factories import promised as promises
from tests.factories import transfers as make

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
FEE = 500


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def anna() -> Line:
    return make.rich()


@pytest.fixture
def maria() -> Line:
    return make.maria()


def confirm(wish: transfers_queries.Transfer, sender: Line, shown: object) -> transfers_queries.Transfer:
    return transfers.confirm(
        transfer_id=wish.id,
        account_id=make.account_of(sender),
        shown=shown,
        at=now(),  # type: ignore[arg-type]
    )


def moved() -> list[tuple[object, ...]]:
    return billing.rows("select id, amount_minor, kind from ledger_transfer where kind <> 'payment' order by kind")


def unmoved(*lines_: Line, before: list[int]) -> None:
    """Nothing of any table of money changed."""
    assert make.balances(*lines_) == before
    assert moved() == []
    assert not models.Charge.objects.exists()
    assert models.Payment.objects.count() == sum(balance > 0 for balance in before)


def test_cab_9_money_goes_over_once_with_its_fee_and_both_see_why(anna: Line, maria: Line) -> None:
    done = make.sent(anna, maria)
    assert (done.state, done.proven_by, done.name_to, done.name_from) == (State.DONE, "sms", "Мария К***", "Анна О***")
    assert make.balances(anna, maria) == [100_000 - 30_000 - FEE, 30_000]
    assert moved() == [(done.id, 30_000, "transfer"), (rules.fee_id(done.id), FEE, "transfer fee")]
    assert ledger.disagreements() == []
    charges = models.Charge.objects.order_by("amount_minor").values_list(
        "id", "amount_minor", "category", "rule", "peer"
    )
    peer = rules.masked(maria.number)
    assert list(charges) == [
        (rules.fee_id(done.id), FEE, "transfer", "transfer-fee", peer),
        (done.id, 30_000, "transfer", "transfer", peer),
    ]
    came = models.Payment.objects.get(id=done.id)
    assert (came.method, came.detail, came.amount_minor) == ("transfer in", rules.masked(anna.number), 30_000)
    operations = queries.overview(anna, now()).operations
    assert {(one.kind, one.amount_minor) for one in operations[:2]} == {("transfer", -30_000), ("transfer", -FEE)}
    assert queries.overview(maria, now()).operations[0].method == "transfer in"
    assert "300,00" in make.told(maria.number)
    assert "Комиссия" in make.told(anna.number)
    assert [one.id for one in transfers_queries.history(anna.contract_id)] == [done.id]
    assert [one.id for one in transfers_queries.history(maria.contract_id)] == [done.id]


def test_cab_9_the_same_confirmation_again_answers_the_same(anna: Line, maria: Line) -> None:
    wish = make.asked(anna, maria.number)
    shown = make.code_for(wish, anna)
    first = confirm(wish, anna, shown)
    assert confirm(wish, anna, shown) == first
    assert make.balances(anna, maria) == [69_500, 30_000]
    assert make.asked(anna, maria.number).state is State.ASKED


def test_a_form_sent_again_is_the_same_wish(anna: Line, maria: Line) -> None:
    form_id = uuid4()
    wishes = {make.asked(anna, maria.number, form_id=form_id).id for _ in range(3)}
    assert len(wishes) == 1
    assert make.asked(anna, maria.number, 30_001, form_id=form_id).id not in wishes


@pytest.mark.parametrize("field", ["amount_minor", "fee_minor", "number_to", "line_to_id"])
def test_cab_9_a_code_is_good_for_this_sum_fee_and_receiver_only(anna: Line, maria: Line, field: str) -> None:
    wish = make.asked(anna, maria.number)
    shown = make.code_for(wish, anna)
    other = {"amount_minor": 40_000, "fee_minor": 0, "number_to": make.rich().number, "line_to_id": anna.id}[field]
    before = make.balances(anna, maria)
    models.Transfer.objects.filter(id=wish.id).update(**{field: other})
    with pytest.raises(WrongCode):
        confirm(wish, anna, shown)
    assert make.balances(anna, maria) == before
    assert moved() == []


def test_cab_9_a_code_of_one_transfer_confirms_no_other(anna: Line, maria: Line) -> None:
    first, second = make.asked(anna, maria.number, 20_000), make.asked(anna, maria.number, 30_000)
    shown = make.code_for(first, anna)
    with pytest.raises(WrongCode) as error:
        confirm(second, anna, shown)
    assert error.value.tries_left == 2
    unmoved(anna, maria, before=[100_000, 0])
    assert len(identity_models.NumberGuard.objects.get(number=anna.number).failures) == 1
    assert confirm(first, anna, shown).state is State.DONE


@pytest.mark.parametrize("purpose", [one for one in Purpose if one is not Purpose.MONEY])
def test_cab_9_a_code_of_another_purpose_moves_nothing(anna: Line, maria: Line, purpose: Purpose) -> None:
    wish = make.asked(anna, maria.number)
    challenge = people.challenge(anna.number, subject=anna.id, purpose=purpose)
    with pytest.raises(NoSuchCode):
        confirm(wish, anna, ByCode(challenge, people.code_of(challenge)))
    unmoved(anna, maria, before=[100_000, 0])


def test_a_code_of_money_signs_nobody_in_and_confirms_nothing_else(anna: Line, maria: Line) -> None:
    shown = make.code_for(make.asked(anna, maria.number), anna)
    for purpose in (Purpose.ENTRY, Purpose.CONFIRM, Purpose.RESET):
        with pytest.raises(NoSuchCode):
            identity_actions.check_code(challenge_id=shown.challenge_id, purpose=purpose, typed=shown.typed, at=now())


def test_a_wrong_code_counts_and_the_third_spends_it(anna: Line, maria: Line) -> None:
    wish = make.asked(anna, maria.number)
    shown = make.code_for(wish, anna)
    wrong = replace(shown, typed=f"{(int(shown.typed) + 1) % 10**6:06}")
    for left in (2, 1, 0):
        with pytest.raises(WrongCode) as error:
            confirm(wish, anna, wrong)
        assert error.value.tries_left == left
    with pytest.raises(identity_actions.rules.CodeSpent):
        confirm(wish, anna, shown)
    unmoved(anna, maria, before=[100_000, 0])


def test_a_code_lives_ten_minutes_and_a_wish_half_an_hour(anna: Line, maria: Line) -> None:
    wish = make.asked(anna, maria.number)
    shown = make.code_for(wish, anna)
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False), pytest.raises(CodeExpired):
        confirm(wish, anna, shown)
    with time_machine.travel(NOW + rules.ASKED_FOR, tick=False):
        with pytest.raises(NotWaiting):
            confirm(wish, anna, shown)
        jobs.expire_transfers(0)
        assert transfers_queries.asked_by(wish.id, make.account_of(anna)).state is State.EXPIRED
    with pytest.raises(NotWaiting):
        confirm(wish, anna, shown)
    unmoved(anna, maria, before=[100_000, 0])


def test_what_moved_nothing_is_forgotten_and_what_moved_money_never(anna: Line, maria: Line) -> None:
    done, idle = make.sent(anna, maria), make.asked(anna, maria.number)
    with time_machine.travel(NOW + timedelta(days=32), tick=False):
        jobs.expire_transfers(0)
        jobs.expire_transfers(0)
    assert set(models.Transfer.objects.values_list("id", flat=True)) == {done.id}
    assert idle.id != done.id


@pytest.mark.parametrize("who", ["unknown", "blocked", "other operator", "closed", "internet"])
def test_id_17_whoever_cannot_get_money_is_answered_alike(anna: Line, who: str, django_assert_num_queries) -> None:
    number = "+79009999999" if who != "other operator" else "+79161234567"
    if who in ("blocked", "closed"):
        line = make.rich()
        number = line.number
        change = {"blocked_at": NOW} if who == "blocked" else {"closed_at": NOW}
        line_models.Line.objects.filter(id=line.id).update(**change)
    if who == "internet":
        number = lines.line(service="internet", number="+79007654321").number
    account_id = make.account_of(anna)
    transfer_id = transfers.ask(
        form_id=uuid4(), account_id=account_id, line=anna, number=Msisdn(number), amount_minor=30_000, at=now()
    )
    with django_assert_num_queries(7):
        wish = transfers.look_up(transfer_id=transfer_id, account_id=account_id, at=now())
    assert (wish.looked_up, wish.line_to_id, wish.contract_to, wish.name_to) == (True, None, None, "")
    _, reason = transfers.why_not(wish, account_id=account_id, at=now())
    assert reason == rules.Refused(rules.Refusal.RECEIVER)
    refused = confirm(wish, anna, make.code_for(wish, anna))
    assert (refused.state, refused.reason) == (State.REFUSED, "receiver")
    assert moved() == []


def test_a_known_number_costs_the_same_work(anna: Line, maria: Line, django_assert_num_queries) -> None:
    account_id = make.account_of(anna)
    transfer_id = transfers.ask(
        form_id=uuid4(), account_id=account_id, line=anna, number=Msisdn(maria.number), amount_minor=30_000, at=now()
    )
    with django_assert_num_queries(7):
        transfers.look_up(transfer_id=transfer_id, account_id=account_id, at=now())


def test_id_17_names_are_looked_up_ten_a_day_and_the_same_number_any_often(anna: Line, maria: Line) -> None:
    for number in range(9):
        make.asked(anna, f"+790011111{number:02}")
    for _ in range(3):
        assert make.asked(anna, maria.number).name_to == "Мария К***"
    with pytest.raises(TooManyNumbers) as error:
        make.asked(anna, "+79001111199")
    assert error.value.until == NOW + timedelta(days=1)
    assert make.asked(anna, maria.number).looked_up
    with time_machine.travel(NOW + timedelta(days=1, minutes=1), tick=False):
        assert make.asked(anna, "+79001111199").looked_up


def test_cab_9_nobody_sends_to_oneself(anna: Line) -> None:
    sister = lines.line(contract_id=anna.contract_id, is_main=False)
    for number in (anna.number, sister.number):
        wish = make.asked(anna, number)
        assert (wish.name_to, wish.contract_to) == ("", None)
        assert transfers.why_not(wish, account_id=make.account_of(anna), at=now())[1] == rules.Refused(
            rules.Refusal.SELF
        )
    unmoved(anna, before=[100_000])


def test_a_number_that_changed_hands_since_gets_nothing(anna: Line, maria: Line) -> None:
    wish = make.asked(anna, maria.number)
    shown = make.code_for(wish, anna)
    line_models.Line.objects.filter(id=maria.id).update(closed_at=NOW)
    another = lines.line(number=maria.number, opened_at=NOW)
    refused = confirm(wish, anna, shown)
    assert (refused.state, refused.reason) == (State.REFUSED, "receiver")
    assert make.balances(anna, maria, another) == [100_000, 0, 0]


def test_what_is_spent_meanwhile_cannot_be_sent_and_the_code_is_gone(anna: Line, maria: Line) -> None:
    first, second = make.asked(anna, maria.number, 60_000), make.asked(anna, maria.number, 50_000)
    shown = make.code_for(second, anna)
    confirm(first, anna, make.code_for(first, anna))
    refused = confirm(second, anna, shown)
    assert (refused.state, refused.reason) == (State.REFUSED, "short")
    assert make.balances(anna, maria) == [100_000 - 60_000 - 600, 60_000]
    with pytest.raises(NotWaiting):
        confirm(second, anna, shown)
    spent = identity_models.Challenge.objects.get(id=shown.challenge_id)
    assert spent.spent_at is not None


def test_a_charge_between_the_look_and_the_posting_is_seen(anna: Line, maria: Line) -> None:
    """The balance is looked at once more after the money was taken: here it is looked at with more to be kept."""
    row = models.Transfer.objects.get(id=make.asked(anna, maria.number, 90_000).id)
    reason = transfers.transfers_moving.move(row, kept_minor=10_000, at=now())
    assert reason == rules.Refused(rules.Refusal.SHORT, missing_minor=900)
    unmoved(anna, maria, before=[100_000, 0])


def test_money_that_was_lent_is_not_given_away(anna: Line, maria: Line) -> None:
    promises.owed(anna.contract_id, 80_000, repaid_minor=10_000, due_at=NOW + timedelta(days=3))
    wish = make.asked(anna, maria.number, 30_000)
    _, reason = transfers.why_not(wish, account_id=make.account_of(anna), at=now())
    assert reason == rules.Refused(rules.Refusal.SHORT, missing_minor=30_000 + FEE + 5_000 - 30_000)


def test_the_day_and_the_month_have_their_limits(maria: Line) -> None:
    anna = make.rich(5_000_000)
    for _ in range(2):
        make.sent(anna, maria, 250_000)
    wish = make.asked(anna, maria.number, 1_000)
    assert transfers.why_not(wish, account_id=make.account_of(anna), at=now())[1] == rules.Refused(rules.Refusal.DAY)
    for day in (1, 2):
        with time_machine.travel(NOW + timedelta(days=day), tick=False):
            make.sent(anna, maria, 500_000)
    with time_machine.travel(NOW + timedelta(days=3), tick=False):
        wish = make.asked(anna, maria.number, 1_000)
        assert transfers.why_not(wish, account_id=make.account_of(anna), at=now())[1] == rules.Refused(
            rules.Refusal.MONTH
        )
    with time_machine.travel(NOW + timedelta(days=10), tick=False):
        assert make.sent(anna, maria, 1_000).state is State.DONE


def test_a_line_of_somebody_elses_contract_sends_none_of_its_money(anna: Line, maria: Line) -> None:
    child = lines.line(contract_id=anna.contract_id, is_main=False)
    wish = make.asked(child, maria.number)
    _, reason = transfers.why_not(wish, account_id=make.account_of(child), at=now())
    assert reason == rules.Refused(rules.Refusal.NOT_YOURS)
    assert confirm(wish, child, make.code_for(wish, child)).state is State.REFUSED
    assert transfers.why_not(make.asked(anna, maria.number), account_id=make.account_of(anna), at=now())[1] is None


def test_another_account_neither_sees_nor_confirms_a_wish(anna: Line, maria: Line) -> None:
    wish, stranger = make.asked(anna, maria.number), make.rich(0)
    shown, account_id = make.code_for(wish, anna), make.account_of(stranger)
    for act in (
        lambda: transfers.confirm(transfer_id=wish.id, account_id=account_id, shown=shown, at=now()),
        lambda: transfers.look_up(transfer_id=wish.id, account_id=account_id, at=now()),
        lambda: transfers_queries.seen(wish.id, [stranger.contract_id], account_id),
        # The receiver sees nothing before the money is there.
        lambda: transfers_queries.seen(wish.id, [maria.contract_id], make.account_of(maria)),
    ):
        with pytest.raises(NoSuchTransfer):
            act()
    unmoved(anna, maria, before=[100_000, 0])


def test_id_18_for_three_days_after_a_new_sim_or_forwarding_an_sms_moves_no_money(anna: Line, maria: Line) -> None:
    wish = make.asked(anna, maria.number)
    shown = make.code_for(wish, anna)
    line_models.Sim.objects.create(line_id=anna.id, imsi="1", since=NOW - timedelta(days=90), until=NOW)
    line_models.Sim.objects.create(line_id=anna.id, imsi="2", since=NOW - timedelta(hours=71))
    with pytest.raises(MoneyHeld) as error:
        confirm(wish, anna, shown)
    assert error.value.hold.until == NOW + timedelta(hours=1)
    with pytest.raises(MoneyHeld):
        make.code_for(wish, anna)
    unmoved(anna, maria, before=[100_000, 0])
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert make.sent(anna, maria).state is State.DONE


def test_id_15_who_has_a_second_factor_sends_by_it_and_by_no_sms(anna: Line, maria: Line) -> None:
    wish = make.asked(anna, maria.number)
    before = make.code_for(wish, anna)
    account_id = factors.with_totp(make.account_of(anna))
    with pytest.raises(FactorNeeded):
        confirm(wish, anna, before)
    with pytest.raises(FactorNeeded):
        make.code_for(wish, anna)
    with pytest.raises(WrongFactor):
        confirm(wish, anna, ByApp(factors.wrong_code(account_id, now()), ""))
    unmoved(anna, maria, before=[100_000, 0])
    typed = factors.totp_code(account_id, now())
    done = confirm(wish, anna, ByApp(typed, ""))
    assert (done.state, done.proven_by) == (State.DONE, "factor")
    with pytest.raises(WrongFactor):
        confirm(make.asked(anna, maria.number), anna, ByApp(typed, ""))
    assert make.balances(anna, maria) == [69_500, 30_000]


def test_a_passkeys_question_holds_what_it_confirms(anna: Line, maria: Line) -> None:
    wish, other = make.asked(anna, maria.number), make.asked(anna, maria.number, 40_000)
    question = transfers_proofs.question_for(other.bound)
    shown = transfers_proofs.ByPasskey("{}", question, factors.SITE)
    with pytest.raises(transfers_proofs.ChallengeGone):
        confirm(wish, anna, shown)
    with pytest.raises(WrongFactor):
        confirm(other, anna, shown)
    unmoved(anna, maria, before=[100_000, 0])


def test_the_message_says_sum_and_receiver_and_a_repeated_code_is_of_the_same(anna: Line, maria: Line) -> None:
    wish, other = make.asked(anna, maria.number), make.asked(anna, maria.number, 40_000)

    def send(of: transfers_queries.Transfer, again: object = None) -> object:
        identity_models.NumberGuard.objects.update(sends=[])
        told = {"amount_minor": str(of.amount_minor), "number": rules.masked(of.number_to)}
        to = To(anna.number, anna.id, Origin(), "abonent.test", "en", again)  # type: ignore[arg-type]
        return transfers_proofs.request_code(
            account_id=make.account_of(anna), bound=of.bound, told=told, to=to, at=now()
        )

    challenge = send(wish)
    text = make.told(anna.number).replace("\xa0", " ")
    assert "confirms the transfer of 300.00 ₽" in text
    assert rules.masked(maria.number).replace("\xa0", " ") in text
    assert send(wish, challenge) == challenge
    assert send(other, challenge) != challenge
