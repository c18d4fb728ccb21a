"""Answers of lines to facts about accounts and money."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from abonent.domains.identity import queries as identity
from abonent.domains.lines import queries
from abonent.domains.lines.activations import actions as activations
from abonent.domains.lines.products import actions as products
from abonent.domains.messaging import actions as messaging
from abonent.foundation.clock import now


def pause_products(product_ids: list[int]) -> None:
    """The fees of services wait for money: the network switches them off."""
    products.pause(product_ids=product_ids, at=now())


def resume_products(product_ids: list[int]) -> None:
    """The fees of services were charged in the end: the network switches them on."""
    products.resume(product_ids=product_ids, at=now())


def settle_activation(command_id: str, reference: str) -> None:  # noqa: ARG001 - an activation is known by its command
    """The network answered; when it was for an activation, that has its end."""
    activations.settle(activation_id=UUID(command_id), at=now())


def forget_person(account_id: int) -> None:
    """The account was deleted: the activations it asked for are nobody's."""
    activations.forget_person(account_id=account_id)


def tell_owner(account_id: int, kind: str, detail: Mapping[str, str], not_to: str) -> None:
    """Tell the owner what changed: by SMS to every mobile number of the account, and by e-mail.

    Who has no number of ours is told where the codes of the contracts go.
    """
    try:
        standing = identity.standing(account_id)
    except LookupError:
        # Erased meanwhile: nobody is left to be told.
        return
    lines = queries.of_account(account_id)
    numbers = {line.number for line in lines if line.service == "mobile" and line.blocked_at is None}
    emails = {standing.email} if standing.email else set()
    if not numbers:
        contacts = [queries.contact_of(line.id) for line in lines]
        numbers = {contact.number for contact in contacts}
        emails = emails or {contact.email for contact in contacts}
    told = [("sms", number) for number in sorted(numbers)] + [("email", address) for address in sorted(emails)]
    for channel, recipient in told:
        if recipient not in ("", not_to):
            messaging.send(
                channel=channel, recipient=recipient, template="security", params={"kind": kind, **detail},
                language=standing.language,
            )  # fmt: skip
