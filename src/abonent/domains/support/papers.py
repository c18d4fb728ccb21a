"""Papers: the application that the owner signs, and the letter in the sealed envelope; PDF, A4.

The words are ours in the reader's language, the sheets in `sheets/` hold only the layout.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import typst
from babel.dates import format_date, format_datetime
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from abonent.domains.support import rules
from abonent.domains.support.ports import Letter

SHEETS = Path(__file__).parent / "sheets"


@dataclass(frozen=True, slots=True)
class Application:
    """What the application form is filled in with; `document` is the kind in words, its number is written by hand."""

    number: str
    operator: str
    name: str
    phone: str
    contract: str
    account: str
    document: str
    agent: str
    position: str
    at: datetime
    language: str


def application(filled: Application) -> bytes:
    """Return the form to sign, one page."""
    with translation.override(filled.language):
        words = {
            "lang": filled.language,
            "operator": filled.operator,
            "number": _("Application No. %(number)s") % {"number": filled.number},
            "title": _("to restore access to the personal account"),
            "facts": [
                [_("Subscriber"), filled.name],
                [_("Phone number"), filled.phone],
                [_("Contract"), filled.contract],
                [_("Account number"), filled.account],
                [_("Document shown"), filled.document],
            ],
            "by_hand": _("Series and number, issued by and when"),
            "please": _("I ask you to:"),
            "wishes": [
                _("restore my access to the personal account of the number named above;"),
                _("replace the SIM card of this number with a new one;"),
                _("give me a one-time password for the account in a sealed envelope."),
            ],
            "knows": _("I know that:"),
            "known": [
                _("only the owner of the number can ask for this, with an identity document;"),
                _("the one-time password is good for 7 days and for one entry, and must be changed at once;"),
                _("all open sessions of the account end, and everything done by our staff is shown in it;"),
                _("for 24 hours after a new SIM card, codes by SMS alone restore nothing."),
            ],
            "true": _("I confirm that what stands above is right."),
            "sign_here": _("Signature of the subscriber"),
            "in_full": _("Name in full"),
            "date": _("Date"),
            "checked": _("The document was checked, the identity confirmed: %(agent)s, %(position)s")
            % {"agent": filled.agent, "position": filled.position or "—"},
            "agent_signs": _("Signature of our employee"),
            "made": _("Made on %(date)s") % {"date": _date(filled.at)},
        }
    return _sheet("application", words)


@dataclass(frozen=True, slots=True)
class ActPaper:
    """What an act of a thing is filled in with; `facts` are the thing, its terms and what happened, in words."""

    number: str
    operator: str
    title: str
    name: str
    contract: str
    line: str
    facts: list[tuple[str, str]]
    said: list[str]
    agent: str
    position: str
    at: datetime
    language: str


def act(filled: ActPaper) -> bytes:
    """Return the act to sign, one page."""
    with translation.override(filled.language):
        words = {
            "lang": filled.language,
            "operator": filled.operator,
            "number": _("Act No. %(number)s") % {"number": filled.number},
            "title": filled.title,
            "facts": [
                [_("Subscriber"), filled.name], [_("Contract"), filled.contract], [_("Connection"), filled.line],
                *(list(fact) for fact in filled.facts),
            ],
            "said": filled.said,
            "sign_here": _("Signature of the subscriber"),
            "in_full": _("Name in full"),
            "date": _("Date"),
            "by": _("For the operator: %(agent)s, %(position)s")
            % {"agent": filled.agent, "position": filled.position or "—"},
            "agent_signs": _("Signature of our employee"),
            "made": _("Made on %(date)s") % {"date": _date(filled.at)},
        }  # fmt: skip
    return _sheet("act", words)


def envelope(letter: Letter) -> bytes:
    """Return the letter with the one-time password, to be folded and sealed by the printer."""
    with translation.override(letter.language):
        words = {"lang": letter.language, **letter_words(letter)}
    return _sheet("envelope", words)


def letter_words(letter: Letter) -> dict[str, str]:
    """Return what stands in the letter, in the current language."""
    return {
        "operator": letter.operator,
        "title": _("One-time password for your personal account"),
        "for_number": _("Number"),
        "number": rules.written_number(letter.number),
        "password_name": _("One-time password"),
        "password": letter.password,
        "how": _("Open the sign-in page, choose “Sign in with a password”, enter your number and this password."),
        "once": _("It opens the account once. Then you choose a password of your own."),
        "until": _("Good until %(time)s.")
        % {"time": format_datetime(timezone.localtime(letter.valid_until), "d MMMM y, HH:mm", locale=letter.language)},
        "secret": _("Nobody but you has seen this password. Tell it to nobody, not even to our staff."),
        "damaged": _("If the envelope was open or damaged, do not use the password and tell us at once."),
    }


def _date(at: datetime) -> str:
    return format_date(timezone.localtime(at).date(), "long", locale=translation.get_language() or "ru")


def _sheet(name: str, words: Mapping[str, object]) -> bytes:
    made = typst.compile(
        str(SHEETS / f"{name}.typ"),
        root=str(SHEETS),
        font_paths=[str(settings.FONTS_FOLDER)],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"words": json.dumps(words, ensure_ascii=False)},
    )
    if not isinstance(made, bytes):
        raise TypeError("a sheet has one page")
    return made
