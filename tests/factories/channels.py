"""People at their phones: texts to our short numbers and codes that are dialled, answered as in the running product."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from uuid import uuid4

from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from abonent.demo import catalogue
from abonent.domains.catalog.words import actions as words
from abonent.domains.catalog.words.rules import Kind, Word
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import actions as messaging
from abonent.domains.messaging.models import Message
from abonent.domains.messaging.texts import sms as texts
from abonent.domains.messaging.ussd import Screen
from abonent.domains.orders.handset import actions as handset
from abonent.entrypoints.ussd import dialog
from abonent.foundation import outbox
from abonent.foundation.clock import now
from tests.factories import catalog as tariffs
from tests.factories import identity, lines, promised

_keys = count(1)
# Browsers in which the holders of lines are signed in.
BROWSERS: dict[str, Client] = {}
WORDS = (
    Word(Kind.OFFER, "monthly", "месяц", "monthly", "21"),
    Word(Kind.OFFER, "once", "раз", "once", "22"),
    Word(Kind.OFFER, "free", "даром", "gratis", "23"),
    Word(Kind.OFFER, "above", "выше", "above", "24"),
)


def load_words(*more: Word) -> None:
    """Store the words of the tests' small catalogue."""
    words.load([*WORDS, *more])


def load_words_of_the_demo() -> None:
    words.load(catalogue.words())


def served(balance_minor: int = 50_000, *, version_id: int | None = None) -> Line:
    """Open a line that was opened a while ago, with an account and that much money."""
    line = lines.line(
        tariff_version_id=version_id or tariffs.of_the_demo("poputny"), opened_at=now() - timedelta(days=40)
    )
    promised.pay(line, max(balance_minor, 1), at=now() - timedelta(days=1))
    if balance_minor < 1:
        promised.spend(line, 1 - balance_minor)
    BROWSERS[line.number] = identity.browser(line)
    return line


def text(line: Line, words: str, *, to: str = "111", imsi: str = "", key: str = "") -> bool:
    """Let a text come in from the line, and its reaction run; return whether it was new."""
    new = messaging.receive(
        channel="sms", sender=line.number, recipient=to, text=words, key=key or f"c{next(_keys)}", subscriber=imsi
    )
    if new:
        job = ProcrastinateJob.objects.filter(task_name="react").latest("id")
        outbox.react(**job.args)
    return new


def answers(line: Line) -> list[str]:
    """Return the templates of what was sent to the line, in time."""
    rows = Message.objects.filter(recipient=line.number, channel="sms").order_by("created_at")
    return list(rows.values_list("template", flat=True))


def last(line: Line) -> str:
    """Return the text of the last message to the line, with its code if it has one."""
    message = Message.objects.filter(recipient=line.number, channel="sms").latest("created_at")
    secret = handset.code_to_deliver(message.secret_ref, now()) if message.secret_kind == handset.SECRET else None
    return texts.render(message.template, message.params, secret, message.language).replace("\N{NO-BREAK SPACE}", " ")


def code(line: Line) -> str:
    """Return the digits that the last question to the line carries."""
    message = Message.objects.filter(recipient=line.number, secret_kind=handset.SECRET).latest("created_at")
    made = handset.code_to_deliver(message.secret_ref, now())
    assert made
    return made


class Dialled:
    """A USSD session of a line."""

    def __init__(self, line: Line, dialled: str, at: datetime | None = None) -> None:
        self.line, self.key, self.step = line, f"s-{uuid4()}", 0
        self.screen: Screen = self.press(dialled, at=at)

    def press(self, typed: str, *, at: datetime | None = None) -> Screen:
        """Press, and return the next screen."""
        self.screen = dialog.press(
            session=self.key, step=self.step, number=self.line.number, subscriber="", text=typed, at=at or now()
        )
        self.step += 1
        return self.screen

    def choose(self, label: str) -> Screen:
        """Turn pages until a line says `label`, and choose it."""
        for _ in range(60):
            found = next((one for one in self.screen.text.split("\n") if label in one and one[:1].isdecimal()), None)
            if found:
                return self.press(found.split()[0])
            self.press("0")
        raise AssertionError(f"no {label}: {self.screen.text}")

    def whole(self) -> str:
        """Return the text of all pages from this one on, without the line that turns them."""
        shown = [self.screen.text]
        while self.screen.goes_on and shown[-1].split("\n")[-1].startswith("0 "):
            shown.append(self.press("0").text)
        return " ".join(page.rsplit("\n0 ", 1)[0] for page in shown)
