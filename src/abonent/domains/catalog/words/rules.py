"""Words and digits by which what is sold is asked for from a phone. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import yaml

LENGTH_MAX = 20
# So long that no one-time code of four digits is one.
_DIGITS = re.compile(r"[0-9]{2,3}", re.ASCII)
_PLAIN = re.compile("[a-z\u0430-\u044f][a-z\u0430-\u044f0-9]{1,19}")
_KEYS = ("ru", "en", "digits")


class Kind(StrEnum):
    """What a word may mean."""

    OFFER = "offer"
    TARIFF = "tariff"


@dataclass(frozen=True, slots=True)
class Word:
    """What an offer or tariff of that code is called: a word in each language, and digits (`*111*digits#`)."""

    kind: Kind
    code: str
    ru: str
    en: str
    digits: str

    def said(self, language: str) -> str:
        """Return the word as it is told to somebody, in capitals."""
        return (self.ru if language == "ru" else self.en).upper()


class BadWords(ValueError):
    """Words that cannot be loaded; the message says which, a line each."""


def plain(typed: str) -> str:
    """Return a word as it is compared: small letters and digits alone, `ё` as `е`."""
    small = unicodedata.normalize("NFKC", typed).casefold().replace("ё", "е")
    return "".join(character for character in small if character.isalnum())


def read(text: str) -> tuple[Word, ...]:
    """Return the words in a YAML text: `offers` and `tariffs` by code, each with `ru`, `en`, `digits`.

    Raises `BadWords` with everything that is wrong.
    """
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise BadWords(f"no YAML: {getattr(error, 'problem', None) or 'it cannot be read'}") from None
    if not isinstance(document, dict) or not set(document) <= {"offers", "tariffs"}:
        raise BadWords("`offers` and `tariffs` are asked for, and nothing else")
    wrong: list[str] = []
    found = []
    for kind, name in ((Kind.OFFER, "offers"), (Kind.TARIFF, "tariffs")):
        of_kind = document.get(name) or {}
        if not isinstance(of_kind, dict):
            raise BadWords(f"{name}: codes with their words are asked for")
        for code, words in of_kind.items():
            if not isinstance(words, dict) or set(words) != set(_KEYS):
                wrong.append(f"{code}: {', '.join(_KEYS)} are asked for, and no others")
                continue
            found.append(
                Word(kind, f"{code}", plain(f"{words['ru']}"), plain(f"{words['en']}"), f"{words['digits']}".strip())
            )
    if wrong:
        raise BadWords("\n".join(wrong))
    check(found)
    return tuple(found)


def check(words: Iterable[Word]) -> None:
    """Raise `BadWords` unless every word can be typed and means one thing."""
    every = list(words)
    wrong = [
        f"{one.code}: {word!r} is no word of 2 to {LENGTH_MAX} letters and digits that begins with a letter"
        for one in every
        for word in (one.ru, one.en)
        if not _PLAIN.fullmatch(word)
    ]
    wrong += [
        f"{one.code}: {one.digits!r} are no two or three digits" for one in every if not _DIGITS.fullmatch(one.digits)
    ]
    said = Counter(word for one in every for word in {one.ru, one.en, one.digits})
    wrong += [f"{word!r} means {count} things" for word, count in sorted(said.items()) if count > 1]
    if wrong:
        raise BadWords("\n".join(wrong))
