"""Answers of payments to facts about accounts."""

from __future__ import annotations

from abonent.domains.payments import cards


def forget_payer(account_id: int) -> None:
    """Nothing opens the account any more: no card of its owner is kept or charged."""
    cards.forget_cards(payer_id=account_id)
