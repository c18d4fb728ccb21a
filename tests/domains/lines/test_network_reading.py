"""Events of the network as lines of JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from abonent.domains.lines.network.reading import BadEvent, read
from abonent.domains.lines.network.rules import Kind

WHOLE = {"key": "hlr-1", "event": "number_released", "number": "+79000000001", "at": "2026-11-22T10:00:00+03:00"}
SIM = WHOLE | {"event": "sim_replaced", "imsi": "999019000000001"}
FORWARDING = WHOLE | {"event": "forwarding_changed", "condition": "no answer", "target": "+79161234567"}


def test_it_reads_every_kind_of_event() -> None:
    event = read(json.dumps(WHOLE))
    assert (event.kind, event.number, event.key) == (Kind.RELEASED, "+79000000001", "hlr-1")
    assert event.at == datetime(2026, 11, 22, 7, tzinfo=UTC)
    assert read(json.dumps(SIM).encode()).value == "999019000000001"
    forwarding = read(json.dumps(FORWARDING))
    assert (forwarding.value, forwarding.condition) == ("+79161234567", "no answer")
    assert read(json.dumps(FORWARDING | {"target": None})).value == ""
    assert read(json.dumps(WHOLE | {"number": "net-000001", "event": "line_terminated"})).number == "net-000001"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"event": "number_eaten"}, "event"),
        ({"event": 5}, "event"),
        ({"key": ""}, "key"),
        ({"key": "k" * 101}, "key"),
        ({"key": "a\0b"}, "key"),
        ({"number": "79000000001"}, "number"),
        ({"number": "+7900"}, "number"),
        ({"number": "+7 900 000-00-01"}, "number"),
        ({"number": "а б"}, "number"),
        ({"number": None}, "number"),
        ({"at": "yesterday"}, "at"),
        ({"at": "2026-11-22T10:00:00"}, "at"),
        ({"at": 1763800000}, "at"),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, object], named: str) -> None:
    with pytest.raises(BadEvent, match=named):
        read(json.dumps(WHOLE | wrong))


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (json.dumps(SIM | {"imsi": "12a"}), "imsi"),
        (json.dumps(SIM | {"imsi": "9" * 16}), "imsi"),
        (json.dumps(WHOLE | {"event": "sim_replaced"}), "imsi"),
        (json.dumps(FORWARDING | {"condition": "sometimes"}), "condition"),
        (json.dumps(FORWARDING | {"target": "0890"}), "target"),
        (json.dumps({k: v for k, v in FORWARDING.items() if k != "target"}), "target"),
        ("{", "JSON"),
        ("[]", "object"),
        ("5", "object"),
        (b"\xff\xfe", "JSON"),
        ("[" * 3000, "JSON"),
        (" " * 5000, "longer"),
    ],
)
def test_a_line_that_is_no_event_is_told(line: str | bytes, named: str) -> None:
    with pytest.raises(BadEvent, match=named):
        read(line)
