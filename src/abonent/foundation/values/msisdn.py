"""Phone numbers as people type them and as networks write them."""

from __future__ import annotations

from dataclasses import dataclass

import phonenumbers

TYPED_LENGTH_MAX = 64


class InvalidNumber(ValueError):
    """What was typed is no phone number; `reason` is `empty`, `letters`, `too_short`, `too_long` or `impossible`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, order=True)
class Msisdn:
    """A phone number in E.164: `+` and up to 15 digits."""

    e164: str

    def __str__(self) -> str:
        return self.e164

    @classmethod
    def parse(cls, typed: str, region: str = "RU") -> Msisdn:
        """Return the number that a person of `region` (ISO 3166) means by `typed`, or raise `InvalidNumber`.

        Understood: 10 national digits, 8… and +7…, spaces, brackets, hyphens, no-break spaces, `tel:`.
        """
        text = typed.strip().removeprefix("tel:")
        if not text:
            raise InvalidNumber("empty")
        if len(text) > TYPED_LENGTH_MAX:
            raise InvalidNumber("too_long")
        if any(character.isalpha() for character in text):
            raise InvalidNumber("letters")
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException as error:
            reason = "too_long" if error.error_type == error.TOO_LONG else "too_short"
            raise InvalidNumber(reason) from None
        possible = phonenumbers.is_possible_number_with_reason(number)
        if possible == phonenumbers.ValidationResult.TOO_SHORT:
            raise InvalidNumber("too_short")
        if possible == phonenumbers.ValidationResult.TOO_LONG:
            raise InvalidNumber("too_long")
        if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
            raise InvalidNumber("impossible")
        return cls(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

    def is_in(self, prefixes: tuple[str, ...]) -> bool:
        """Return whether the number starts with one of `prefixes` (each `+` and digits)."""
        return self.e164.startswith(prefixes)
