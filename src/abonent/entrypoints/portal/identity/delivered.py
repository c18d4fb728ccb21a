"""What the network said about a message with a code: only to a browser that the owner of the line signed in with.

To anybody else it would tell whether the number is in use, and whether its phone is on.
"""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from abonent.domains.identity import queries as identity
from abonent.domains.identity.queries import Waiting
from abonent.domains.identity.rules import Purpose
from abonent.domains.lines import queries as lines
from abonent.domains.messaging import queries as messaging
from abonent.domains.messaging.states import State
from abonent.entrypoints.portal.identity import browser
from abonent.web import format as formats

# What their challenge opens is a line; of other codes nothing is said.
OF_A_LINE = (Purpose.ENTRY, Purpose.CONFIRM, Purpose.RESET, Purpose.MONEY)
NO_LINE = 0


def words_for(request: HttpRequest, purpose: Purpose, challenge_id: UUID, waiting: Waiting) -> str:
    """Return how far the message came, in a sentence, or nothing for a browser that is not known to the line."""
    if purpose not in OF_A_LINE:
        return ""
    known = identity.accounts_known(browser.origin_of(request).device)
    # Whether the number is a customer's makes no difference to what is asked here.
    if not known or not set(known) & set(lines.accounts_of_line(waiting.subject or NO_LINE)):
        return ""
    delivery = messaging.delivery_of("code", str(challenge_id))
    return _said(delivery) if delivery else ""


def _said(delivery: messaging.Delivery) -> str:
    call = delivery.channel == "voice"
    when = formats.clock(delivery.at)
    if delivery.state == State.DELIVERED:
        said = _("The call was answered at %(time)s") if call else _("The network delivered the message at %(time)s")
    elif delivery.state == State.WAITING:
        said = _("The phone is off or out of reach; the message waits in the network since %(time)s")
    elif delivery.state == State.FAILED:
        said = _("Nobody took the call") if call else _("The message could not be delivered. Try another way below")
    else:
        said = _("We are calling since %(time)s") if call else _("The message is on its way since %(time)s")
    return said % {"time": when}
