"""What tones ask of the platform that plays them, in our words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from abonent.domains.voice.tones.rules import Rule


class NoAnswer(Exception):
    """Nobody knows whether it was heard: the same is told again."""


class TonePlatform(Protocol):
    """Plays tones to callers before there is an answer."""

    def play(self, number: str, revision: int, rules: Sequence[Rule]) -> None:
        """Play by these rules to callers of the number from now on, all others forgotten; raise `NoAnswer`.

        What comes with a lower revision than was told before is late, and changes nothing.
        """
        ...
