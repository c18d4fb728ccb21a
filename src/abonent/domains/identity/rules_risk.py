"""When a code is sent only after a captcha: never always, and never for what families and offices do. Pure."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

# Per address in ten minutes. A mobile network puts thousands behind one, each with a browser that opened the form
# before it sent it and so has a mark; what has none is hardly a browser.
ADDRESS_CALM = 200
ADDRESS_CALM_WITHOUT_MARKS = 20
# Per device in an hour: more than a family with one tablet asks for.
DEVICE_CALM = 8
# All together in a minute: a third of what is sent at most.
TOTAL_CALM = 600
# Per block of numbers in an hour. People enter most of the codes they ask for.
BLOCK_CALM = 60
ENTERED_OF_ASKED = 5


@dataclass(frozen=True, slots=True)
class Flows:
    """How many codes were asked for in the present windows, this one included, and how many the block entered."""

    marked: bool
    address: int = 0
    device: int = 0
    block: int = 0
    block_entered: int = 0
    everybody: int = 0


def captcha_needed(flows: Flows) -> bool:
    """Return whether somebody must show to be a person before this code is sent."""
    return (
        flows.address > (ADDRESS_CALM if flows.marked else ADDRESS_CALM_WITHOUT_MARKS)
        or flows.device > DEVICE_CALM
        or flows.everybody > TOTAL_CALM
        or is_pumped(flows)
    )


def is_pumped(flows: Flows) -> bool:
    """Return whether somebody asks for codes to a block of numbers for the sake of the messages."""
    return flows.block > BLOCK_CALM and flows.block_entered * ENTERED_OF_ASKED < flows.block


class CaptchaKind(StrEnum):
    """How the question is put: digits in a picture, or a number in words for who cannot see one."""

    PICTURE = "picture"
    WORDS = "words"


PICTURE_DIGITS = 5
# Told apart in a picture with noise in it.
PICTURE_ALPHABET = "2345678"
WORDS_FROM, WORDS_TO = 100, 999


def captcha_answer(key: bytes, captcha_id: UUID, kind: CaptchaKind) -> str:
    """Return the digits that answer a question: a keyed hash of its id, so that they need not be stored."""
    drawn = int.from_bytes(hmac.digest(key, f"{captcha_id}|{kind}".encode(), hashlib.sha256)[:16], "big")
    if kind is CaptchaKind.WORDS:
        return str(WORDS_FROM + drawn % (WORDS_TO - WORDS_FROM + 1))
    return "".join(PICTURE_ALPHABET[drawn // len(PICTURE_ALPHABET) ** place % len(PICTURE_ALPHABET)]
                   for place in range(PICTURE_DIGITS))  # fmt: skip
