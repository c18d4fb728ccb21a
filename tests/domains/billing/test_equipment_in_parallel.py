"""Rent charged by several workers at once, and a card activated by several taps (FIX-2, FIX-3): real threads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import close_old_connections

from abonent.domains.billing import equipment, models, queries
from abonent.domains.lines import models as lines
from abonent.domains.lines.activations import actions as activations
from abonent.domains.lines.equipment import actions as things
from tests.domains.identity.test_guards import at_once
from tests.factories import fixed, network

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 12, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _leave_no_connection():
    yield
    close_old_connections()


def test_fix_2_what_several_workers_charge_at_once_is_charged_once() -> None:
    line = fixed.line()
    fixed.hand_out(line, terms=fixed.RENTED)
    taken = at_once(lambda _: equipment.charge_due(at=AT), 5)
    assert sum(one for one in taken if isinstance(one, int)) == 2, taken
    assert models.Charge.objects.filter(category="equipment").count() == 2
    assert queries.balance(line.contract_id) == -19800


def test_fix_3_of_many_taps_at_once_one_is_sent(settings: Any) -> None:
    network.open_network(settings)
    line = fixed.satellite()
    asked = at_once(lambda _: activations.ask(activation_id=uuid4(), line_id=line.id, account_id=1, at=AT), 5)
    assert sum(isinstance(one, activations.Refused) for one in asked) == 4, asked
    assert (lines.Activation.objects.count(), lines.ProvisioningCommand.objects.count()) == (1, 1)


def test_fix_2_of_many_lines_that_get_one_serial_at_once_one_has_it() -> None:
    lines_there = [fixed.line(f"net-00000{place}") for place in range(5)]
    given = at_once(lambda place: fixed.hand_out(lines_there[place]), 5)
    assert sum(isinstance(one, things.Elsewhere) for one in given) == 4, given
    device = lines.Device.objects.get()
    assert device.pk in given
    assert device.line_id == lines_there[given.index(device.pk)].id


def test_fix_2_one_piece_that_takes_the_place_of_two_at_once_is_with_one() -> None:
    lines_there = [fixed.line(f"net-00000{place}") for place in range(2)]
    had = [
        fixed.hand_out(line, terms=fixed.RENTED, serial=f"OW6A0000{place}") for place, line in enumerate(lines_there)
    ]
    given = at_once(
        lambda place: things.exchange(
            device_id=had[place], line_id=lines_there[place].id, serial="OW6A00009", day=AT.date()
        ),
        2,
    )
    assert sorted(type(one).__name__ for one in given) == ["Elsewhere", "str"], given
    assert sorted(lines.Device.objects.values_list("serial", flat=True))[1:] == ["OW6A00009"]
