"""The central database's callback (CAB-16): signed, a reason to ask, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from abonent.domains.porting import jobs, models
from abonent.domains.porting.states import State
from abonent.entrypoints.callbacks.bodies import signature
from abonent.foundation.clock import now
from tests.factories import billing, network, numbers, orders
from tests.factories import porting as make
from tests.factories.porting import AT, Central

pytestmark = pytest.mark.django_db
ADDRESS, KEY = "/callbacks/porting", "k" * 32


@pytest.fixture(autouse=True)
def central(settings: Any) -> Iterator[Central]:
    network.open_network(settings)
    numbers.open_server(settings)
    make.rules()
    settings.PORTING_ADAPTER = SimpleNamespace(url="", key=KEY, ca="")
    with time_machine.travel(AT, tick=False):
        yield make.open_central(settings)


def tell(body: object, *, key: str = KEY, age_s: float = 0) -> int:
    written = body if isinstance(body, bytes) else json.dumps(body).encode()
    timestamp = f"{int(now().timestamp() - age_s)}"
    headers = {
        "X-Abonent-Timestamp": timestamp, "X-Abonent-Signature": signature(key, timestamp, ADDRESS, written),
    }  # fmt: skip
    client = Client(enforce_csrf_checks=True)
    return client.post(ADDRESS, written, content_type="application/json", headers=headers).status_code


def heard() -> list[str]:
    return [
        ref for (ref,) in billing.rows("select args->>'ref' from procrastinate_jobs where task_name = 'hear_of_port'")
    ]


def test_cab_16_what_the_central_database_says_is_asked_about(central: Central) -> None:
    line = orders.rich()
    ref = central.want(line.number)
    assert [tell({"request": str(ref), "state": "ported"}) for _ in range(2)] == [204, 204]
    assert heard() == [str(ref)] * 2
    for asked in heard():
        jobs.hear_of_port(ref=asked)
    assert models.PortOut.objects.get().state == State.ASKED, "what it says is a reason to ask, whatever it is"
    jobs.ask_of_ports(timestamp=0)
    jobs.find_ports(timestamp=0)
    jobs.forget_port_drafts(timestamp=0)
    assert models.PortOut.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "known", "status"),
    [
        ({"request": str(uuid4())}, {"key": "x" * 32}, 404),
        ({"request": str(uuid4())}, {"age_s": 3_600}, 404),
        ({"request": "7"}, {}, 400),
        ({}, {}, 400),
        (b"[", {}, 400),
        (b"[1]", {}, 400),
    ],
)
def test_cab_16_what_is_not_signed_or_names_nothing_is_not_heard(body: Any, known: Any, status: int) -> None:
    assert tell(body, **known) == status
    assert heard() == []


def test_cab_16_without_a_central_database_there_is_no_such_address(settings: Any) -> None:
    settings.PORTING = ""
    assert tell({"request": str(uuid4())}) == 404
    assert Client().get(ADDRESS).status_code == 404
