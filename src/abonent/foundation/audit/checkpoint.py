"""Where the trail ended, kept outside the database: records cut off at the end leave no other trace."""

from __future__ import annotations

import fcntl
import hmac
import json
import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.crypto import salted_hmac


class BrokenHead(ValueError):
    """What should name the end of the trail does not, or somebody changed it."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest record: its number (from 1) and its seal. Written `12:0a1b…`."""

    number: int
    seal: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.seal.hex()}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Return the head that `text` is; raise `BrokenHead`."""
        number, _, seal = text.strip().partition(":")
        try:
            head = cls(int(number), bytes.fromhex(seal))
        except ValueError:
            raise BrokenHead(f"{text!r} is no head; give it as `abonent audit head` prints it") from None
        if head.number < 1 or len(head.seal) != 32:
            raise BrokenHead(f"{text!r} is no head; give it as `abonent audit head` prints it")
        return head


def keep(head: Head) -> None:
    """Write the head down, signed, unless a later one stands there already.

    One that the trail does not hold any more stays: records written in place of lost ones must not hide the loss.
    """
    path: Path = settings.AUDIT_HEAD
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            kept = kept_head()
        except BrokenHead:
            # It stays as it is, for `verify` to tell.
            return
        if kept is not None and (kept.number >= head.number or not _is_there(kept)):
            return
        attempt = path.with_suffix(f".{os.getpid()}")
        attempt.write_text(json.dumps({"head": str(head), "signature": _signature(head, settings.SECRET_KEY)}))
        attempt.replace(path)


def kept_head() -> Head | None:
    """Return the head written down last, None when there is none; raise `BrokenHead` when it was changed."""
    path: Path = settings.AUDIT_HEAD
    try:
        document = json.loads(path.read_text())
        head, signature = Head.parse(document["head"]), str(document["signature"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BrokenHead(f"{path} is no kept head any more") from None
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    if not any(hmac.compare_digest(_signature(head, secret), signature) for secret in secrets):
        raise BrokenHead(f"{path} was signed by somebody else")
    return head


def _is_there(head: Head) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select from audit_entry where number = %s and seal = %s", [head.number, head.seal])
        return cursor.fetchone() is not None


def _signature(head: Head, secret: str) -> str:
    return salted_hmac("abonent.foundation.audit.head", str(head), secret=secret, algorithm="sha256").hexdigest()
