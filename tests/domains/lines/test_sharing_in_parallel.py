"""Agreements reached and ended by many at once, on a real PostgreSQL with real commits (CAB-15)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from abonent.domains.identity.models import SecurityEvent
from abonent.domains.identity.rules import CodeError
from abonent.domains.lines import models
from abonent.domains.lines.sharing import actions as sharing
from abonent.domains.lines.sharing.rules import Role
from abonent.foundation.clock import now
from tests.factories import identity
from tests.factories import sharing as make

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 4


def together(work: Callable[[int], object]) -> list[object]:
    start = Barrier(CLIENTS, timeout=60)

    def client(number: int) -> object:
        try:
            connection.ensure_connection()
            start.wait()
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(client, range(CLIENTS)))


def test_cab_15_both_ends_at_once_end_it_once_and_consents_at_once_are_one() -> None:
    viewer, line = make.anna(), make.boris()
    sides = [(make.account(viewer), [viewer.id]), (make.account(line), [line.id])]
    share_id = make.shared(viewer, line)

    def end(number: int) -> object:
        account_id, own = sides[number % 2]
        return sharing.end(share_id=share_id, account_id=account_id, own_lines=own, at=now()).id

    assert together(end) == [share_id] * CLIENTS
    assert SecurityEvent.objects.filter(kind="number unshared").count() == 2, "each side is told once"

    other = make.anna()
    asked = make.wish(other, line.number, Role.CHILD)
    challenge, code = make.send(asked), identity.last_code(line.number)

    def agree(_: int) -> object:
        try:
            return sharing.agree_by_code(wish=asked, challenge_id=challenge, typed=code, at=now())
        except CodeError:
            return "used"

    answers = together(agree)
    assert answers.count("used") == CLIENTS - 1
    assert models.Share.objects.filter(ended_at=None).count() == 1
