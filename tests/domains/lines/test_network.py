"""What the network says of a number, and what it means for whoever gets in by it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from abonent.domains.customers.models import Contract
from abonent.domains.identity import actions as accounts
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.models import Account, Challenge, Device, NumberGuard, SecurityEvent, Session
from abonent.domains.identity.rules import CodeExpired, Purpose, Way, WrongCode
from abonent.domains.lines import actions, models, queries
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.network import actions as network
from abonent.domains.lines.network.rules import FromTheFuture, Noted, OtherEvent
from abonent.domains.lines.queries import Line
from abonent.domains.lines.rules import HOLD_OF_MONEY, HoldReason
from abonent.domains.messaging.models import Message
from abonent.foundation.clock import now
from abonent.foundation.values import Msisdn
from tests.factories import identity, lines

pytestmark = pytest.mark.django_db
NUMBER = "+79000000001"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def asked(number: str = NUMBER, purpose: Purpose = Purpose.ENTRY) -> UUID:
    NumberGuard.objects.update(sends=[])
    return actions.request_code(
        number=Msisdn(number), purpose=purpose, again=None, origin=Origin(device="mark"), host="abonent.test",
        language="ru", at=now(),
    )  # fmt: skip


def entered(challenge: UUID) -> actions.Entered:
    return actions.enter(challenge_id=challenge, typed=identity.code_of(challenge), language="ru", at=now())


def owner_of(line: Line) -> int:
    """Return the account that just proved the line, with a session and a known device."""
    account_id = entered(asked(line.number)).account_id
    sign_in = accounts.record_sign_in(
        account_id=account_id, way=Way.CODE, origin=Origin(device="mark"), agent="Browser", in_app=False, at=now()
    )
    Session.objects.create(
        key=f"key{sign_in}", data="", account_id=account_id, sign_in_id=sign_in, expires_at=now() + DAY
    )
    return account_id


def told(*accounts: int | None) -> list[dict[str, Any]]:
    """Return what a worker is to tell the owners of the accounts, in order."""
    jobs = ProcrastinateJob.objects.filter(task_name="react").order_by("id")
    events = [job.args["event"] for job in jobs if "tell_owner" in job.args["reaction"]]
    return [event for event in events if event["account_id"] in accounts]


def journal() -> list[tuple[int, str]]:
    return list(SecurityEvent.objects.order_by("id").values_list("account_id", "kind"))


def replace_sim(imsi: str = "999010000000777", ago: timedelta = HOUR, key: str = "hlr-1") -> Noted:
    return network.note_sim_replaced(number=NUMBER, imsi=imsi, at=now() - ago, key=key)


def test_id_18_a_replaced_sim_holds_recovery_by_sms_for_a_day_and_money_for_three() -> None:
    line = lines.line(number=NUMBER)
    account = owner_of(line)
    living = asked()
    assert replace_sim() is Noted.DONE
    hold = queries.hold_of(line.id, now())
    assert hold
    assert hold.reason is HoldReason.SIM
    assert queries.hold_of(line.id, now() + 22 * HOUR)
    assert not queries.hold_of(line.id, now() + 24 * HOUR)
    assert queries.hold_of(line.id, now() + 70 * HOUR, HOLD_OF_MONEY)
    with pytest.raises(CodeExpired):
        entered(living)
    assert journal() == [(account, "sim replaced")]
    assert Device.objects.count() == 1
    assert Session.objects.filter(account_id=account).exists()


def test_id_18_the_owner_hears_of_a_replaced_sim_on_every_other_number() -> None:
    main = lines.line(number=NUMBER)
    owner_of(main)
    child = lines.line(contract_id=main.contract_id, is_main=False)
    own = owner_of(child)
    network.note_sim_replaced(number=child.number, imsi="999010000000778", at=now(), key="1")
    owner = queries.account_of(main.id)
    assert sorted(journal()) == sorted([(owner, "sim replaced"), (own, "sim replaced")])
    heard = [event for event in told(owner, own) if event["kind"] == "sim replaced"]
    assert {event["not_to"] for event in heard} == {child.number}
    assert {event["account_id"] for event in heard} == {owner, own}


def test_id_18_a_code_enters_during_the_hold_but_is_no_fresh_proof() -> None:
    lines.line(number=NUMBER)
    assert not entered(asked()).held
    replace_sim()
    assert entered(asked()).held


def test_a_sim_that_was_never_known_is_replaced_too() -> None:
    line = lines.line(number=NUMBER)
    replace_sim()
    spans = list(models.Sim.objects.order_by("since").values_list("imsi", "since", "until"))
    assert [imsi for imsi, _, _ in spans] == ["", "999010000000777"]
    assert spans[0][1] == line.opened_at
    assert spans[0][2] == spans[1][1]


def test_an_event_is_taken_once() -> None:
    lines.line(number=NUMBER)
    owner_of(queries.served_by_number(NUMBER) or pytest.fail("no line"))
    at = now() - HOUR
    said = [network.note_sim_replaced(number=NUMBER, imsi="999010000000777", at=at, key="k") for _ in range(3)]
    assert said == [Noted.DONE, Noted.REPEATED, Noted.REPEATED]
    assert len(journal()) == 1
    with pytest.raises(OtherEvent):
        network.note_sim_replaced(number=NUMBER, imsi="999010000000999", at=at, key="k")
    with pytest.raises(OtherEvent):
        network.note_released(number=NUMBER, at=at, key="k")
    assert models.Line.objects.get().closed_at is None


def test_id_18_an_older_sim_never_overrides_a_newer_one() -> None:
    lines.line(number=NUMBER)
    assert replace_sim("999010000000003", ago=HOUR, key="new") is Noted.DONE
    assert replace_sim("999010000000002", ago=2 * HOUR, key="late") is Noted.NOTHING_NEW
    assert models.Sim.objects.get(until=None).imsi == "999010000000003"
    assert [sim.imsi for sim in models.Sim.objects.order_by("since")] == ["", "999010000000002", "999010000000003"]


def test_the_same_sim_said_again_starts_no_hold() -> None:
    line = lines.line(number=NUMBER)
    replace_sim(ago=3 * DAY, key="1")
    assert replace_sim(ago=HOUR, key="2") is Noted.NOTHING_NEW
    assert queries.hold_of(line.id, now()) is None


@pytest.mark.django_db(transaction=True)
def test_id_18_events_at_once_are_each_taken_once() -> None:
    line = lines.line(number=NUMBER)
    account = owner_of(line)
    at = now() - HOUR

    def note(turn: int) -> Noted:
        try:
            return network.note_sim_replaced(
                number=NUMBER, imsi=f"99901000000000{turn % 2}", at=at + (turn % 2) * timedelta(minutes=1),
                key=f"hlr-{turn % 2}",
            )  # fmt: skip
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(note, range(8)))
    assert done.count(Noted.REPEATED) == 6
    assert models.Sim.objects.filter(until=None).get().imsi == "999010000000001"
    assert 1 <= journal().count((account, "sim replaced")) <= 2


def test_id_18_a_changed_forwarding_is_the_same_risk_and_refuses_voice_codes() -> None:
    line = lines.line(number=NUMBER)
    account = owner_of(line)
    assert not queries.is_forwarded(line.id)
    target = "+79161234567"
    said = network.note_forwarding(number=NUMBER, condition="all", target=target, at=now() - 2 * HOUR, key="1")
    assert said is Noted.DONE
    hold = queries.hold_of(line.id, now())
    assert hold
    assert hold.reason is HoldReason.FORWARDING
    assert queries.is_forwarded(line.id)
    soon = now() - timedelta(minutes=90)
    assert network.note_forwarding(number=NUMBER, condition="all", target=target, at=soon, key="2") is (
        Noted.NOTHING_NEW
    )
    network.note_forwarding(number=NUMBER, condition="all", target=None, at=now() - HOUR, key="3")
    assert not queries.is_forwarded(line.id)
    again = queries.hold_of(line.id, now())
    assert again
    assert again.until > hold.until
    assert journal() == [(account, "forwarding changed")] * 2


def test_forwardings_under_different_conditions_live_side_by_side() -> None:
    line = lines.line(number=NUMBER)
    for condition in ("busy", "no answer"):
        network.note_forwarding(
            number=NUMBER, condition=condition, target="+79161234567", at=now() - HOUR, key=condition
        )
    network.note_forwarding(number=NUMBER, condition="busy", target=None, at=now(), key="off")
    assert queries.is_forwarded(line.id)
    assert models.Forwarding.objects.filter(until=None).get().condition == "no answer"


def test_id_18_a_released_number_leaves_nothing_of_its_old_owner() -> None:
    line = lines.line(number=NUMBER)
    account = owner_of(line)
    Account.objects.filter(id=account).update(email="anna@example.org", password="argon2$…", has_second_factor=True)
    Contract.objects.update(contact_number=NUMBER)
    living = asked()
    NumberGuard.objects.update(failures_in_a_row=100)
    assert network.note_released(number=NUMBER, at=now(), key="1") is Noted.DONE
    assert models.LineAccess.objects.count() == Session.objects.count() == Device.objects.count() == 0
    standing = Account.objects.get(id=account)
    assert not standing.has_usable_password()
    assert standing.email is None
    assert not standing.has_second_factor
    assert Contract.objects.get().contact_number == ""
    guard = NumberGuard.objects.get(number=NUMBER)
    assert (guard.sends, guard.failures_in_a_row) == ([], 0)
    with pytest.raises(CodeExpired):
        entered(living)
    assert journal() == [(account, "number gone")]
    assert Message.objects.filter(channel="email", recipient="anna@example.org", template="security").count() == 1
    new = lines.line(number=NUMBER)
    done = entered(asked())
    assert (done.line_id, done.held) == (new.id, False)
    assert done.account_id != account
    assert queries.of_account(account) == []


def test_id_18_who_has_other_numbers_loses_only_this_one() -> None:
    main = lines.line(number=NUMBER)
    account = owner_of(main)
    home = lines.line(number="net-1", contract_id=main.contract_id, service="internet", is_main=False)
    tablet = lines.line(contract_id=main.contract_id, is_main=False)
    network.note_released(number=NUMBER, at=now(), key="1")
    # A number proves itself; what has none stays with who proved to be its holder.
    assert [line.id for line in queries.of_account(account)] == [home.id]
    assert Session.objects.filter(account_id=account).exists()
    assert told(account)[-1]["kind"] == "number gone"
    assert entered(asked(tablet.number)).account_id != account


def test_id_19_a_terminated_line_closes_its_cabinet_and_its_number_is_released_later() -> None:
    line = lines.line(number=NUMBER)
    account = owner_of(line)
    Account.objects.filter(id=account).update(email="anna@example.org")
    assert network.note_terminated(number=NUMBER, at=now() - HOUR, key="1") is Noted.DONE
    assert network.note_terminated(number=NUMBER, at=now(), key="2") is Noted.NOTHING_NEW
    assert queries.of_account(account) == []
    assert Session.objects.count() == 0
    assert Account.objects.get(id=account).email
    with pytest.raises(WrongCode):
        entered(asked())
    assert network.note_released(number=NUMBER, at=now(), key="3") is Noted.DONE
    assert models.LineAccess.objects.count() == 0
    assert Account.objects.get(id=account).email is None
    assert journal() == [(account, "number gone")]


def test_id_18_a_late_event_of_the_old_owner_does_not_touch_the_new_one() -> None:
    old = lines.line(number=NUMBER)
    models.Line.objects.filter(id=old.id).update(closed_at=now() - 2 * HOUR, close_reason="number released")
    new = lines.line(number=NUMBER, opened_at=now() - HOUR)
    owner_of(new)
    assert replace_sim(ago=3 * HOUR) is Noted.NOTHING_NEW
    assert network.note_released(number=NUMBER, at=now() - 2 * HOUR, key="late") is Noted.NOTHING_NEW
    assert queries.hold_of(new.id, now()) is None
    assert journal() == []
    assert models.LineAccess.objects.filter(line_id=new.id).exists()


def test_id_19_an_unused_number_is_blocked_gets_no_code_and_comes_back() -> None:
    line = lines.line(number=NUMBER)
    account = owner_of(line)
    assert network.note_unused(number=NUMBER, at=now() - 2 * HOUR, key="1") is Noted.DONE
    blocked = queries.of_account(account)[0]
    assert (blocked.block_reason, blocked.id) == ("unused", line.id)
    assert journal() == [(account, "number blocked")]
    with pytest.raises(WrongCode):
        entered(asked())
    assert Message.objects.filter(template="code").latest("created_at").state == "withheld"
    assert network.note_used_again(number=NUMBER, at=now() - HOUR, key="2") is Noted.DONE
    assert network.note_unused(number=NUMBER, at=now() - 90 * timedelta(minutes=1), key="late") is Noted.NOTHING_NEW
    assert queries.of_account(account)[0].block_reason == ""
    assert entered(asked()).account_id == account


def test_a_block_for_another_reason_is_not_lifted_by_use() -> None:
    line = lines.line(number=NUMBER)
    bars.report_lost(line_id=line.id, by="self", at=now())
    assert network.note_unused(number=NUMBER, at=now() - HOUR, key="1") is Noted.DONE
    assert models.Line.objects.get().block_reason == "lost", "the graver one is told"
    assert network.note_used_again(number=NUMBER, at=now(), key="2") is Noted.DONE
    assert models.Line.objects.get().block_reason == "lost"


def test_a_number_that_nobody_has_changes_nothing() -> None:
    lines.line(number="+79000000002")
    before = Challenge.objects.count()
    assert replace_sim() is Noted.NO_LINE
    assert network.note_released(number=NUMBER, at=now(), key="2") is Noted.NO_LINE
    assert models.Sim.objects.count() == before == 0
    assert models.Line.objects.get().closed_at is None


def test_what_is_said_to_happen_tomorrow_is_refused_and_changes_nothing() -> None:
    lines.line(number=NUMBER)
    with pytest.raises(FromTheFuture):
        replace_sim(ago=-DAY)
    assert models.NetworkEvent.objects.count() == models.Sim.objects.count() == 0
