"""Entry by the number of a contract or account: the code goes where the contract names, whoever holds a SIM."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from abonent.domains.customers import queries as customers
from abonent.domains.customers.queries import Contract
from abonent.domains.identity import actions as identity
from abonent.domains.identity import queries as codes
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.rules import Channel, Purpose
from abonent.domains.lines.actions import ContractEnded, Entered, open_contract
from abonent.domains.lines.equipment import queries as equipment_queries
from abonent.domains.lines.equipment.rules import card_of

# Stands for the contract that a card of nobody has not got.
NOBODY = 0


def request_code(
    *,
    number: str,
    channel: Channel,
    again: UUID | None,
    origin: Origin,
    host: str,
    language: str,
    at: datetime,
    solved: bool = False,
) -> UUID:
    """Send a code to the mobile number (`Channel.SMS`) or the e-mail address (`Channel.EMAIL`) of a contract.

    `number` is a contract or account number as `customers.rules.number_of` gives it. One that nobody has, one whose
    customer no agent has entered yet and one without such a contact cost the same work, give the same answer and send
    nothing; so does the number of a smart card, which stands for the contract that it is used on. Limits count for
    what was typed and, out of sight, for the contact. Raises as `identity.send_code` does.
    """
    contract = customers.contract_by_number(number) or _with_card(number)
    if contract is not None and contract.entered_at is None:
        contract = None
    address = ""
    if contract is not None:
        address = contract.contact_email if channel is Channel.EMAIL else contract.contact_number
    return identity.send_code(
        purpose=Purpose.CONTRACT,
        number=number,
        subject=contract.id if contract is not None and address else None,
        hidden=contract.contact_number or contract.contact_email if contract is not None else "",
        address=address,
        channel=channel,
        again=again,
        origin=origin,
        host=host,
        language=language,
        at=at,
        solved=solved,
    )


def enter(*, challenge_id: UUID, typed: str, language: str, at: datetime) -> Entered:
    """Open the account of the contract whose code `typed` is.

    Raises what `identity.actions.check_code` raises, and `ContractEnded` when the right code opens nothing any more.
    """
    sent_to = codes.waiting(challenge_id, Purpose.CONTRACT, at).address
    right = identity.check_code(challenge_id=challenge_id, purpose=Purpose.CONTRACT, typed=typed, at=at)
    with transaction.atomic():
        entered: Entered | ContractEnded
        try:
            # The lines first, then the code: in the order in which an event of the network takes them.
            entered = open_contract(contract_id=right.subject, sent_to=sent_to, language=language, at=at)
        except ContractEnded as error:
            # The code was right and is used up all the same.
            entered = error
        identity.use_code(right, at=at)
    if isinstance(entered, ContractEnded):
        raise entered
    return entered


def _with_card(number: str) -> Contract | None:
    """Return the contract on which a smart card with that number is used; what can be no card is not looked for."""
    card = card_of(number)
    # For a card that nobody has the same is asked.
    return customers.contract(equipment_queries.contract_with_card(card) or NOBODY) if card else None
