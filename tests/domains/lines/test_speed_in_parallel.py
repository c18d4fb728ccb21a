"""Places and bytes asked for by many at once, on a real PostgreSQL with real commits (CAB-14)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from abonent.domains.lines import models
from abonent.domains.lines.speed import actions as speed
from abonent.domains.lines.speed.actions import Asker
from abonent.domains.lines.speed.rules import MB, MOST, Size
from abonent.foundation.clock import now
from tests.domains.lines.test_sharing_in_parallel import CLIENTS, together

pytestmark = pytest.mark.django_db(transaction=True)


def test_cab_14_the_last_place_goes_to_one() -> None:
    at = now()

    def begin(number: int) -> object:
        try:
            speed.start(asker=Asker(address=f"203.0.113.{number}"), size=Size.SMALL, at_once=2, at=at)
        except speed.Refused as refused:
            return refused.why
        return "begun"

    assert sorted(map(str, together(begin))) == ["begun", "begun", "busy", "busy"]
    assert models.SpeedTest.objects.count() == 2


def test_cab_14_of_pieces_at_once_only_so_many_are_moved_as_may_be() -> None:
    at = now()
    test_id = speed.start(asker=Asker(address="203.0.113.9"), size=Size.SMALL, at_once=1, at=at)
    half = MOST[Size.SMALL].up_bytes // 2
    later = at + timedelta(seconds=1)

    def send(_: int) -> object:
        return speed.take_in(test_id=test_id, size=Size.SMALL, length_bytes=half, at=later)

    assert sorted(map(str, together(send))) == ["False"] * (CLIENTS - 2) + ["True", "True"]

    def receive(_: int) -> object:
        return speed.hand_out(test_id=test_id, size=Size.SMALL, stream=1, number=0, length_bytes=MB, at=later)

    assert sorted(map(str, together(receive))) == ["False"] * (CLIENTS - 1) + ["True"]
    row = models.SpeedTest.objects.get()
    assert (row.up_bytes, row.down_bytes, row.pieces) == (2 * half, MB, [0, 1, 0, 0])
