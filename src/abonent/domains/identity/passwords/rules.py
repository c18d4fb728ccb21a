"""What a password must be like: what is missing, how strong it is, what is wrong with the keyboard. Pure."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Container, Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from pathlib import Path

from abonent.domains.identity.policy import Policy
from abonent.domains.identity.rules import Cap

# Nobody types more; what is longer is cut before it is looked at, and never is a password.
TYPED_LENGTH_MAX = 1024
# A run of this many keys side by side, or of one key, counts as two characters.
RUN_LENGTH_MIN = 3
RUN_WORTH = 2
# Fewer characters than this, runs counted short, is no password, however long it looks.
WORTH_MIN = 7
CONTAINED_FROM = 4
ENDING_LENGTH_MAX = 4

# Wrong passwords from one network, over all logins, until each further try asks for a captcha; it locks nobody out.
WRONG_PER_ADDRESS = Cap(60, timedelta(minutes=10))
# How many wrong temporary passwords one of them stands; at 31^10 of them more than three tell nothing.
TRIES_PER_TEMPORARY = 10

# What is Russian about keyboards, spelling and choosing passwords.
RUSSIAN = json.loads(Path(__file__).parents[1].joinpath("keyboards.json").read_text(encoding="utf-8"))["russian"]
QWERTY = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
TO_LATIN = str.maketrans(RUSSIAN["letters"], QWERTY)
ROWS = (
    "1234567890",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "!@#$%^&*()_+",
    *RUSSIAN["rows"],
)
LOOKS_LIKE = str.maketrans("01345@$!7", "oieasasit")
SOUNDS: dict[str, str] = RUSSIAN["sounds"]
# Chosen so often here that lists made elsewhere miss them.
OFTEN_CHOSEN = frozenset(RUSSIAN["often_chosen"])
# What the product itself is called, in either alphabet.
PRODUCT = ("abonent", *RUSSIAN["product"])


class Problem(StrEnum):
    """What is missing in a password, each with its own words on the page."""

    EMPTY = "empty"
    SHORT = "short"
    LONG = "long"
    LEAKED = "leaked"
    SIMPLE = "simple"
    OWN_WORD = "own word"
    NO_DIGIT = "no digit"
    NO_CAPITAL = "no capital"
    NO_SMALL = "no small"


class Strength(IntEnum):
    """How long a guesser would need, in words that a page says."""

    WEAK = 1
    FAIR = 2
    GOOD = 3
    STRONG = 4


def normalised(typed: str) -> str:
    """Return the one way of writing what was typed, so that every keyboard opens with the same password.

    NFKC: an accent typed apart or together, letters of full and half width are the same. Blanks stay where they are.
    """
    return unicodedata.normalize("NFKC", typed[:TYPED_LENGTH_MAX])


def length_of(typed: str) -> int:
    """Return how many characters were typed; one that unfolds into a whole word is still one."""
    return min(len(unicodedata.normalize("NFC", typed[: TYPED_LENGTH_MAX + 1])), len(normalised(typed)))


def problems(
    password: str, own_words: Iterable[str], policy: Policy, leaked: Container[str] = frozenset()
) -> list[Problem]:
    """Return everything that is wrong with a new password as typed, in the order in which to say it.

    `own_words` are the person's own number, name, birth date and the operator's name; `leaked` holds known passwords
    in small letters.
    """
    if not password:
        return [Problem.EMPTY]
    found = []
    if length_of(password) < policy.password_length_min:
        found.append(Problem.SHORT)
    if length_of(password) > policy.password_length_max or len(password) > TYPED_LENGTH_MAX:
        return [Problem.LONG]
    written = normalised(password)
    if policy.mixed:
        found += _missing_kinds(written)
    if holds_own_word(written, own_words):
        found.append(Problem.OWN_WORD)
    if not found and is_leaked(written, leaked):
        found.append(Problem.LEAKED)
    if not found and is_simple(written):
        found.append(Problem.SIMPLE)
    return found


def _missing_kinds(password: str) -> list[Problem]:
    kinds = (
        (Problem.NO_DIGIT, str.isdecimal),
        (Problem.NO_CAPITAL, str.isupper),
        (Problem.NO_SMALL, str.islower),
    )
    return [problem for problem, is_it in kinds if not any(is_it(character) for character in password)]


def holds_own_word(password: str, own_words: Iterable[str]) -> bool:
    """Return whether the password holds a word everybody can know of its owner; a short name only by itself."""
    plain = password.casefold()
    ways = {plain, plain.translate(LOOKS_LIKE), plain.translate(TO_LATIN)}
    alone = set(re.findall(r"[^\W\d_]+", plain))
    for word in own_words:
        small = unicodedata.normalize("NFKC", word).casefold().strip()
        if 2 <= len(small) < CONTAINED_FROM and alone == {small}:
            return True
        if len(small) >= CONTAINED_FROM and any(
            part in way for way in ways for part in (small, spoken(small), small.translate(TO_LATIN))
        ):
            return True
    return False


def is_leaked(password: str, leaked: Container[str]) -> bool:
    """Return whether the password stands in the list, also with letters replaced or a little something at its end."""
    small = password.casefold()
    core = re.sub(r"[\W\d_]+$", "", small)
    ways = {small, small.translate(LOOKS_LIKE), small.translate(TO_LATIN)}
    if core and len(small) - len(core) <= ENDING_LENGTH_MAX:
        ways |= {core, core.translate(LOOKS_LIKE), core.translate(TO_LATIN)}
    return any(way in leaked or way in OFTEN_CHOSEN for way in ways)


def is_simple(password: str) -> bool:
    """Return whether it is made of keys side by side, of one key, or of one short piece again and again."""
    small = password.casefold()
    repeated = re.fullmatch(r"(.{1,5}?)\1+", small, re.DOTALL)
    return bool(repeated) or worth(small) < WORTH_MIN or len(set(small)) < RUN_LENGTH_MIN


def worth(password: str) -> int:
    """Return the length, each run of keys side by side or of one key counted as two."""
    small, total, start = password.casefold(), 0, 0
    while start < len(small):
        end = _end_of_run(small, start)
        total += RUN_WORTH if end - start >= RUN_LENGTH_MIN else end - start
        start = end
    return total


def _end_of_run(text: str, start: int) -> int:
    """Return the end of the longest run that begins at `start`."""
    end = start + 1
    while end < len(text) and text[end] == text[start]:
        end += 1
    for row in ROWS:
        for way in (row, row[::-1]):
            stop = start + 1
            while stop < len(text) and text[start : stop + 1] in way:
                stop += 1
            end = max(end, stop)
    return end


def bits(password: str) -> float:
    """Return how many yes-or-no questions it takes to guess the password, roughly."""
    kinds = (
        (r"[0-9]", 10), (r"[a-z]", 26), (r"[A-Z]", 26),
        (r"[\u0430-\u044f\u0451]", 33), (r"[\u0410-\u042f\u0401]", 33),
        (r"[^\w]", 30), (r"[^\W\da-zA-Z\u0410-\u044f\u0401\u0451]", 40),
    )  # fmt: skip
    alphabet = sum(size for kind, size in kinds if re.search(kind, password)) or 1
    return min(worth(password), 2 * len(set(password.casefold()))) * math.log2(max(alphabet, 2))


def strength_of(password: str, found: Sequence[Problem]) -> Strength:
    """Return how strong a password is, given what was found wrong with it."""
    if found:
        return Strength.WEAK
    size = bits(normalised(password))
    return (
        Strength.STRONG if size >= 70
        else Strength.GOOD if size >= 52
        else Strength.FAIR if size >= 36
        else Strength.WEAK
    )  # fmt: skip


def spoken(word: str) -> str:
    """Return a Russian word in Latin letters as people write it."""
    return "".join(SOUNDS.get(letter, letter) for letter in word)


def words_of(*, numbers: Iterable[str], names: Iterable[str], born: date | None) -> list[str]:
    """Return the person's own words: numbers as they are typed, parts of names, the birth date as it is written."""
    found = []
    for number in numbers:
        digits = re.sub(r"\D", "", number)
        found += [digits[-length:] for length in (10, 7) if len(digits) >= length] or [number]
    for name in names:
        found += [part for part in re.findall(r"[^\W\d_]+", name) if len(part) >= 2]
    if born is not None:
        found += [born.strftime(way) for way in ("%d%m%Y", "%d.%m.%Y", "%Y%m%d", "%Y-%m-%d", "%d%m%y", "%d.%m.%y")]
    return found


def in_russian_letters(typed: str) -> bool:
    """Return whether the keyboard may have been left in Russian."""
    return bool(re.search(r"[\u0430-\u044f\u0451]", typed, re.IGNORECASE))


def only_capitals(typed: str) -> bool:
    """Return whether Caps Lock may have been on."""
    letters = [character for character in typed if character.isalpha()]
    return len(letters) >= RUN_LENGTH_MIN and all(letter.isupper() for letter in letters)


def is_old(set_at: datetime | None, now: datetime, policy: Policy) -> bool:
    """Return whether the profile wants the owner reminded of the password's age."""
    return bool(set_at and policy.reminded_after and set_at + policy.reminded_after <= now)


CONSONANTS = "bdfgklmnprstvz"
VOWELS = "aeiou"
WORDS = 3
SYLLABLES = 3


def generated(random: bytes) -> str:
    """Return a password that can be read aloud and typed, such as `Kemuta-Voridi-Nopalu-42`, of 20 random bytes.

    About 61 bits of it are random; it holds digits and letters of both cases, so every profile takes it.
    """
    if len(random) < 2 * WORDS * SYLLABLES + 2:
        raise ValueError("more random bytes are needed")
    taken = iter(random)
    words = [
        "".join(CONSONANTS[next(taken) % len(CONSONANTS)] + VOWELS[next(taken) % len(VOWELS)] for _ in range(SYLLABLES))
        for _ in range(WORDS)
    ]
    return "-".join([*(word.capitalize() for word in words), f"{next(taken) % 10}{next(taken) % 10}"])


# Without those that are taken for one another, read out or in print.
UNMISTAKABLE = "23456789abcdefghjkmnpqrstuvwxyz"
TEMPORARY_LENGTH = 10


def temporary_of(digest: bytes) -> str:
    """Return the temporary password that a keyed hash of 32 bytes makes."""
    value, letters = int.from_bytes(digest, "big"), []
    for _ in range(TEMPORARY_LENGTH):
        value, index = divmod(value, len(UNMISTAKABLE))
        letters.append(UNMISTAKABLE[index])
    return "".join(letters)


def temporary_typed(typed: str) -> str | None:
    """Return the temporary password that `typed` may be, blanks, hyphens and capitals forgiven; None: it is none."""
    plain = re.sub(r"[\s\-‐-―]+", "", normalised(typed)).lower()
    is_one = len(plain) == TEMPORARY_LENGTH and set(plain) <= set(UNMISTAKABLE)
    return plain if is_one else None
