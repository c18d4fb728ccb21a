"""What messages are about, which of them a person may do without, and at which hours nobody is rung up. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class Topic(StrEnum):
    """What a message is about, where its receiver has a say in how it comes."""

    PAYMENTS = "payments"
    AUTOPAY = "autopay"
    FEES = "fees"
    LIMITS = "limits"
    PRICES = "prices"
    BILLS = "bills"
    ORDERS = "orders"
    FAMILY = "family"
    CALLS = "calls"


OF: Final = {
    "topped up": Topic.PAYMENTS, "top-up declined": Topic.PAYMENTS, "top-up refunded": Topic.PAYMENTS,
    "top-up returned": Topic.PAYMENTS, "paid for another": Topic.PAYMENTS, "corrected": Topic.PAYMENTS,
    "autopay cap": Topic.AUTOPAY, "autopay declined": Topic.AUTOPAY, "autopay on": Topic.AUTOPAY,
    "autopay paid": Topic.AUTOPAY, "autopay soon": Topic.AUTOPAY, "autopay stopped": Topic.AUTOPAY,
    "autopay not needed": Topic.AUTOPAY,
    "transfer came": Topic.PAYMENTS, "transfer back came": Topic.PAYMENTS, "transfer kept": Topic.PAYMENTS,
    "fee waits": Topic.FEES, "fee by day": Topic.FEES, "fee paid": Topic.FEES, "service waits": Topic.FEES,
    "service paid": Topic.FEES, "promised taken": Topic.FEES, "promised due": Topic.FEES,
    "promised repaid": Topic.FEES, "promised taken back": Topic.FEES,
    "spending limit": Topic.LIMITS, "prices change": Topic.PRICES, "bill": Topic.BILLS,
    "package added": Topic.ORDERS, "package not renewed": Topic.ORDERS, "gift came": Topic.PAYMENTS,
    "order done": Topic.ORDERS, "block ends": Topic.ORDERS, "block ended": Topic.ORDERS, "order failed": Topic.ORDERS,
    "forwarding failed": Topic.ORDERS, "barring failed": Topic.ORDERS, "voice message": Topic.CALLS,
    "subscription paused": Topic.FEES, "subscription goes on": Topic.FEES, "subscription refused": Topic.ORDERS,
    "family money came": Topic.FAMILY, "family agreed": Topic.FAMILY, "family ended": Topic.FAMILY,
    "family poor": Topic.FAMILY, "family limit": Topic.FAMILY, "pool joined": Topic.FAMILY,
    "pool welcome": Topic.FAMILY, "pool refused": Topic.FAMILY, "pool left": Topic.FAMILY,
    "pool removed": Topic.FAMILY, "pool over": Topic.FAMILY, "pool limit": Topic.FAMILY,
    "pool paused": Topic.FAMILY, "pool resumed": Topic.FAMILY, "pool payer agreed": Topic.FAMILY,
    "pool payer refused": Topic.FAMILY, "pool payer you": Topic.FAMILY, "pool payer changed": Topic.FAMILY,
    "pool payer failed": Topic.FAMILY,
}  # fmt: skip
# These always come, and at once: codes and passwords, what protects the cabinet, money that leaves for somebody else,
# what waits for an answer, and answers to what the person sent or asked.
ALWAYS: Final = frozenset({
    "code", "temporary", "own password", "security", "erased", "address_taken", "transfer went", "gift went",
    "transfer asked back", "family invited", "dispute answered", "request", "keyword help", "keyword form",
    "keyword closed", "keyword held", "keyword busy", "keyword protected", "keyword numbers", "number shared",
    "pool invited", "pool payer asked", "number asked", "number answered", "internet settings", "told balance",
    "told left", "told services", "told packages", "told tariffs", "told subscriptions", "told content",
    "order asked", "order taken", "order refused", "order called off",
    "idle soon", "idle blocked", "idle release soon", "idle released", "idle lifted",
    "subscription asked", "subscription began", "subscription ended", "subscription wrong", "subscription menu",
    "subscription not begun", "subscription nothing", "subscriptions stopped", "subscription declined",
    "subscriptions banned", "visit", "activation", "equipment", "port in", "port out",
    "port not stopped",
})  # fmt: skip
# Of those, what stands in the cabinet like any notice.
SHOWN: Final = (
    "security",
    "transfer went",
    "gift went",
    "transfer asked back",
    "family invited",
    "pool invited",
    "pool payer asked",
    "dispute answered",
    "request",
    "number shared",
    "number asked",
    "number answered",
    "visit",
    "activation",
    "port in",
    "port out",
    "subscription began",
    "subscription ended",
)
# These go by e-mail to whoever has an address, without being asked.
MAILED: Final = frozenset({Topic.AUTOPAY, Topic.BILLS})
HOURS: Final = range(24)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the day, local time, from `from_h` until `until_h`, over midnight or not; never the whole day."""

    from_h: int
    until_h: int

    def __post_init__(self) -> None:
        if self.from_h not in HOURS or self.until_h not in HOURS or self.from_h == self.until_h:
            raise ValueError("quiet hours begin at one hour of the day and end at another")

    def ends_after(self, local: datetime) -> datetime | None:
        """Return when the quiet hours end in which the moment lies, None when it lies in none."""
        span_h = (self.until_h - self.from_h) % 24
        if (local.hour - self.from_h) % 24 >= span_h:
            return None
        end = local.replace(hour=self.until_h, minute=0, second=0, microsecond=0)
        return end if self.until_h > local.hour else end + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a number wants to be told: topics not by SMS, topics by e-mail to `email` as well, quiet hours."""

    sms_off: frozenset[Topic] = field(default_factory=frozenset)
    email_on: frozenset[Topic] = field(default_factory=frozenset)
    email: str = ""
    quiet: Quiet | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """How one message goes: by SMS or only kept in the cabinet, not before `at` (None: at once), by e-mail as well."""

    by_sms: bool = True
    at: datetime | None = None
    email: str = ""


def way(wishes: Wishes, topic: Topic, local: datetime) -> Way:
    """Return how a message on the topic goes that was written at that local time."""
    return Way(
        by_sms=topic not in wishes.sms_off,
        at=wishes.quiet.ends_after(local) if wishes.quiet else None,
        email=wishes.email if topic in wishes.email_on else "",
    )
