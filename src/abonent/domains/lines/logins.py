"""What people sign in with besides a code: which account a number, a contract or an address stands for."""

from __future__ import annotations

from django.db import connection

from abonent.domains.identity import rules_passwords


def own_words(account_id: int) -> list[str]:
    """Return what anybody may know of the account's owner and is no password: numbers, names, the birth date."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select array_agg(distinct line.number) || array_agg(distinct contract.number)
                      || array_agg(distinct contract.account_number) filter (where contract.account_number <> ''),
                      array_agg(distinct party.given_name) || array_agg(distinct party.patronymic)
                      || array_agg(distinct party.family_name),
                      max(party.birth_date)
                 from lines_lineaccess access
                 join lines_line line on line.id = access.line_id
                 join customers_contract contract on contract.id = line.contract_id
                 join customers_party party on party.id = contract.party_id
                where access.account_id = %s""",
            [account_id],
        )
        numbers, names, born = cursor.fetchone()
    return rules_passwords.words_of(numbers=numbers or (), names=names or (), born=born)
