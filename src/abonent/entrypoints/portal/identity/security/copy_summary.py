"""The summary in the copy of one's data: what each file holds, on a page or two to read and print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

import abonent.web
from abonent.entrypoints.portal.visitor import Visitor
from abonent.web import format as formats

NAME = "summary.pdf"
FONTS = Path(abonent.web.__file__).parent / "fonts"
REGULAR, BOLD = "Golos", "Golos-Bold"
WIDTH, HEIGHT = map(float, A4)
MM = float(mm)
LEFT, RIGHT, TOP, BOTTOM = 20 * MM, WIDTH - 20 * MM, HEIGHT - 22 * MM, 20 * MM
SECOND = LEFT + 56 * MM
SIZE, LINE = 10, 5.5 * MM


def names() -> dict[str, str]:
    """Return what each file holds, by its name."""
    return {
        "account": _("Your cabinet: language, e-mail address, when the password was set"),
        "sign-ins": _("When you signed in, how and from which network"),
        "devices": _("Devices that signed in"),
        "sessions": _("Sessions that are open now"),
        "changes": _("What changed in the security of the cabinet, and who did it"),
        "authenticator-app": _("Authenticator app: since when"),
        "recovery-codes": _("Recovery codes: made and used, not the codes"),
        "passkeys": _("Passkeys: names and times"),
        "app-pins": _("PINs of the app: since when, not the PIN"),
        "other-services": _("Entry by other services"),
        "person": _("Who you are: name, birth date; of the document only that we know it"),
        "contracts": _("Contracts"),
        "lines": _("Numbers and other lines"),
        "earlier-numbers": _("Numbers that your lines had before"),
        "tariffs": _("Tariffs over time"),
        "sims": _("SIM cards"),
        "forwardings": _("Call forwarding"),
        "bars": _("What your numbers were barred for, and when"),
        "pins": _("PINs of call barring and voicemail: since when, not the PINs"),
        "services": _("Services on your numbers"),
        "network-commands": _("What was asked of the network for your numbers"),
        "network-events": _("What the network told of your numbers"),
        "proven-lines": _("Numbers you proved to be yours"),
        **_of_homes(),
        **_of_sharing(),
        "messages": _("Messages to you, without secrets"),
        "notices": _("How your numbers are told"),
        "messages-from-you": _("Messages from you"),
        "sessions-of-your-phone": _("Codes you dialled on your phone in the last minutes"),
        **_of_money(),
        **_of_orders(),
        "usage": _("Calls, messages, internet sessions"),
        "tones": _("What callers hear before you answer"),
        "tones-looked-for": _("When you looked for a friend's tone"),
        "voicemail": _("Who left you voice messages, and when; hear them in the cabinet"),
        "voicemail-greeting": _("How your voicemail greets"),
        "talks": _("Talks with our staff"),
        "questions": _("What our staff asked to know who you are, not what you answered"),
        "done-by-staff": _("What our staff did for you"),
        "disputes": _("Charges you did not agree with, and our answers"),
        "money-proposed-by-staff": _("Money that our staff proposed to move for you, in kopecks"),
        **_of_requests(),
    }


def _of_orders() -> dict[str, str]:
    return {
        "orders": _("What was ordered for your numbers"),
        "sims-asked": _("SIM cards and eSIMs that were ordered, not the codes of eSIMs"),
        "numbers-changed": _("Changes of numbers that were ordered"),
        "subscriptions": _("Subscriptions of other companies, and how you agreed to them"),
        "subscriptions-banned": _("When new subscriptions were banned"),
        "forwardings-asked": _("Call forwarding that was asked for"),
        "barring": _("Call barring that was asked for"),
        "asked-from-the-phone": _("What was asked for by SMS and by codes dialled"),
        "numbers-brought": _("Numbers that you brought from other operators, or wanted to"),
        "numbers-taken": _("Who asked to take your numbers to another operator"),
    }


def _of_requests() -> dict[str, str]:
    return {
        "requests": _("What you wrote to us"),
        "visits": _("Technicians who came to you"),
        "requests-conversation": _("Your words and ours about it"),
        "requests-files": _("Files you sent with it"),
    }


def _of_homes() -> dict[str, str]:
    return {
        "premises": _("Where your home internet and TV are"),
        "equipment": _("Equipment: whose it is and what is paid for it"),
        "activations": _("Smart cards activated anew"),
        "speed-tests": _("Speeds that you measured"),
    }


def _of_sharing() -> dict[str, str]:
    return {
        "shared-with-me": _("Numbers that others share with you"),
        "shared-by-me": _("Who sees your numbers, as what, and when they looked last"),
        "numbers-asked-for": _("Numbers you asked to see"),
        "number-requests": _("Requests to add another number of yours"),
        "names-of-lines": _("How you call your numbers"),
    }


def _of_money() -> dict[str, str]:
    return {
        "charges": _("Charges, in kopecks"),
        "allowances": _("What was used of the packages"),
        "packages": _("Packages that were bought or given, and what was used of them"),
        "gifts": _("What you gave to other numbers and got from them"),
        "families": _("Families that share a package: when your numbers were in one, limits, and what was used"),
        "family-invitations": _("Invitations to families that were sent from your numbers and to them"),
        "family-payers": _("When your numbers were asked to pay for their families, and what came of it"),
        "family-pauses": _("When what your families share rested, since its fee waited for money"),
        "waiting-service-fees": _("Fees of services that wait for money"),
        "waiting-fees": _("Fees that wait for money, in kopecks"),
        "blocked-days": _("Days for which you had numbers blocked"),
        "spending-limits": _("Spending limits: what you set and what we told you"),
        "price-changes": _("Changes of prices that we told you of"),
        "numbers-not-used": _("Numbers that were not used for long, and what follows from it"),
        "subscription-fees": _("What subscriptions of other companies cost, in kopecks"),
        "content-accounts": _("Your content account"),
        "payments": _("Payments, in kopecks"),
        "corrections": _("What our staff put right on your accounts, in kopecks"),
        "cashback": _("Purchases at partners and their cashback, in kopecks"),
        "promised-payments": _("Promised payments and how they were repaid, in kopecks"),
        "transfers": _("Transfers to and from other subscribers, in kopecks"),
        "family": _("Whom you pay for, and who pays for you"),
        "topups": _("Top-ups you began: for which number, how, what came of it"),
        "autopay": _("Autopay: what you agreed to and what it paid"),
        "bills": _("Bills"),
        "fiscal-receipts": _("Fiscal receipts"),
        "paid": _("Payments begun: by which means, and how they ended"),
        "paid-back": _("Payments given back"),
        "cards": _("Saved cards: the last four digits, not the number"),
    }


def write(file: IO[bytes], visitor: Visitor, counts: Mapping[str, int], made_at: datetime) -> None:
    """Draw the summary; `counts` says how many rows each file has."""
    _register_fonts()
    canvas = Canvas(file, pagesize=A4, pageCompression=1, lang=get_language() or settings.LANGUAGE_CODE)
    canvas.setTitle(_title())
    y = TOP
    for font, size, first, second in _lines(visitor, counts, made_at):
        rows = simpleSplit(second, REGULAR, size, RIGHT - SECOND) if second else []
        left = simpleSplit(first, font, size, (SECOND - 4 * MM if second else RIGHT) - LEFT)
        needed = max(len(rows), len(left)) * LINE * size / SIZE
        if y - needed < BOTTOM:
            canvas.showPage()
            y = TOP
        for x, face, texts in ((LEFT, font, left), (SECOND, REGULAR, rows)):
            canvas.setFont(face, size)
            for number, text in enumerate(texts):
                canvas.drawString(x, y - number * LINE * size / SIZE, text)
        y -= needed + 1 * MM
    canvas.save()


def _title() -> str:
    return _("What we hold on you")


def _lines(visitor: Visitor, counts: Mapping[str, int], made_at: datetime) -> Iterator[tuple[str, int, str, str]]:
    """Yield font, size, the words of the left column, those of the right one."""
    operator = settings.OPERATOR_NAME
    numbers = ", ".join(formats.phone(line.number) for line in visitor.lines)
    yield BOLD, 16, _title(), ""
    yield REGULAR, SIZE, "", ""
    yield BOLD, SIZE, _("Operator"), operator.get(get_language() or "") or operator[settings.LANGUAGE_CODE]
    yield BOLD, SIZE, _("Made on"), formats.moment(made_at)
    yield BOLD, SIZE, _("Numbers and lines"), numbers
    yield REGULAR, SIZE, "", ""
    yield BOLD, 12, _("Files"), ""
    said = names()
    for name, count in counts.items():
        yield REGULAR, SIZE, f"{name}.json · {formats.number(count)}", said.get(name, "")
    yield REGULAR, SIZE, "", ""
    words = _(
        "Passwords, codes and keys are in no file: we keep none that could be read. Questions about your data are "
        "answered at %(number)s, free of charge."
    )
    yield REGULAR, SIZE, words % {"number": settings.SUPPORT_NUMBER}, ""


@cache
def _register_fonts() -> None:
    pdfmetrics.registerFont(TTFont(REGULAR, str(FONTS / "golos-regular.ttf")))
    pdfmetrics.registerFont(TTFont(BOLD, str(FONTS / "golos-semibold.ttf")))
