"""Texts about home internet and TV speak of a connection, those about a phone of its number (FIX-2)."""

from __future__ import annotations

import pytest

from abonent.domains.messaging.texts import sms as texts

WIRE, PHONE = "net-000001", "+79005000001"
ABOUT = {
    "service": "Y", "order": "1", "until": "2026-12-01T10:00:00+03:00", "sum": "100", "next": "100", "per": "month",
    "tariff": "T", "day": "2026-12-01", "fee": "100", "was": "50", "kind": "", "failed": "", "balance": "5",
    "end": "2026-12-01",
}  # fmt: skip
OF_BOTH = [
    *(
        ("order done", {"action": action, "until": "2026-12-01"})
        for action in ("block", "tariff", "connect", "disconnect")
    ),
    *(("order failed", {"action": action}) for action in ("block", "tariff", "connect", "disconnect")),
    ("prices change", {}), ("prices change", {"kind": "tariff"}), ("prices change", {"was": "100"}),
    *((name, {}) for name in ("block ends", "block ended", "paid for another")),
    *((name, {}) for name in ("idle soon", "idle blocked", "idle release soon", "idle released", "idle lifted")),
]  # fmt: skip


@pytest.mark.parametrize(("template", "more"), OF_BOTH)
def test_fix_2_of_a_wire_a_text_names_the_connection_and_of_a_phone_it_does_not(
    template: str, more: dict[str, str]
) -> None:
    for language, number, connection in (("ru", "номер", "подключени"), ("en", "number", "connection")):
        wire = texts.render(template, {**ABOUT, **more, "number": WIRE}, None, language).lower()
        phone = texts.render(template, {**ABOUT, **more, "number": PHONE}, None, language).lower()
        assert (connection in wire, number in wire, WIRE in wire) == (True, False, True), wire
        assert (connection in phone, PHONE in phone) == (False, True), phone


def test_fix_2_what_nobody_is_served_by_is_called_neither() -> None:
    said = texts.render("top-up returned", {**ABOUT, "number": WIRE}, None, "ru").lower()
    assert "номер" not in said
