"""Codes by SMS: how they are made, how long they live, how often they are sent and guessed. Pure."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address, ip_network
from uuid import UUID


class Purpose(StrEnum):
    """What a code is good for, and for nothing else."""

    ENTRY = "entry"
    CONFIRM = "confirm"
    # A new password in place of a forgotten one.
    RESET = "reset"
    # Entry by contract or account number, by a confirmed e-mail address.
    CONTRACT = "contract"
    EMAIL = "email"
    # A new e-mail address is the person's own.
    ADDRESS = "address"
    # A password that lives once and for a while, sent or printed.
    TEMPORARY = "temporary"
    # Money goes to somebody else: bound to the sum, the fee and the receiver.
    MONEY = "money"
    # Somebody else may see the number: bound to who, and to what of it.
    SHARE = "share"
    # A number joins a family: bound to the invitation, who pays, and how much.
    FAMILY = "family"
    # Whoever brings a number to us holds it.
    PORTING = "porting"


class Channel(StrEnum):
    """How a code gets to the person."""

    SMS = "sms"
    VOICE = "voice"
    EMAIL = "email"
    PAPER = "paper"


class Way(StrEnum):
    """How somebody got in."""

    CODE = "code"
    PASSWORD = "password"  # noqa: S105 - the name of a way in
    TEMPORARY = "temporary"
    RESET = "reset"
    CONTRACT = "contract"
    EMAIL = "email"
    PASSKEY = "passkey"
    SOCIAL = "social"
    NETWORK = "network"


class Proof(StrEnum):
    """What a person showed to prove anew to be it: an SMS to the number, a password, a code of the second factor …"""

    SMS = "sms"
    EMAIL = "email"
    PASSWORD = "password"  # noqa: S105 - the name of a proof
    FACTOR = "factor"
    PASSKEY = "passkey"


class EventKind(StrEnum):
    """What the owner of an account must hear of."""

    NEW_DEVICE = "new device"
    PASSWORD_SET = "password set"  # noqa: S105 - the name of an event
    PASSWORD_LOCKED = "password locked"  # noqa: S105 - the name of an event
    EMAIL_SET = "email set"
    EMAIL_REMOVED = "email removed"
    FACTOR_ADDED = "factor added"
    FACTOR_REMOVED = "factor removed"
    CODES_MADE = "codes made"
    LINK_ADDED = "link added"
    LINK_REMOVED = "link removed"
    PIN_SET = "pin set"
    SIM_REPLACED = "sim replaced"
    FORWARDING = "forwarding changed"
    FORWARDING_ASKED = "forwarding asked"
    PUK_SHOWN = "puk shown"
    SIM_ASKED = "sim asked"
    ESIM_SHOWN = "esim shown"
    NUMBER_ASKED = "number asked"
    NUMBER_CHANGED = "number changed"
    BARRING = "barring changed"
    BARRING_PIN = "barring pin"
    VOICEMAIL_PIN = "voicemail pin"
    NUMBER_BLOCKED = "number blocked"
    NUMBER_UNBLOCKED = "number unblocked"
    NUMBER_GONE = "number gone"
    AGENT_VERIFIED = "agent verified"
    AGENT_ACTED = "agent acted"
    SESSIONS_ENDED = "sessions ended"
    EXPORTED = "exported"
    ERASURE_ASKED = "erasure asked"
    ERASURE_UNDONE = "erasure undone"
    CABINET_OFF = "cabinet off"
    CABINET_ON = "cabinet on"
    FROZEN = "frozen"
    THAWED = "thawed"
    NUMBER_SHARED = "number shared"
    NUMBER_UNSHARED = "number unshared"
    ORDER_DONE = "order done"
    NOTICES_CHANGED = "notices changed"
    PORT_OUT_ASKED = "port out asked"


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most` times within any stretch of `span`."""

    most: int
    span: timedelta


CODE_LIFE = timedelta(minutes=10)
TRIES_PER_CODE = 3

# Per number, over all codes, browsers and channels; a new code resets none of them.
FAILURES = Cap(10, timedelta(days=1))
FAILURES_IN_A_ROW_MAX = 100
SENDS = (Cap(1, timedelta(seconds=60)), Cap(3, timedelta(hours=1)), Cap(10, timedelta(days=1)))

# A mobile network puts thousands behind one address: its cap is wide, and its window short, so that it slows a flood
# down and shuts nobody out for long.
SENDS_PER_ADDRESS = Cap(600, timedelta(minutes=10))
SENDS_PER_DEVICE = Cap(20, timedelta(hours=1))
SENDS_IN_TOTAL = Cap(1800, timedelta(minutes=1))
# Ten thousand numbers that follow each other: whoever is paid for messages to them asks for many and enters none.
SENDS_PER_BLOCK = Cap(2000, timedelta(hours=1))
BLOCK_DIGITS = 4

# No session lives longer, in the app or on the web.
SESSION_LIFE_MAX = timedelta(days=30)
PROOF_LIFE = timedelta(minutes=5)
PROOF_LIFE_IN_USE = timedelta(minutes=30)


class CodeError(Exception):
    """Something about a code; each kind has its own words on the page."""


@dataclass(eq=False)
class WrongCode(CodeError):
    """It is another code, or the number is not ours; `tries_left` of this code, 0: it is no good any more."""

    tries_left: int


class CodeExpired(CodeError):
    """The code lived its ten minutes."""


class CodeUsed(CodeError):
    """The code did its work already."""


class CodeSpent(CodeError):
    """All tries of the code are gone."""


class NoSuchCode(CodeError):
    """The browser never asked for a code for this purpose, or so long ago that it is forgotten."""


class Refusal(StrEnum):
    """Why no code is sent or checked now."""

    SENDS = "sends"
    FAILURES = "failures"
    BUSY = "busy"
    STOPPED = "stopped"


@dataclass(eq=False)
class TooMany(CodeError):
    """No code is sent or checked before `until`; None (`STOPPED`): not before the number is proven another way."""

    refusal: Refusal
    until: datetime | None


class CaptchaNeeded(TooMany):
    """No code is sent before a person has answered a captcha; whoever cannot show one says that it is too often."""


def block_of(number: str) -> str:
    """Return what names the ten thousand numbers around `number` (E.164); empty for an address."""
    return number[:-BLOCK_DIGITS] if number.startswith("+") else ""


def code_of(key: bytes, challenge_id: UUID, purpose: str, number: str, digits: int, bound: str = "") -> str:
    """Return the challenge's code of `digits` digits: a keyed hash of it, so that no code needs to be stored.

    `bound` is the digest of what the code confirms, where it confirms one thing only: of another thing it is wrong.
    """
    about = f"{challenge_id}|{purpose}|{number}" + (f"|{bound}" if bound else "")
    digest = hmac.digest(key, about.encode(), hashlib.sha256)
    return str(int.from_bytes(digest[:16], "big") % 10**digits).zfill(digits)


def digest_of(what: Iterable[object]) -> str:
    """Return the digest (64 hex digits) of what a proof is bound to; no two lists of parts have the same."""
    parts = [str(part).encode() for part in what]
    return hashlib.sha256(b"".join(b"%d:%s," % (len(part), part) for part in parts)).hexdigest()


def request_number(challenge_id: UUID) -> str:
    """Return what tells one request from another on the page and in the message.

    Three digits: phones look for codes of four and more. Hashed, since the id itself belongs to the browser alone.
    """
    digest = hashlib.sha256(f"request|{challenge_id}".encode()).digest()
    return str(int.from_bytes(digest[:8], "big") % 900 + 100)


def digits_typed(typed: str, digits: int) -> str | None:
    """Return the code that `typed` means (spaces and hyphens left out), or None when it is no code at all."""
    kept = [character for character in typed if unicodedata.category(character) not in ("Zs", "Pd", "Cc", "Cf")]
    if len(kept) != digits or not all(character.isdecimal() for character in kept):
        return None
    return "".join(str(unicodedata.decimal(character)) for character in kept)


def mark_hash(mark: str) -> str:
    """Return what is kept of a browser's mark, so that a stolen table opens no known device; empty for none."""
    return hashlib.sha256(f"device|{mark}".encode()).hexdigest() if mark else ""


def is_same_code(one: str, other: str) -> bool:
    """Compare in a time that tells nothing."""
    return hmac.compare_digest(one.encode(), other.encode())


def allowed_from(times: Sequence[datetime], caps: Iterable[Cap], now: datetime) -> datetime:
    """Return from when on another one is allowed after those at `times`: `now`, or later."""
    earliest = now
    for cap in caps:
        recent = sorted(time for time in times if time > now - cap.span)
        if len(recent) >= cap.most:
            earliest = max(earliest, recent[-cap.most] + cap.span)
    return earliest


def refusal_of(
    *, sends: Sequence[datetime], failures: Sequence[datetime], failures_in_a_row: int, now: datetime
) -> TooMany | None:
    """Return why no code may be sent to the number now, or None: it may."""
    if failures_in_a_row >= FAILURES_IN_A_ROW_MAX:
        return TooMany(Refusal.STOPPED, None)
    if (until := allowed_from(failures, [FAILURES], now)) > now:
        return TooMany(Refusal.FAILURES, until)
    if (until := allowed_from(sends, SENDS, now)) > now:
        return TooMany(Refusal.SENDS, until)
    return None


def why_dead(*, spent_at: datetime | None, expires_at: datetime, tries_left: int, now: datetime) -> CodeError | None:
    """Return why a code is no good any more, or None: it still is."""
    if spent_at is not None:
        return CodeUsed()
    if expires_at <= now:
        return CodeExpired()
    if tries_left <= 0:
        return CodeSpent()
    return None


def window_start(moment: datetime, cap: Cap) -> datetime:
    """Return the start of the fixed window of `cap.span` that `moment` lies in."""
    span_s = int(cap.span.total_seconds())
    return datetime.fromtimestamp(int(moment.timestamp()) // span_s * span_s, moment.tzinfo)


def address_prefix(address: str) -> str:
    """Return the network that counts as one sender: /24 of IPv4, /64 of IPv6; empty when it is no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if found.version == 6 and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ip_network((found, 24 if found.version == 4 else 64), strict=False))


def proof_is_fresh(*, proven_at: datetime, used_at: datetime, now: datetime) -> bool:
    """Return whether a proof still counts: 5 minutes long, and 30 while it is used at least every 5 minutes."""
    if not proven_at <= now < proven_at + PROOF_LIFE_IN_USE:
        return False
    return now < max(proven_at, used_at) + PROOF_LIFE
