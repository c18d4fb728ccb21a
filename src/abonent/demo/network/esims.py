"""Profiles of eSIMs in the demo's network (SM-DP+): kept for a wish of ours, fetched once by whoever has the code."""

from __future__ import annotations

from secrets import token_hex

from abonent.demo.network.store import Store

# Where phones come, beside our own protocol.
PHONES = "/phones/esims/"
ADDRESS = "smdp.orbita.example"
SECRET_BYTES = 12
# Test network 999-01 and cards of an issuer that there is not; the first million is for printed cards.
IMSI, ICCID = 999015000000000, 8999901500000000000


def answer(store: Store, asked: str) -> dict[str, str] | None:
    """Do what is asked of a wish (`<id>/prepare`, `/state`, `/withdraw`); None: there is no such thing."""
    wish, _, what = asked.partition("/")
    if what in ("prepare", "withdraw") and wish:
        # Withdrawn before it was ever prepared, it stays gone.
        store.keep_esim(wish, token_hex(SECRET_BYTES).upper())
    kept = store.esim(wish)
    if kept is None or what not in ("prepare", "state", "withdraw"):
        return None
    if what == "withdraw":
        store.move_esim("gone", wish=wish)
    place, secret, state = store.esim(wish) or kept
    if what != "prepare":
        return {"state": state}
    return {
        "iccid": iccid(ICCID // 10 + place), "imsi": f"{IMSI + place}", "address": ADDRESS, "matching_id": secret,
    }  # fmt: skip


def install(store: Store, code: str) -> bool:
    """Fetch the profile of an activation code into a phone; return whether it was there for that."""
    parts = code.split("$")
    right = len(parts) == 3 and parts[:2] == ["LPA:1", ADDRESS]
    return right and bool(parts[2]) and store.move_esim("installed", secret=parts[2])


def iccid(body: int) -> str:
    """Return the number of a card: its digits with the check digit behind."""
    digits = f"{body}"
    doubled = (int(digit) * (1 if place % 2 else 2) for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-sum(value - 9 if value > 9 else value for value in doubled) % 10}"
