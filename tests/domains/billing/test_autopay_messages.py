"""What is said of autopay: by SMS and by letter, in both languages."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from abonent.domains.billing.autopay.rules import Why
from abonent.domains.identity.models import Account
from abonent.domains.messaging.models import Message
from abonent.domains.messaging.texts import sms as texts
from tests.factories import autopay as make
from tests.factories import cabinet, identity, payments, topups

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 3, 9, tzinfo=UTC)


def test_cab_7_is_told_by_letter_too_where_an_address_is_confirmed(settings: Any) -> None:
    bank, anna = payments.open_bank(settings), cabinet.line()
    identity.browser(anna)
    account_id = topups.account_id(anna)
    Account.objects.filter(id=account_id).update(email="anna@mail.example")
    make.agreed(bank, anna)
    make.round_of()
    letters = Message.objects.filter(recipient="anna@mail.example").order_by("created_at")
    assert [letter.template for letter in letters] == ["autopay on", "autopay paid"]
    assert make.told(anna.number) == ["on", "paid"]


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(
    ("template", "params", "said"),
    [
        ("on", {"kind": "threshold", "sum": "50000", "threshold": "10000", "cap": "300000"}, "/autopay/"),
        ("on", {"kind": "calendar", "sum": "50000", "day": "5", "cap": "300000"}, "500"),
        ("on", {"kind": "fee", "day": "31", "cap": "300000"}, "31"),
        ("soon", {"kind": "calendar", "sum": "50000"}, "500"),
        ("soon", {"kind": "fee", "sum": "16744"}, "167"),
        (
            "soon",
            {
                "kind": "fee",
                "sum": "16744",
                "until": "2026-04-10",
                "total": "65000",
                "balance": "48256",
                "missing": "100",
                "parts": json.dumps(
                    [
                        [kind, name, "-5000"]
                        for name in ("", "X")
                        for kind in (
                            "tariff",
                            "service",
                            "order",
                            "promised",
                            "equipment",
                            "block-day",
                            "fee-return",
                            "other",
                        )
                    ]
                ),
            },
            "10.04.2026",
        ),
        ("not needed", {"sum": "50000"}, "/autopay/"),
        ("paid", {"sum": "50000", "balance": "-1000"}, "500"),
        ("declined", {"sum": "50000", "reason": "insufficient funds", "retry": NOON.isoformat()}, "03.03.2026 12:00"),
        ("declined", {"sum": "50000", "reason": "limit exceeded"}, "/autopay/"),
        ("declined", {"sum": "50000", "reason": "declined by the bank"}, "/topup/"),
        *(("stopped", {"why": str(why)}, "") for why in Why if why not in (Why.OWNER, Why.REPLACED, Why.DECLINED)),
        ("cap", {"sum": "50000", "cap": "100000"}, "/autopay/"),
    ],
)
def test_cab_7_every_message_is_written_in_both_languages(
    template: str, params: dict[str, str], said: str, language: str
) -> None:
    for channel in ("sms", "email"):
        text = texts.render(f"autopay {template}", {"card": "MIR •• 4321"} | params, None, language, channel)
        assert said in text
        assert "%(" not in text
        assert ("втоплат" in text) == (language == "ru")
    assert texts.subject(f"autopay {template}", params, language)
