"""What the owner of an autopay is told, by SMS and, where an address is confirmed, by e-mail."""

from __future__ import annotations

from abonent.domains.billing import models
from abonent.domains.identity import queries as identity
from abonent.domains.lines import queries as lines
from abonent.domains.messaging import actions as messaging


def tell(row: models.Autopay, template: str, **params: str) -> None:
    """Tell it where the line is reached: a number that is somebody else's by now is told nothing.

    Of a line that is gone the owner's other number is told, if there is one.
    """
    contact = lines.contact_of(row.line_id)
    number = contact.number or lines.main_number_of(row.account_id) or ""
    email = identity.email_of(row.account_id) or contact.email
    for channel, recipient in (("sms", number), ("email", email)):
        if recipient:
            messaging.send(
                channel=channel,
                recipient=recipient,
                template=template,
                params={"card": row.card_name} | params,
                language=row.language,
            )
