"""What customers hold on a person, for the copy of their data."""

from __future__ import annotations

from collections.abc import Collection

from abonent.foundation.copies import Part


def parts(*, party_ids: Collection[int], contract_ids: Collection[int]) -> list[Part]:
    """Return who the parties are, and the contracts; of a document and a code word only that they are known."""
    return [
        Part(
            "person",
            ("customers_party",),
            """select given_name, patronymic, family_name, language, birth_date,
                      document_hash <> '' as document_is_known, code_word_hash <> '' as code_word_is_set
                 from customers_party where id = any(%s) order by id""",
            (list(party_ids),),
        ),
        Part(
            "contracts",
            ("customers_contract",),
            """select id, number, account_number, payment, opened_on, contact_number, contact_email, entered_at
                 from customers_contract where id = any(%s) order by opened_on, id""",
            (list(contract_ids),),
        ),
    ]
