"""Answers of lines to facts about accounts."""

from __future__ import annotations

from collections.abc import Mapping

from abonent.domains.identity import queries as identity
from abonent.domains.lines import queries
from abonent.domains.messaging import actions as messaging


def tell_owner(account_id: int, kind: str, detail: Mapping[str, str], not_to: str) -> None:
    """Tell the owner what changed: by SMS to every mobile number of the account, and by e-mail."""
    try:
        standing = identity.standing(account_id)
    except LookupError:
        # Erased meanwhile: nobody is left to be told.
        return
    params = {"kind": kind, **detail}
    for number in (line.number for line in queries.of_account(account_id) if line.service == "mobile"):
        if number != not_to:
            messaging.send(recipient=number, template="security", params=params, language=standing.language)
    if standing.email and standing.email != not_to:
        messaging.send(
            channel="email", recipient=standing.email, template="security", params=params, language=standing.language
        )
