"""Which word a text means, however it was typed. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Word(StrEnum):
    """What a text asks for."""

    PASSWORD = "password"  # noqa: S105 - a word of people
    # `25 <own password>`, and the same so typed that nobody can be sure which password was meant.
    OWN = "own"
    OWN_UNSURE = "own unsure"
    # Number management, as a USSD command would ask for it.
    NUMBERS = "numbers"
    # Subscriptions of content providers: `ДА <code>` begins one, `СТОП ВСЕ` ends all.
    AGREE = "agree"
    STOP_ALL = "stop all"
    # Nobody is to take the number to another operator.
    STOP_PORT = "stop port"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Understood:
    """What was understood: the word, and the password in it; it must be neither stored nor logged.

    `code` confirms a subscription and nothing else: it is kept until it is answered.
    """

    word: Word
    password: str = ""
    code: str = ""

    def __repr__(self) -> str:
        return f"Understood({self.word})"


# Letters that look alike, typed by whoever changes the keyboard in the middle of a word; all become small here.
LOOKS_CYRILLIC = str.maketrans("apo0b6nπλ", "АРООЬЬППЛ".casefold())
LOOKS_LATIN = str.maketrans("АСОР".casefold() + "ѕ05", "acop" + "sos")
# The same keys under the other layout.
CYRILLIC_KEYS = "ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ".casefold()
LATIN_KEYS = "qwertyuiop[]asdfghjkl;'zxcvbnm,."
TO_CYRILLIC_KEYS = str.maketrans(LATIN_KEYS, CYRILLIC_KEYS)
TO_LATIN_KEYS = str.maketrans(CYRILLIC_KEYS, LATIN_KEYS)
# How many slips of the finger each word bears; "parol" is how it is written without Russian letters.
WORDS = {"ПАРОЛЬ".casefold(): 1, "parol": 1, "password": 2}
NUMBERS = {"НОМЕРА".casefold(): 1, "numbers": 1}
STOP_ALL = {"СТОПВСЕ".casefold(): 1, "stopall": 1}
# No slip in Latin letters: one away stands a subscription to sports that is to stop.
STOP_PORT = {"СТОППЕРЕНОС".casefold(): 1, "stopport": 0}
STOP = {"СТОП".casefold(): 1, "stop": 1}
LONGEST = 12

QUOTES = "\"'`´«»„“”‘’‚‹›<>()[]{}"
PAIRS = dict(zip("\"'`´«„“‘‚‹<([{", "\"'`´»“”’‘›>)]}", strict=True))
_AGREE = re.compile(r"(?:" + "ДА".casefold() + r"|yes|da)\W*(\d(?:[ -]?\d){5})\W*", re.IGNORECASE)
_OWN = re.compile(r"(\d)(\s*)(\d)(.*)", re.DOTALL)


def understood(text: str) -> Understood:
    """Return what the text asks for."""
    plain = _trimmed(text)
    if own := _own(plain):
        return own
    if agreed := _AGREE.fullmatch(unicodedata.normalize("NFKC", plain[:40])):
        return Understood(Word.AGREE, code="".join(digit for digit in agreed[1] if digit.isdecimal()))
    if _is_one_of(plain, STOP_ALL):
        return Understood(Word.STOP_ALL)
    if _is_one_of(plain, STOP_PORT):
        return Understood(Word.STOP_PORT)
    if _is_one_of(plain, WORDS):
        return Understood(Word.PASSWORD)
    return Understood(Word.NUMBERS if _is_one_of(plain, NUMBERS) else Word.OTHER)


def asks_to_stop(text: str) -> bool:
    """Return whether a text to a provider's short number says that its subscriptions are to end."""
    plain = _trimmed(text)
    return _is_one_of(plain, STOP) or _is_one_of(plain, STOP_ALL)


def _trimmed(text: str) -> str:
    """Return the text without what nobody sees around it."""
    start, end = 0, len(text)
    while start < end and _is_blank(text[start]):
        start += 1
    while end > start and _is_blank(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_blank(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in ("Cc", "Cf", "Zs")


def _own(plain: str) -> Understood | None:
    """Return what `25 …` means, None when the text does not begin so.

    A blank must stand between 25 and the password, or a letter must follow at once. Quotes and brackets around it
    may be part of it or copied from an advertisement: nobody can know, so it is asked again.
    """
    whole = plain[1:-1] if len(plain) > 2 and PAIRS.get(plain[0]) == plain[-1] else plain
    found = _OWN.fullmatch(_trimmed(whole.lstrip(QUOTES)))
    if not found or (unicodedata.decimal(found[1]), unicodedata.decimal(found[3])) != (2, 5):
        return None
    rest = found[4]
    password = _trimmed(rest)
    if rest[:1].isdecimal():
        # Another number that begins alike.
        return None
    if not password or found[2] or not (_is_blank(rest[0]) or rest[0].isalpha()):
        return Understood(Word.OWN_UNSURE)
    if password[0] in QUOTES or password[-1] in QUOTES or (_is_blank(rest[0]) and len(password) < 2):
        return Understood(Word.OWN_UNSURE)
    return Understood(Word.OWN, password)


def _is_one_of(plain: str, words: dict[str, int]) -> bool:
    """Return whether the text is one of the words, in any alphabet and with a slip of the finger."""
    letters = "".join(
        character for character in unicodedata.normalize("NFKD", plain[:200]).casefold() if character.isalnum()
    )
    keys = "".join(character for character in plain.casefold() if not _is_blank(character))
    if len(letters) > LONGEST or len(plain) > 200:
        return False
    readings = {
        letters,
        letters.translate(LOOKS_CYRILLIC),
        letters.translate(LOOKS_LATIN),
        letters.translate(TO_CYRILLIC_KEYS),
        letters.translate(TO_LATIN_KEYS),
        keys[: LONGEST + 1].translate(TO_CYRILLIC_KEYS),
    }
    return any(
        sorted(reading) == sorted(word) or slips(reading, word) <= most
        for word, most in words.items()
        for reading in readings
    )


def slips(typed: str, word: str) -> int:
    """Return how many letters were left out, added, mistaken or swapped with the next."""
    before_last: list[int] = []
    last = list(range(len(word) + 1))
    for row, letter in enumerate(typed, 1):
        now = [row]
        for column, wanted in enumerate(word, 1):
            best = min(last[column] + 1, now[column - 1] + 1, last[column - 1] + (letter != wanted))
            if row > 1 and column > 1 and letter == word[column - 2] and typed[row - 2] == wanted:
                best = min(best, before_last[column - 2] + 1)
            now.append(best)
        before_last, last = last, now
    return last[-1]
