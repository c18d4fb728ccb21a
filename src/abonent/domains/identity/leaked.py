"""Passwords that stand in every guesser's list, read when the first new password is looked at."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

from django.contrib.auth import password_validation


@cache
def passwords() -> frozenset[str]:
    """Return some twenty thousand known passwords in small letters; about two megabytes, kept from then on."""
    listed = Path(password_validation.__file__).with_name("common-passwords.txt.gz")
    with gzip.open(listed, "rt", encoding="utf-8") as lines:
        return frozenset(line.strip().casefold() for line in lines)
