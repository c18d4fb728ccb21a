"""What the consoles say: roles, questions, deeds and what follows from them, refusals, what happened when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import translation
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from abonent.domains.identity.passwords.rules import Problem
from abonent.domains.lines.network.rules import Noted
from abonent.domains.support.rules import Contact, Deed, Question, Role
from abonent.entrypoints.staff.history_words import event as event
from abonent.entrypoints.staff.history_words import way as way
from abonent.entrypoints.staff.refusals import refusal as refusal
from abonent.foundation.clock import now
from abonent.web import format as formats


@dataclass(frozen=True, slots=True)
class DeedWords:
    """A deed on the page: its name and drawing, what the button says, what follows from it."""

    name: str
    icon: str
    button: str
    follows: tuple[str, ...]


def role(name: str) -> str:
    """Return what a role is called."""
    return {
        Role.CONTACT_CENTRE: _("Contact centre"),
        Role.SHOP: _("Shop"),
        Role.SUPERVISOR: _("Supervisor"),
        Role.ENGINEER: _("Network"),
        Role.ACCOUNTING: _("Accounting"),
        Role.PRODUCT: _("Catalogue"),
        Role.PRODUCT_LEAD: _("Catalogue, second person"),
        Role.TECHNICIAN: _("Technician"),
    }.get(Role(name), name) if name in set(Role) else name  # fmt: skip


def place(roles: tuple[str, ...]) -> str:
    """Return what stands in the bar: where somebody works."""
    return role(roles[0]) if roles else _("Staff")


def question(asked: Question) -> str:
    """Return what the agent asks."""
    return {
        Question.CODE_WORD: _("What is your code word?"),
        Question.DOCUMENT_TAIL: _("What are the last 4 digits of your document?"),
        Question.BIRTH_DATE: _("What is your birth date?"),
        Question.CONTRACT: _("What is the number of your contract?"),
        Question.TOP_UP: _("How much did you top up last time?"),
    }[asked]


def contact(how: str) -> str:
    """Return what a talk is called."""
    return {Contact.CALL: _("Call"), Contact.VISIT: _("Visit")}.get(Contact(how)) or _("Request")


def deed(done: str) -> str:
    """Return what was done, as the history says it."""
    return {
        Deed.PASSWORD_SMS: _("One-time password sent by SMS"),
        Deed.PASSWORD_EMAIL: _("One-time password sent by e-mail"),
        Deed.TELL_ACCOUNT: _("Account number told"),
        Deed.PROTECT: _("Cabinet protected"),
        Deed.UNPROTECT: _("Protection lifted"),
        Deed.LOST: _("Number blocked"),
        Deed.FOUND: _("Block of the number lifted"),
        Deed.FAMILY_END: _("Family package ended"),
        Deed.APPLICATION: _("Application made"),
        Deed.FORM_RECEIVED: _("Signed form received"),
        Deed.SIM: _("SIM replaced by us"),
        Deed.ENVELOPE: _("Sealed envelope printed"),
        Deed.FACTORS: _("Second proofs removed"),
        Deed.CREDIT: _("Credit proposed"),
        Deed.DEBIT: _("Debit proposed"),
        Deed.REFUND: _("Refund proposed"),
    }[Deed(done)]


def deed_words(asked: Deed) -> DeedWords:
    """Return how a deed is offered."""
    return _OFFERED[asked]()


def key(asked: Deed) -> str:
    """Return the letter that opens a deed, on a keyboard of the page's language."""
    latin, russian = KEYS[asked]
    return russian if language() == "ru" else latin


# Either letter works, whatever the keyboard is switched to.
KEYS: Mapping[Deed, tuple[str, str]] = {
    Deed.PASSWORD_SMS: ("S", "С"),
    Deed.PASSWORD_EMAIL: ("M", "П"),
    Deed.TELL_ACCOUNT: ("A", "Л"),
    Deed.PROTECT: ("P", "З"),
    Deed.UNPROTECT: ("U", "Т"),
    Deed.LOST: ("B", "Б"),
    Deed.FOUND: ("L", "Д"),
    Deed.FAMILY_END: ("H", "Р"),
    Deed.APPLICATION: ("F", "Ф"),
    Deed.FORM_RECEIVED: ("G", "Г"),
    Deed.SIM: ("N", "Н"),
    Deed.ENVELOPE: ("E", "К"),
    Deed.FACTORS: ("D", "У"),
    Deed.CREDIT: ("C", "И"),
    Deed.DEBIT: ("V", "В"),
    Deed.REFUND: ("R", "О"),
}

_OFFERED: Mapping[Deed, Callable[[], DeedWords]] = {
    Deed.PASSWORD_SMS: lambda: DeedWords(
        _("Send a password by SMS"), "message", _("Send to the number"),
        (
            _("The customer gets a one-time password by SMS. You do not see it."),
            _("It is good for an hour and for one entry, then the customer chooses a password."),
        ),
    ),
    Deed.PASSWORD_EMAIL: lambda: DeedWords(
        _("Send a password by e-mail"), "mail", _("Send to the confirmed address"),
        (
            _("The customer gets a one-time password at the confirmed e-mail address. You do not see it."),
            _("It is good for an hour and for one entry, then the customer chooses a password."),
        ),
    ),
    Deed.TELL_ACCOUNT: lambda: DeedWords(
        _("Tell the account number"), "contract", _("Show the account number"),
        (_("The account number appears in the card, to be read out to the customer."),),
    ),
    Deed.PROTECT: lambda: DeedWords(
        _("Protect the cabinet"), "shield", _("Protect the cabinet"),
        (
            _("All sessions end, the password is no good any more."),
            _("Nothing dangerous can be changed until the protection is lifted."),
        ),
    ),
    Deed.UNPROTECT: lambda: DeedWords(
        _("Lift the protection"), "lock", _("Lift the protection"),
        (_("Everything can be done in the cabinet again. A second person must agree."),),
    ),
    Deed.LOST: lambda: DeedWords(
        _("Block the number"), "sim", _("Block the number"),
        (
            _("The phone or SIM is lost: calls, messages and the Internet stop, codes do not go there."),
            _("The block ends with a new SIM in a shop, or when the customer has the phone again."),
        ),
    ),
    Deed.FOUND: lambda: DeedWords(
        _("Lift the block"), "sim", _("Lift the block"),
        (
            _("The customer has the phone again: it works, and codes go there."),
            _("Only when the customer says that the SIM is in their hands."),
        ),
    ),
    Deed.FAMILY_END: lambda: DeedWords(
        _("End the family package"), "person", _("End the family package"),
        (
            _("Of an owner: nobody takes from the package any more. Of a member: the number leaves the family."),
            _("At once, and the others are told. The service stays connected until the customer disconnects it."),
        ),
    ),
    Deed.APPLICATION: lambda: DeedWords(
        _("Make the application"), "statement", _("Make the application"),
        (_("A form is filled in. Print it and let the owner sign it."),),
    ),
    Deed.FORM_RECEIVED: lambda: DeedWords(
        _("Signed form received"), "check", _("The signed form is here"),
        (_("You have the form with the owner’s signature, and it was signed before you."),),
    ),
    Deed.SIM: lambda: DeedWords(
        _("Replace the SIM"), "sim", _("Replace the SIM"),
        (
            _("The old SIM stops working, the new one gets the number."),
            _("For 24 hours codes by SMS alone restore nothing."),
        ),
    ),
    Deed.ENVELOPE: lambda: DeedWords(
        _("Print the envelope"), "lock", _("Print the sealed envelope"),
        (
            _("A one-time password is printed in a sealed envelope. You do not see it."),
            _("Hand the closed envelope to the owner. It is good for 7 days and for one entry."),
        ),
    ),
    Deed.FACTORS: lambda: DeedWords(
        _("Remove second proofs"), "key", _("Remove second proofs"),
        (
            _("The authenticator app, recovery codes and passkeys of the customer go."),
            _("Only for an owner who has lost all of them. A second person must agree."),
        ),
    ),
    Deed.CREDIT: lambda: DeedWords(
        _("Put money on the account"), "plus", _("Propose the credit"),
        (
            _("Nothing moves now: a second person must agree within three days."),
            _("Then the customer gets the sum and a message with the reason."),
        ),
    ),
    Deed.DEBIT: lambda: DeedWords(
        _("Take money from the account"), "expenses", _("Propose the debit"),
        (
            _("Nothing moves now: a second person must agree within three days."),
            _("Only what is on the account can be taken. The customer gets a message with the reason."),
        ),
    ),
    Deed.REFUND: lambda: DeedWords(
        _("Give a payment back"), "card", _("Propose the refund"),
        (
            _("Nothing moves now: a second person must agree within three days."),
            _("Then the money goes back the way it came: to the card or the bank that paid it."),
        ),
    ),
}  # fmt: skip


def password_problem(problem: Problem) -> str:
    """Return what is missing in a new password of staff."""
    known = {
        Problem.EMPTY: _("Enter a new password"),
        Problem.SHORT: _("Make it 8 characters or longer"),
        Problem.LONG: _("Make it shorter: up to 128 characters"),
        Problem.LEAKED: _("This password is on lists that thieves try first. Choose another one"),
        Problem.SIMPLE: _("This is too easy to guess. Add a word or two"),
        Problem.OWN_WORD: _("Leave out your name and login, and do not take the first password again"),
        Problem.NO_DIGIT: _("Add a digit"),
        Problem.NO_CAPITAL: _("Add a capital letter"),
        Problem.NO_SMALL: _("Add a small letter"),
    }
    return known.get(problem, _("Choose another password"))


def paused(until: datetime) -> str:
    """Return until when nothing is looked at."""
    return _("Too many mistakes. Try again after %(time)s") % {"time": formats.clock(until + timedelta(seconds=59))}


def outcome(text: str) -> str:
    """Return how a talk ended: our own words for ends that nobody wrote."""
    return {
        "left open": _("Left open"),
        "check failed": _("The check was not passed"),
        "agent blocked": _("Ended: the employee was blocked"),
        "answered in the cabinet": _("Answered in the cabinet"),
    }.get(text, text)


def spent(category: str, method: str = "") -> str:
    """Return what a category of spending is called, or money that came by a `method` of its own."""
    if method == "cashback":
        return _("Cashback")
    return {
        "fee": _("Tariff fee"),
        "calls": _("Calls"),
        "messages": _("Messages"),
        "internet": _("Internet"),
        "roaming": _("Roaming"),
        "content": _("Subscriptions"),
        "payment": _("Top-up"),
        "promised": _("Fee for a promised payment"),
        "transfer": _("Transfers"),
        "correction": _("Corrections"),
        "service": _("Services"),
        "equipment": _("Equipment"),
        "partner": _("Subscriptions of partners"),
    }.get(category, category)


def when(at: datetime) -> str:
    """Return `14:05` of today, `yesterday`, or the day."""
    day = localdate(at)
    today = localdate(now())
    if day == today:
        return formats.clock(at)
    return _("yesterday") if day == today - timedelta(days=1) else formats.day(at)


def lasted(seconds: int) -> str:
    """Return `03:12`, or `1:03:12`."""
    minutes, rest = divmod(max(0, seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def language() -> str:
    """Return the language of the page."""
    return translation.get_language() or ""


def document(kind: str) -> str:
    """Return what a kind of document is called."""
    return {
        "passport": _("Passport"),
        "foreign passport": _("Passport of another country"),
        "residence permit": _("Residence permit"),
        "military card": _("Military card"),
    }.get(kind, "—")


def another() -> str:
    """Return what is said of a document that is not the owner's."""
    return _("The document is not that of the owner of the number. Compare what you typed; only the owner may ask.")


def noted(said: Noted | None) -> str:
    """Return what became of an event of the network."""
    if said is None:
        return ""
    return {
        Noted.DONE: _("Taken in: everything that follows from it is done."),
        Noted.REPEATED: _("This was taken in before."),
        Noted.NOTHING_NEW: _("It is so already: nothing changed."),
        Noted.NO_LINE: _("Nobody is served by this number: nothing changed."),
    }[said]


def cannot_be(field: str) -> str:
    """Return what is wrong with what was entered about a customer."""
    if field == "contract_number":
        return _("This is not the number of the contract in this talk. Compare it with the customer’s copy")
    return _("This cannot be right. Compare it with the document")
