"""Lines that others see (CAB-15, ID-18): agreed to by the owner, never more than that, ended by either side at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from abonent.domains.identity import models as identity_models
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.passwords.check import WrongPassword
from abonent.domains.identity.rules import CodeError, CodeExpired, CodeUsed, TooMany, WrongCode
from abonent.domains.lines import access, actions, models, queries
from abonent.domains.lines.network import actions as network
from abonent.domains.lines.queries import Line
from abonent.domains.lines.sharing import actions as sharing
from abonent.domains.lines.sharing import queries as sharing_queries
from abonent.domains.lines.sharing import rules
from abonent.domains.lines.sharing.queries import NoSuchShare
from abonent.domains.lines.sharing.rules import EndedBy, Permission, Role
from abonent.domains.messaging.models import Message
from abonent.foundation.audit.models import Entry
from abonent.foundation.clock import now
from tests.factories import factors, identity, lines, passwords, support
from tests.factories import sharing as make

pytestmark = pytest.mark.django_db


def seen(viewer: Line, line: Line) -> str | None:
    """Return as what the viewer's account sees the line, by the door that pages go through; None: not at all."""
    return next((one.role for one in access.lines_of(make.account(viewer)) if one.id == line.id), None)


def own(line: Line) -> list[int]:
    return [one.id for one in queries.of_account(make.account(line))]


def end(share_id: int, by: Line) -> None:
    sharing.end(share_id=share_id, account_id=make.account(by), own_lines=own(by), at=now())


def test_cab_15_the_owners_code_says_who_asks_for_what_and_shares_exactly_that() -> None:
    viewer, line = make.anna(), make.boris()
    make.account(line)
    asked = make.wish(viewer, line.number, Role.ACCOUNTANT)
    challenge = make.send(asked)
    said = identity.last_text(line.number)
    assert rules.masked(viewer.number) in said
    assert viewer.number not in said
    assert "баланс, расходы, счета" in said
    assert seen(viewer, line) is None
    share_id = sharing.agree_by_code(
        wish=asked, challenge_id=challenge, typed=identity.last_code(line.number), at=now()
    )
    assert seen(viewer, line) == Role.ACCOUNTANT
    [given_] = sharing_queries.agreements(account_id=make.account(line), own_lines=[line.id])
    assert (given_.id, given_.viewer_name, given_.is_owner) == (share_id, "Анна О.", True)
    assert given_.viewer_number == rules.masked(viewer.number)
    kinds = identity_models.SecurityEvent.objects.filter(kind="number shared").values_list("account_id", flat=True)
    assert set(kinds) == {make.account(viewer), make.account(line)}
    assert Message.objects.filter(recipient=line.number, template="number shared").count() == 1
    assert Entry.objects.filter(action="number shared", subject=f"line {line.id}").count() == 1


def test_cab_15_a_code_shares_with_nobody_else_and_nothing_else() -> None:
    viewer, line, other = make.anna(), make.boris(), make.anna()
    asked = make.wish(viewer, line.number)
    challenge, code = make.send(asked), identity.last_code(line.number)
    for another in (make.wish(viewer, line.number, Role.FULL), make.wish(other, line.number)):
        with pytest.raises(WrongCode):
            sharing.agree_by_code(wish=another, challenge_id=challenge, typed=code, at=now())
    with pytest.raises(CodeError):
        actions.enter(challenge_id=challenge, typed=code, language="ru", at=now())
    sharing.agree_by_code(wish=asked, challenge_id=challenge, typed=code, at=now())
    with pytest.raises(CodeUsed):
        sharing.agree_by_code(wish=asked, challenge_id=challenge, typed=code, at=now())
    assert seen(other, line) is None


def test_id_17_a_number_of_nobody_gets_nothing_and_is_answered_alike() -> None:
    viewer = make.anna()
    asked = make.wish(viewer, "+79001112233")
    challenge = make.send(asked)
    row = identity_models.Challenge.objects.get(id=challenge)
    assert row.subject is None
    assert not Message.objects.filter(recipient="+79001112233").exclude(state="withheld").exists()
    with pytest.raises(WrongCode):
        sharing.agree_by_code(wish=asked, challenge_id=challenge, typed="123456", at=now())


def test_cab_15_nobody_is_flooded_with_codes_whoever_asks() -> None:
    line = make.boris()
    start = now()
    sent = 0
    for minute in range(0, 60, 5):
        with time_machine.travel(start + timedelta(minutes=minute), tick=False):
            try:
                make.send(make.wish(make.anna(), line.number))
            except TooMany:
                continue
            sent += 1
    assert sent == 2
    with time_machine.travel(start + timedelta(minutes=30), tick=False):
        viewer = make.anna()
        for tail in range(3):
            make.send(make.wish(viewer, f"+790011122{tail:02}"))
        with pytest.raises(TooMany):
            make.send(make.wish(viewer, "+79001112299"))


def test_cab_15_whoever_was_shown_the_door_has_no_code_sent_for_a_week() -> None:
    viewer, line = make.anna(), make.boris()
    end(make.shared(viewer, line), by=line)
    before = Message.objects.filter(recipient=line.number, template="code").count()
    make.send(make.wish(viewer, line.number))
    last = Message.objects.filter(recipient=line.number, template="code").exclude(state="withheld")
    assert last.count() == before
    with time_machine.travel(now() + timedelta(days=8), tick=False):
        make.send(make.wish(viewer, line.number))
        assert last.count() == before + 1


def test_id_18_a_sim_that_changed_lately_agrees_to_nothing_and_ends_what_was_shared() -> None:
    viewer, line = make.anna(), make.boris()
    share_id = make.shared(viewer, line)
    asked = make.wish(make.anna(), line.number)
    challenge, code = make.send(asked), identity.last_code(line.number)
    support.swap_sim(line)
    assert seen(viewer, line) is None
    assert models.Share.objects.get(id=share_id).ended_by == EndedBy.NETWORK
    with pytest.raises((sharing.Held, CodeExpired, CodeUsed)):
        sharing.agree_by_code(wish=asked, challenge_id=challenge, typed=code, at=now())
    with time_machine.travel(now() + timedelta(minutes=2), tick=False):
        new, typed = make.send(asked), identity.last_code(line.number)
        with pytest.raises(sharing.Held):
            sharing.agree_by_code(wish=asked, challenge_id=new, typed=typed, at=now())


@pytest.mark.parametrize("note", [network.note_released, network.note_terminated])
@pytest.mark.parametrize("whose", ["owner", "viewer"])
def test_id_18_a_number_in_other_hands_ends_what_is_seen_of_it_and_by_it(note: object, whose: str) -> None:
    viewer, line = make.anna(), make.boris()
    # Somebody who keeps the account by another number does not keep what the first one saw.
    lines.line(contract_id=viewer.contract_id, is_main=False)
    share_id = make.shared(viewer, line)
    gone = line if whose == "owner" else viewer
    note(number=gone.number, at=now(), key="gone")  # type: ignore[operator]
    share = models.Share.objects.get(id=share_id)
    assert share.ended_by == EndedBy.NETWORK


def test_cab_15_while_the_owner_is_protected_nobody_sees_the_line_and_nobody_new_will() -> None:
    viewer, line = make.anna(), make.boris()
    make.shared(viewer, line)
    owner = make.account(line)
    identity_models.Account.objects.filter(id=owner).update(frozen_at=now())
    assert seen(viewer, line) is None
    challenge = make.send(make.wish(make.anna(), line.number))
    assert identity_models.Challenge.objects.get(id=challenge).subject is None
    identity_models.Account.objects.filter(id=owner).update(frozen_at=None)
    assert seen(viewer, line) == Role.FULL


def test_cab_15_the_owners_password_agrees_unless_a_second_proof_is_wanted() -> None:
    viewer, line = make.anna(), passwords.account(make.boris())
    asked = make.wish(viewer, line.number)
    with pytest.raises(WrongPassword):
        sharing.agree_by_password(wish=asked, typed="wrong", origin=Origin(), at=now())
    nobodys = make.wish(viewer, "+79001112244")
    with pytest.raises(WrongPassword):
        sharing.agree_by_password(wish=nobodys, typed=passwords.PASSWORD, origin=Origin(), at=now())
    sharing.agree_by_password(wish=asked, typed=passwords.PASSWORD, origin=Origin(), at=now())
    assert seen(viewer, line) == Role.VIEWER
    factors.with_totp(passwords.account_of(line))
    again = make.wish(make.anna(), line.number)
    with pytest.raises(sharing.FactorNeeded):
        sharing.agree_by_password(wish=again, typed=passwords.PASSWORD, origin=Origin(), at=now())


def test_cab_15_either_side_ends_it_at_once_and_a_stranger_finds_nothing() -> None:
    viewer, line, stranger = make.anna(), make.boris(), make.anna()
    make.account(line)
    for by in (viewer, line):
        share_id = make.shared(viewer, line)
        with pytest.raises(NoSuchShare):
            end(share_id, by=stranger)
        end(share_id, by=by)
        end(share_id, by=by)
        assert seen(viewer, line) is None
        told = identity_models.SecurityEvent.objects.filter(kind="number unshared").count()
        assert told % 2 == 0
    with pytest.raises(NoSuchShare):
        sharing.choose_role(share_id=share_id, own_lines=own(line), role=Role.FULL, at=now())


def test_cab_15_the_owner_narrows_it_and_who_looks_cannot_widen_it() -> None:
    viewer, line = make.anna(), make.boris()
    share_id = make.shared(viewer, line, Role.FULL)
    with pytest.raises(NoSuchShare):
        sharing.choose_role(share_id=share_id, own_lines=own(viewer), role=Role.FULL, at=now())
    assert sharing.choose_role(share_id=share_id, own_lines=own(line), role=Role.VIEWER, at=now())
    assert seen(viewer, line) == Role.VIEWER
    with pytest.raises(access.NotShared):
        access.require(queries.seen_by(make.account(viewer))[-1], Permission.EXPENSES)


def test_a_line_of_ones_own_is_shared_with_nobody_who_has_it() -> None:
    main = make.anna()
    second = lines.line(contract_id=main.contract_id, is_main=False)
    with pytest.raises(sharing.SeenAlready):
        make.shared(main, second)


_STEPS = some.tuples(
    some.sampled_from(("share", "role", "end by owner", "end by viewer", "swap", "freeze", "thaw")),
    some.sampled_from(Role),
    some.booleans(),
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(_STEPS, max_size=12))
def test_cab_15_whatever_happens_nobody_sees_more_than_was_agreed_to_last(steps: list[tuple[str, Role, bool]]) -> None:
    line, viewers = make.boris(), (make.anna(), make.anna())
    owner = make.account(line)
    agreed: dict[int, Role] = {}
    living: dict[int, int] = {}
    frozen = False
    for number, (step, role, first) in enumerate(steps):
        viewer = viewers[first]
        if step == "share" and not frozen:
            living[viewer.id], agreed[viewer.id] = make.shared(viewer, line, role), role
        elif step == "role" and viewer.id in living:
            sharing.choose_role(share_id=living[viewer.id], own_lines=[line.id], role=role, at=now())
            agreed[viewer.id] = role
        elif step.startswith("end") and viewer.id in living:
            end(living.pop(viewer.id), by=line if "owner" in step else viewer)
            del agreed[viewer.id]
        elif step == "swap":
            network.note_sim_replaced(
                number=line.number, imsi=f"25099{number:010}", at=now(), key=f"{line.id} {number}"
            )
            living.clear()
            agreed.clear()
        elif step in ("freeze", "thaw"):
            frozen = step == "freeze"
            identity_models.Account.objects.filter(id=owner).update(frozen_at=now() if frozen else None)
        for one in viewers:
            expected = None if frozen else agreed.get(one.id)
            assert seen(one, line) == expected
            assert own(one) == [one.id], "what is shared is never one's own"
