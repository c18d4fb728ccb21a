"""Answers of payments to facts about accounts."""

from __future__ import annotations

from abonent.domains.payments import cards


def forget_payer(account_id: int) -> None:
    """No line is left to the account: no card of its owner is kept or charged."""
    cards.forget_cards(payer_id=account_id)


def forget_person(account_id: int) -> None:
    """The account was deleted: its cards go, and its payments, which the books need, are nobody's."""
    cards.forget_person(payer_id=account_id)
