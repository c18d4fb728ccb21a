"""What of an SMS may be stored: the word that was meant, and of a password only its hash."""

from __future__ import annotations

from django.conf import settings

from abonent.domains.catalog.words import actions as words
from abonent.domains.catalog.words.rules import Kind
from abonent.domains.lines import handset
from abonent.domains.messaging.secrets import Reception
from abonent.domains.orders.handset import content as handset_content
from abonent.entrypoints.sms import commands, keywords
from abonent.entrypoints.sms.commands import Command, Verb
from abonent.entrypoints.sms.keywords import Word
from abonent.foundation import vault
from abonent.foundation.values import InvalidNumber, Msisdn

HIDDEN = "•••"
# What the digits are sealed for until they are answered.
CODE = "digits by sms"


def take_out(*, sender: str, recipient: str, text: str) -> Reception:
    """Judge and hash a password at once, and return what else may be stored; raise `identity.hashing.Busy`.

    Of a text to our own short numbers only a word that was understood is kept: anything else may be a password sent
    without its 25, or a code sent back, and nobody reads it.
    """
    meant = keywords.understood(text)
    ours = recipient in (settings.SMS_SENDER, settings.SMS_SERVICE)
    kept: dict[str, str] = {"word": meant.word} if ours else {}
    if meant.word in (Word.OWN, Word.OWN_UNSURE):
        # Hidden whoever it went to: a mistyped short number is no reason to keep a password.
        if ours and meant.word is Word.OWN and settings.POLICY.password_by_sms:
            judged = handset.judge(number=sender, password=meant.password)
            kept |= {"hash": judged.kept, "problem": judged.problem}
        return Reception(f"25 {HIDDEN}", kept)
    if ours and meant.word is Word.AGREE:
        return Reception(HIDDEN, kept | {"code": meant.code})
    if ours and meant.word is Word.OTHER:
        return _commanded(text) or Reception(HIDDEN, kept)
    return Reception(text, kept)


def _commanded(text: str) -> Reception | None:
    """Return what is kept of a text that asks for something: our own words for it, never what was typed."""
    command = commands.understood(text)
    if command is None:
        return None
    if command.verb is Verb.CONFIRM:
        return Reception(HIDDEN, {"word": Verb.CONFIRM, "code": vault.seal(command.about, purpose=CODE)})
    return _ABOUT.get(command.verb, _alone)(command)


def _alone(command: Command) -> Reception:
    return Reception(command.verb, {"word": command.verb})


def _of_the_catalogue(command: Command) -> Reception | None:
    """A word that the catalogue knows is kept; after a verb any other is hidden, and alone it is no word of ours."""
    found = words.meant(command.about) if command.about else None
    content = handset_content.meant(command.about) if command.verb is Verb.DISCONNECT else []
    if content:
        # A subscription of another company, or what we sell under that word: whoever answers knows what the line has.
        known = {"word": command.verb, "about": found.code if found else "?", "content": " ".join(content)}
        return Reception(f"{command.verb} {known['content']}", known)
    if found is None:
        if not command.about:
            return _alone(command)
        return Reception(HIDDEN, {"word": command.verb, "about": "?"}) if command.said_verb else None
    verb = Verb.TARIFF if found.kind is Kind.TARIFF and command.verb is not Verb.DISCONNECT else command.verb
    return Reception(f"{verb} {found.code}", {"word": verb, "about": found.code})


def _of_a_number(command: Command) -> Reception:
    try:
        number = Msisdn.parse(command.about).e164
    except InvalidNumber:
        return Reception(HIDDEN, {"word": command.verb, "about": "?"})
    return Reception(f"{command.verb} {number}", {"word": command.verb, "about": number})


def _of_a_sum(command: Command) -> Reception:
    whole = command.about if command.about.isascii() and command.about.isdecimal() and len(command.about) < 7 else ""
    if command.about and not whole:
        return Reception(HIDDEN, {"word": command.verb, "about": "?"})
    return Reception(f"{command.verb} {whole}".strip(), {"word": command.verb, "about": whole})


_ABOUT = {
    Verb.CONNECT: _of_the_catalogue,
    Verb.DISCONNECT: _of_the_catalogue,
    Verb.TARIFF: _of_the_catalogue,
    Verb.LOST: _of_a_number,
    Verb.PROMISE: _of_a_sum,
}
