"""How staff find a customer's lines by what they are told."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from abonent.domains.lines import rules
from abonent.domains.lines.equipment.rules import card_of

FOUND_MAX = 20

# The family name in the form that the index of names is made of (`customers.models`), and the given name.
_FAMILY = "replace(lower(party.family_name), 'ё', 'е')"
_GIVEN = "replace(lower(party.given_name), 'ё', 'е')"
_FOUND = """
    select line.id, contract.party_id, contract.id, contract.number, contract.account_number,
           concat_ws(' ', party.family_name, party.given_name, nullif(party.patronymic, '')),
           line.service, line.number, line.closed_at is null, line.blocked_at is not null
      from lines_line line
      join customers_contract contract on contract.id = line.contract_id
      join customers_party party on party.id = contract.party_id
"""
# Each by an index of its own: with an `or` in their place the planner reads every line there is.
_SEARCHES = (
    "line.number = any(%(numbers)s)",
    "contract.contact_number = any(%(numbers)s)",
    "contract.number = %(contract)s",
    "contract.account_number = %(contract)s",
    "line.id = (select line_id from lines_device where kind = 'card' and serial = %(card)s and until is null)",
    f"{_FAMILY} like %(family)s and {_GIVEN} like %(given)s",
)
_FIND = f"""
    select * from ({" union ".join(f"({_FOUND} where {search} limit 100)" for search in _SEARCHES)}) found
     order by 9 desc, 6, 7, 8, 1 limit {FOUND_MAX}
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A line that staff looked for; `name` is family name, given name, patronymic."""

    line_id: int
    party_id: int
    contract_id: int
    contract_number: str
    account_number: str | None
    name: str
    service: str
    number: str
    is_open: bool
    is_blocked: bool


def find(text: str) -> list[Found]:
    """Return the lines that `text` means, 20 at most, those served now first; for staff.

    Understood: a mobile number in any writing, a contact number, a login, a contract or account number, a smart card,
    and a family name or its beginning, with a given name after it or not.
    """
    asked = rules.search_of(text, settings.NUMBER_REGION)
    with connection.cursor() as cursor:
        cursor.execute(
            _FIND,
            {
                "numbers": list(asked.numbers),
                "contract": asked.contract,
                "card": card_of(text),
                "family": asked.family,
                "given": asked.given,
            },
        )
        return [Found(*row) for row in cursor.fetchall()]
