"""What staff may do, what proves a customer, and when it takes two. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class Permission(StrEnum):
    """One thing a member of staff may do."""

    SEARCH = "search"
    CASES = "cases"
    QUESTIONS = "questions"
    DOCUMENT = "document"
    PASSWORD = "send password"  # noqa: S105 - the name of a permission
    TELL_ACCOUNT = "tell account"
    PROTECT = "protect"
    UNPROTECT = "unprotect"
    LOST = "lost"
    FAMILIES = "end families"
    RESTORE = "restore"
    APPROVE = "approve"
    NETWORK = "network"
    TRAIL = "trail"
    REGISTRIES = "registries"
    PROPOSE = "propose money"
    AGREE = "agree to money"
    DISPUTES = "disputes"
    REQUESTS = "requests"
    ASSIGN = "assign requests"
    NUMBERS = "numbers"
    DRAFTS = "write drafts"
    PUBLISH = "publish drafts"
    PROVIDERS = "providers"
    VISITS = "visits"
    EQUIPMENT = "equipment"
    PORTING = "porting"


class Role(StrEnum):
    """A named set of permissions."""

    CONTACT_CENTRE = "contact-centre"
    SHOP = "shop"
    SUPERVISOR = "supervisor"
    ENGINEER = "engineer"
    ACCOUNTING = "accounting"
    PRODUCT = "product"
    PRODUCT_LEAD = "product-lead"
    TECHNICIAN = "technician"


_WITH_CUSTOMERS = {
    Permission.SEARCH, Permission.CASES, Permission.PROTECT, Permission.UNPROTECT, Permission.LOST, Permission.FAMILIES,
}  # fmt: skip
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.CONTACT_CENTRE: frozenset(
        _WITH_CUSTOMERS
        | {Permission.QUESTIONS, Permission.PASSWORD, Permission.TELL_ACCOUNT}
        | {Permission.PROPOSE, Permission.DISPUTES, Permission.REQUESTS, Permission.NUMBERS, Permission.PROVIDERS}
        | {Permission.VISITS, Permission.PORTING}
    ),
    Role.SHOP: frozenset(
        _WITH_CUSTOMERS
        | {Permission.DOCUMENT, Permission.RESTORE, Permission.PROPOSE, Permission.EQUIPMENT, Permission.PORTING}
    ),
    Role.SUPERVISOR: frozenset(
        {Permission.SEARCH, Permission.APPROVE, Permission.TRAIL, Permission.AGREE}
        | {Permission.REQUESTS, Permission.ASSIGN, Permission.PROVIDERS, Permission.VISITS}
    ),
    Role.ENGINEER: frozenset({Permission.NETWORK, Permission.TRAIL}),
    Role.ACCOUNTING: frozenset({Permission.REGISTRIES, Permission.AGREE}),
    Role.PRODUCT: frozenset({Permission.DRAFTS}),
    # Who may publish may write as well, and never publishes what they wrote.
    Role.PRODUCT_LEAD: frozenset({Permission.DRAFTS, Permission.PUBLISH}),
    # Who drives to customers sees where to, and nothing of anybody else.
    Role.TECHNICIAN: frozenset({Permission.VISITS, Permission.EQUIPMENT}),
}


class Contact(StrEnum):
    """How the customer is there."""

    CALL = "call"
    VISIT = "visit"
    # Nobody is there: what was written in the cabinet is answered.
    CABINET = "cabinet"


class Question(StrEnum):
    """What a caller is asked; the answer is compared, never shown."""

    CODE_WORD = "code word"
    DOCUMENT_TAIL = "document tail"
    BIRTH_DATE = "birth date"
    CONTRACT = "contract"
    TOP_UP = "top-up"


class Deed(StrEnum):
    """What is done in a case for the customer."""

    PASSWORD_SMS = "password by sms"  # noqa: S105 - the name of a deed
    PASSWORD_EMAIL = "password by e-mail"  # noqa: S105 - the name of a deed
    TELL_ACCOUNT = "account number told"
    PROTECT = "protected"
    UNPROTECT = "protection lifted"
    LOST = "line blocked"
    FOUND = "line unblocked"
    FAMILY_END = "family ended"
    APPLICATION = "application"
    FORM_RECEIVED = "form received"
    SIM = "sim replaced"
    ENVELOPE = "envelope"
    FACTORS = "factors removed"
    CREDIT = "credit proposed"
    DEBIT = "debit proposed"
    REFUND = "refund proposed"


NEEDS: Mapping[Deed, Permission] = {
    Deed.PASSWORD_SMS: Permission.PASSWORD,
    Deed.PASSWORD_EMAIL: Permission.PASSWORD,
    Deed.TELL_ACCOUNT: Permission.TELL_ACCOUNT,
    Deed.PROTECT: Permission.PROTECT,
    Deed.UNPROTECT: Permission.UNPROTECT,
    Deed.LOST: Permission.LOST,
    Deed.FOUND: Permission.LOST,
    Deed.FAMILY_END: Permission.FAMILIES,
    Deed.APPLICATION: Permission.RESTORE,
    Deed.FORM_RECEIVED: Permission.RESTORE,
    Deed.SIM: Permission.RESTORE,
    Deed.ENVELOPE: Permission.RESTORE,
    Deed.FACTORS: Permission.RESTORE,
    Deed.CREDIT: Permission.PROPOSE,
    Deed.DEBIT: Permission.PROPOSE,
    Deed.REFUND: Permission.PROPOSE,
}
# Money: the deed is the proposal, and what another person agrees to is done at once.
MONEY = frozenset({Deed.CREDIT, Deed.DEBIT, Deed.REFUND})
CHECKS: Mapping[Contact, Permission] = {
    Contact.CALL: Permission.QUESTIONS,
    Contact.VISIT: Permission.DOCUMENT,
    Contact.CABINET: Permission.DISPUTES,
}
# How a talk is begun from the desk; one with the cabinet begins with what was written there.
TALKS = (Contact.CALL, Contact.VISIT)
# Two people, always; and two while an SMS to the line proves nothing by itself.
ALWAYS_TWO = frozenset({Deed.UNPROTECT, Deed.FACTORS})
TWO_WHILE_HELD = frozenset({Deed.PASSWORD_SMS, Deed.SIM, Deed.ENVELOPE, Deed.FOUND})
# Steps of restoring access in a shop, each after the one before.
AFTER: Mapping[Deed, Deed] = {
    Deed.FORM_RECEIVED: Deed.APPLICATION,
    Deed.SIM: Deed.FORM_RECEIVED,
    Deed.ENVELOPE: Deed.FORM_RECEIVED,
    Deed.FACTORS: Deed.FORM_RECEIVED,
}

STRONG = frozenset({Question.CODE_WORD, Question.DOCUMENT_TAIL})
RIGHT_MIN = 2
WRONG_A_DAY = 3
CHECK_LIFE = timedelta(minutes=30)
APPROVAL_LIFE = timedelta(minutes=15)
PROPOSAL_LIFE = timedelta(days=3)
CASE_LIFE = timedelta(hours=4)
ENVELOPE_LIFE = timedelta(days=7)
PASSWORD_LIFE = timedelta(hours=1)

SESSION_FOR = timedelta(hours=12)
IDLE_FOR = timedelta(minutes=15)
FIRST_PASSWORD_LIFE = timedelta(hours=72)
WRONG_PASSWORDS_MAX = 5
WRONG_PASSWORDS_PAUSE = timedelta(minutes=15)

LOGIN = re.compile(r"[a-z][a-z0-9._-]{2,39}")
DOCUMENTS = ("passport", "foreign passport", "residence permit", "military card")
OUTCOME_LENGTH_MAX = 500
ANSWER_LENGTH_MAX = 100


class Refusal(StrEnum):
    """Why something is not done."""

    NOT_ALLOWED = "not allowed"
    CLOSED = "closed"
    NOT_CHECKED = "not checked"
    NEEDS_APPROVAL = "needs approval"
    DAY_IS_OVER = "day is over"
    ASKED_BEFORE = "asked before"
    NOT_IN_ORDER = "not in order"
    NO_CABINET = "no cabinet"
    NO_ADDRESS = "no address"
    NOT_MOBILE = "not mobile"
    NOT_ITS_SIM = "not its sim"
    BUSY = "busy"
    TOO_OFTEN = "too often"
    NOTHING_TO_DO = "nothing to do"
    OWN = "own proposal"
    DECIDED = "decided"
    PROPOSER_GONE = "proposer gone"
    ABOVE_CASE = "above case"
    ABOVE_DAY = "above day"
    ABOVE_CUSTOMER = "above customer"
    ABOVE_LIMIT = "above limit"
    ABOVE_CHARGE = "above charge"
    BAD_SUM = "bad sum"
    SPENT = "spent"
    NOT_REFUNDABLE = "not refundable"
    UNDER_WAY = "under way"
    NOT_THERE = "not there"
    TAKEN = "taken"
    NOT_TAKEN = "not taken"
    ANSWERED = "answered"
    MONEY_WAITS = "money waits"
    OTHER_OWNER = "other owner"
    CHANGED = "changed"
    OWN_DRAFT = "own draft"
    NOT_IN_STATE = "not in state"
    PROTECTED = "protected"
    OTHER_DOCUMENT = "other document"
    NO_CARD = "no card"
    BAD_OWNER = "bad owner"


class Refused(Exception):
    """It is not done, and nothing changed; `refusal` says why, `until` from when on it may be tried again.

    `most_minor` is what could be moved instead, None: the sum is not what is wrong.
    """

    def __init__(self, refusal: Refusal, until: datetime | None = None, most_minor: int | None = None) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
        self.until = until
        self.most_minor = most_minor


class NotThere(LookupError):
    """There is no such case or question of yours: the same answer to missing and another's."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides about a deed: the case as it is now."""

    closed: bool
    checked_until: datetime | None
    done: frozenset[str]
    held: bool
    approved: bool


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """Return what the roles allow together; an unknown role allows nothing."""
    known = [PERMISSIONS[Role(role)] for role in roles if role in set(Role)]
    return frozenset(permission for allowed in known for permission in allowed)


def proves(right: Collection[Question]) -> bool:
    """Return whether these right answers show who is calling: two at least, one of them of document or code word."""
    return len(set(right)) >= RIGHT_MIN and bool(STRONG & set(right))


def needs_two(deed: Deed, *, held: bool) -> bool:
    """Return whether a second person must agree."""
    return deed in ALWAYS_TWO or (held and deed in TWO_WHILE_HELD)


def refusal_of(
    deed: Deed, *, permissions: Collection[Permission], contact: Contact, standing: Standing, now: datetime
) -> Refusal | None:
    """Return why the deed is not done now, or None: it is."""
    if NEEDS[deed] not in permissions:
        return Refusal.NOT_ALLOWED
    if standing.closed:
        return Refusal.CLOSED
    if standing.checked_until is None or standing.checked_until <= now:
        return Refusal.NOT_CHECKED
    if contact is Contact.CABINET and deed not in MONEY:
        # Nobody asks for it: the customer wrote about money.
        return Refusal.NOT_ALLOWED
    if deed in AFTER and AFTER[deed] not in standing.done:
        return Refusal.NOT_IN_ORDER
    if NEEDS[deed] is Permission.RESTORE and contact is not Contact.VISIT:
        return Refusal.NOT_ALLOWED
    if needs_two(deed, held=standing.held) and not standing.approved:
        return Refusal.NEEDS_APPROVAL
    return None


def masked_number(number: str) -> str:
    """Return a number that says which it is only to who knows it: `+7 900 ···-··-34`; a login keeps its ends."""
    if number.startswith("+7") and len(number) == 12:
        return f"+7 {number[2:5]} ···-··-{number[-2:]}"
    return masked(number)


def written_number(number: str) -> str:
    """Return a number as people write it: `+7 900 000-12-34`; a login as it is."""
    if number.startswith("+7") and len(number) == 12:
        return f"+7 {number[2:5]} {number[5:8]}-{number[8:10]}-{number[10:]}"
    return number


def masked(text: str) -> str:
    """Return `te···st`: both ends of what is long enough, nothing of what is short."""
    return f"{text[:2]}···{text[-2:]}" if len(text) > 6 else "···"


def masked_name(given: str, family: str) -> str:
    """Return `Мария К.`"""
    return f"{given} {family[:1]}." if family else given


def masked_address(email: str) -> str:
    """Return `m···@example.com`, without the sign that makes it an address."""
    name, _, host = email.partition("@")
    return f"{name[:1]}··· ({host})"


def birth_date_typed(typed: str) -> date | None:
    """Return the date that `31.12.1980`, `31 12 1980` or `1980-12-31` means, or None."""
    digits = re.findall(r"\d+", typed)
    if len(digits) == 1 and len(digits[0]) == 8:
        digits = [digits[0][:2], digits[0][2:4], digits[0][4:]]
    if len(digits) != 3:
        return None
    year, month, day = digits if len(digits[0]) == 4 else digits[::-1]
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def plain(typed: str) -> str:
    """Return what was typed without blanks and punctuation, in small letters: ways of writing count for nothing."""
    kept = unicodedata.normalize("NFKC", typed[:ANSWER_LENGTH_MAX]).casefold().replace("ё", "е")
    return "".join(character for character in kept if character.isalnum())


def same_sum(typed: str, minor: int | None) -> bool:
    """Return whether `typed` is the sum, with or without kopecks; of None nothing is."""
    found = re.search(r"\d[\d\s]*(?:[.,]\d{1,2})?", typed[:ANSWER_LENGTH_MAX])
    if minor is None or found is None:
        return False
    whole, _, rest = re.sub(r"\s", "", found[0]).replace(",", ".").partition(".")
    said = int(whole[:12]) * 100 + int(rest.ljust(2, "0") or 0)
    return said == minor or (not rest and int(whole[:12]) == minor // 100)
