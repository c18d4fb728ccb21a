"""Measurements: a place, bytes within limits, a result, and when they are forgotten (CAB-14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from abonent.domains.identity import erasing
from abonent.domains.lines import models, queries_export
from abonent.domains.lines.erasing import erase
from abonent.domains.lines.speed import actions as speed
from abonent.domains.lines.speed import queries as speed_queries
from abonent.domains.lines.speed import rules
from abonent.domains.lines.speed.actions import Asker
from abonent.domains.lines.speed.rules import MB, Implausible, Measured, Size, Why
from abonent.foundation.copies import rows
from tests.factories import cabinet, fixed, sharing

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
STRANGER = Asker(address="203.0.113.7")
MEASURED = Measured(MB, 4000, MB // 2, 4000, 12_000, 2_000)


def start(asker: Asker = STRANGER, at: datetime = AT, size: Size = Size.SMALL, at_once: int = 4) -> UUID:
    return speed.start(asker=asker, size=size, at_once=at_once, at=at)


def refused(asker: Asker = STRANGER, at: datetime = AT, at_once: int = 4) -> Why:
    before = models.SpeedTest.objects.count()
    with pytest.raises(speed.Refused) as found:
        start(asker, at, at_once=at_once)
    assert models.SpeedTest.objects.count() == before
    return found.value.why


def piece(test_id: UUID, length: int, number: int = 0, stream: int = 0, at: datetime = AT + SECOND) -> bool:
    return speed.hand_out(
        test_id=test_id, size=Size.SMALL, stream=stream, number=number, length_bytes=length, at=at
    )  # fmt: skip


def measured(asker: Asker = STRANGER, at: datetime = AT) -> UUID:
    test_id = start(asker, at)
    assert piece(test_id, MB, at=at + SECOND)
    assert speed.take_in(test_id=test_id, size=Size.SMALL, length_bytes=MB, at=at + SECOND)
    speed.finish(test_id=test_id, measured=MEASURED, at=at + 10 * SECOND)
    return test_id


def person() -> Asker:
    own = cabinet.line()
    return Asker(account_id=sharing.account(own), line=fixed.line(of=own))


def test_cab_14_places_are_few_and_come_back() -> None:
    first = start()
    assert refused() is Why.HERE
    other = Asker(address="203.0.113.8")
    assert refused(other, at_once=1) is Why.BUSY
    speed.stop(test_id=first, at=AT + SECOND)
    second = start(other, AT + SECOND, at_once=1)
    assert second != first
    assert start(at=AT + SECOND + rules.LIVES, at_once=1), "who never said that it ended"


def test_cab_14_somebody_signed_in_who_begins_anew_does_not_wait_for_themselves() -> None:
    asker = person()
    first, second = start(asker), start(asker, AT + SECOND)
    assert not piece(first, MB, at=AT + 2 * SECOND)
    assert piece(second, MB, at=AT + 2 * SECOND)


def test_cab_14_only_so_many_within_an_hour() -> None:
    for number in range(rules.PER_HOUR_NAMELESS):
        speed.stop(test_id=start(at=AT + number * SECOND), at=AT + number * SECOND)
    assert refused(at=AT + timedelta(minutes=50)) is Why.OFTEN
    assert start(at=AT + timedelta(minutes=61))


def test_cab_14_no_more_is_handed_out_or_taken_in_than_was_told() -> None:
    test_id, most = start(), rules.MOST[Size.SMALL]
    assert piece(test_id, most.down_bytes - 10)
    assert not piece(test_id, 11, number=1)
    assert piece(test_id, 10, number=1)
    assert speed.take_in(test_id=test_id, size=Size.SMALL, length_bytes=most.up_bytes, at=AT)
    assert not speed.take_in(test_id=test_id, size=Size.SMALL, length_bytes=1, at=AT)
    row = models.SpeedTest.objects.get(id=test_id)
    assert (row.down_bytes, row.up_bytes) == (most.down_bytes, most.up_bytes)


def test_cab_14_a_stream_has_one_piece_at_a_time_and_each_once() -> None:
    test_id = start()
    assert piece(test_id, MB)
    assert not piece(test_id, MB)
    assert not piece(test_id, MB, number=2)
    assert piece(test_id, MB, stream=rules.STREAMS_DOWN - 1)
    assert piece(test_id, MB, number=1)


def test_cab_14_after_its_time_nothing_moves() -> None:
    test_id = start()
    late = AT + rules.LIVES
    assert not piece(test_id, MB, at=late)
    assert not speed.take_in(test_id=test_id, size=Size.SMALL, length_bytes=1, at=late)


def test_cab_14_a_result_stands_once_and_beside_what_the_tariff_promises() -> None:
    asker = person()
    test_id = measured(asker)
    [found] = speed_queries.history(asker.account_id or 0)
    assert (found.id, found.speeds.down_kbps, found.speeds.up_kbps) == (test_id, 2000, 1000)
    assert found.promised_kbps == 100_000
    other = Measured(MB, 1000, MB, 1000, 1, 1)
    speed.finish(test_id=test_id, measured=other, at=AT + 12 * SECOND)
    assert speed_queries.history(asker.account_id or 0) == [found], "a form sent twice changes nothing"


def test_cab_14_what_was_stopped_or_made_up_is_not_kept() -> None:
    test_id = start()
    with pytest.raises(Implausible):
        speed.finish(test_id=test_id, measured=MEASURED, at=AT + 10 * SECOND)
    assert models.SpeedTest.objects.get(id=test_id).down_kbps is None
    assert piece(test_id, MB), "it runs on"
    speed.stop(test_id=test_id, at=AT + SECOND)
    for gone in (test_id, uuid4()):
        with pytest.raises(speed.Gone):
            speed.finish(test_id=gone, measured=MEASURED, at=AT + 10 * SECOND)
    assert models.SpeedTest.objects.get(id=test_id).down_kbps is None


def test_cab_14_a_result_is_its_owners_and_one_of_nobody_is_whose_knows_it() -> None:
    asker = person()
    own, nobodys = measured(asker), measured(at=AT + 20 * SECOND)
    assert speed_queries.result(own, asker.account_id)
    assert speed_queries.result(own, None) is None
    assert speed_queries.result(own, (asker.account_id or 0) + 1) is None
    assert speed_queries.result(nobodys, asker.account_id)
    assert speed_queries.result(nobodys, None)
    assert speed_queries.history(asker.account_id or 0)[0].id == own
    assert speed_queries.result(start(asker, AT + timedelta(minutes=2)), asker.account_id) is None, "not measured yet"


def test_cab_14_results_are_forgotten_and_sooner_what_is_nobodys() -> None:
    asker = person()
    own, nobodys, broken = measured(asker), measured(at=AT + SECOND), start(asker, AT + timedelta(minutes=2))
    speed.forget(at=AT + rules.NAMELESS_KEPT - SECOND)
    assert models.SpeedTest.objects.count() == 3
    speed.forget(at=AT + rules.NAMELESS_KEPT + timedelta(minutes=3))
    assert not models.SpeedTest.objects.filter(id__in=[nobodys, broken]).exists()
    speed.forget(at=AT + rules.KEPT - SECOND)
    assert models.SpeedTest.objects.get().id == own
    speed.forget(at=AT + rules.KEPT)
    assert not models.SpeedTest.objects.exists()


def test_cab_14_results_are_in_the_copy_of_data_and_go_with_the_account() -> None:
    asker = person()
    measured(asker)
    account_id = asker.account_id or 0
    [part] = [one for one in queries_export.parts(account_id=account_id, line_ids=[]) if one.name == "speed-tests"]
    [told] = rows(part)
    assert '"down_kbps":2000' in told
    erasing.ask(account_id=account_id, at=AT)
    assert erase(account_id=account_id, at=AT + timedelta(days=30))
    assert not models.SpeedTest.objects.exists()
