"""What customers say about themselves, in the one form that is compared. Pure."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

TAIL_LENGTH = 4
DOCUMENT_LENGTH_MIN, DOCUMENT_LENGTH_MAX = 5, 30
CODE_WORD_LENGTH_MIN, CODE_WORD_LENGTH_MAX = 3, 60
NUMBER_LENGTH_MAX = 20


class BadIdentity(ValueError):
    """What was given cannot be kept; `field` names it."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def document_of(said: str) -> str:
    """Return a document's series and number without what people put between: «45 09 №123456» is `4509123456`.

    Letters (foreign passports, old series) are capitals; raise `BadIdentity` when nothing that can be one is left.
    """
    kept = _bare(said)
    if not DOCUMENT_LENGTH_MIN <= len(kept) <= DOCUMENT_LENGTH_MAX:
        raise BadIdentity("document")
    return kept


def tail_of(document: str) -> str:
    """Return the last characters of a document as `document_of` gives it: what agents ask for on the phone."""
    return document[-TAIL_LENGTH:]


def tail_said(said: str) -> str:
    """Return the end of a document as somebody says it: «№ 34-56» is `3456`; raise `BadIdentity` for another length."""
    kept = _bare(said)
    if len(kept) != TAIL_LENGTH:
        raise BadIdentity("document_tail")
    return kept


def code_word_of(said: str) -> str:
    """Return a code word as it is compared: small letters, «е» for «ё», single blanks; raise `BadIdentity`."""
    text = " ".join(unicodedata.normalize("NFKC", said).casefold().replace("ё", "е").split())
    if not CODE_WORD_LENGTH_MIN <= len(text) <= CODE_WORD_LENGTH_MAX:
        raise BadIdentity("code_word")
    return text


def number_of(typed: str) -> str:
    """Return a contract or account number as it is kept: capitals, no blanks and hyphens; empty when it is none."""
    text = unicodedata.normalize("NFKC", typed[: 4 * NUMBER_LENGTH_MAX].replace("№", "")).upper()
    kept = "".join(sign for sign in text if not sign.isspace() and unicodedata.category(sign) != "Pd")
    return kept if kept.isascii() and kept.isalnum() and len(kept) <= NUMBER_LENGTH_MAX else ""


def name_of(said: str) -> str:
    """Return a name as it is searched for: small letters, «е» for «ё»."""
    return unicodedata.normalize("NFC", said).lower().replace("ё", "е")


def keyed(key: bytes, field: str, party_id: int, value: str) -> str:
    """Return what is kept of `value`: a keyed hash of it that belongs to this one party and field."""
    return hmac.digest(key, f"{field}|{party_id}|{value}".encode(), hashlib.sha256).hex()


def is_same(one: str, other: str) -> bool:
    """Compare in a time that tells nothing; what is not known (empty) is never the same."""
    return hmac.compare_digest(one.encode(), other.encode()) and bool(one)


def _bare(said: str) -> str:
    # The sign of a number is taken out before it is spelled out as letters.
    text = unicodedata.normalize("NFKC", said.replace("№", "")).upper().replace("Ё", "Е")
    return "".join(character for character in text if character.isalnum())
