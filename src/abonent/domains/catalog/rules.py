"""The terms of a tariff as values, and which price answers a piece of usage. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from itertools import combinations, product
from typing import Any, Literal

from abonent.foundation.said import N_, Said, said

Kind = Literal["voice", "sms", "mms", "data", "content"]
Bucket = Literal["voice", "data", "sms"]

KINDS: tuple[Kind, ...] = ("voice", "sms", "mms", "data", "content")
BUCKET_OF_KIND: Mapping[str, Bucket] = {"voice": "voice", "sms": "sms", "mms": "sms", "data": "data"}
HOME = "home"
ROAMING = "roaming"
ANY = ""
# So many periods what is left may go on: rating looks back no further.
ROLLS_MAX = 3


class InvalidTerms(ValueError):
    """Terms that cannot be sold: `reason` says which part and why."""

    def __init__(self, reason: Said) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class RollOver:
    """What is left of an allowance goes on for `periods` more, no more than `most` of what each period left."""

    periods: int
    most: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the fee includes each period: seconds, bytes or messages; `amount=None` is without limit.

    `then_kbps`: when it is used up, data goes on at no charge, no faster than that. `roll_over`: what becomes of what
    is left at the end of the period; None: it is lost.
    """

    bucket: Bucket
    amount: int | None
    then_kbps: int | None = None
    roll_over: RollOver | None = None

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Allowance:
        rolls = document.get("roll_over")
        return cls(**{**document, "roll_over": RollOver(**rolls) if rolls else None})


@dataclass(frozen=True, slots=True)
class Price:
    """One rule: what a begun unit of some usage costs, and which allowance it takes first.

    `unit_size` is in seconds (voice), bytes (data) or pieces (sms, mms, content). `destination` and `zone` empty mean
    any; zone `roaming` means any but home. The most exact rule wins: destination before zone, zone code before
    `roaming` before any.
    """

    code: str
    kind: Kind
    direction: Literal["out", "in", ""]
    price_minor: int
    unit_size: int = 1
    destination: str = ANY
    zone: str = ANY
    bucket: Bucket | None = None

    def matches(self, kind: str, direction: str, destination: str, zone: str) -> bool:
        return (
            self.kind == kind
            and self.direction in ("", direction)
            and self.destination in (ANY, destination)
            and (self.zone in (ANY, zone) or (self.zone == ROAMING and zone != HOME))
        )

    def answers_as(self, other: Price) -> bool:
        """Return whether both answer the same usage with the same exactness, so that neither is the best."""
        return (self.kind, self.direction, self.destination, self.zone) == (
            other.kind,
            other.direction,
            other.destination,
            other.zone,
        )

    @property
    def exactness(self) -> tuple[bool, int, bool]:
        return (
            self.destination != ANY,
            0 if self.zone == ANY else 1 if self.zone == ROAMING else 2,
            self.direction != "",
        )


@dataclass(frozen=True, slots=True)
class FeeTerms:
    """How the fee of a version is taken; what is not said is as it always was.

    `per`: the fee is for a billing period (`month`) or for each local day. `by_days`: of a monthly fee only the days
    are paid on which the tariff was in force; else each period begun is paid whole. `shortage`: what happens when a
    prepaid account has less than the fee: `charge` takes it all the same, `wait` takes nothing and the line is paused
    until there is enough, `daily` takes the month's fee day by day as long as the money lasts. `resumes`: a fee that
    waited is paid for the whole period (`period`), or only for the days from the payment on (`payment`).
    """

    per: Literal["month", "day"] = "month"
    by_days: bool = False
    shortage: Literal["charge", "wait", "daily"] = "charge"
    resumes: Literal["period", "payment"] = "period"


AS_ALWAYS = FeeTerms()


@dataclass(frozen=True, slots=True)
class Switching:
    """What a change of the tariff asks for; what is not said costs nothing and is open to everybody.

    `price_minor` is paid once by who changes to the version. `personal`: made for whoever has it, so it is on sale for
    nobody, and who has it leaves it only with staff, since there is no way back.
    """

    price_minor: int = 0
    personal: bool = False


FREELY = Switching()


@dataclass(frozen=True, slots=True)
class Access:
    """What a wire or a dish brings; 0: that is no part of it.

    `down_kbps` and `up_kbps` are the speeds that are promised at most, `channels` how many of them there are to watch.
    """

    down_kbps: int = 0
    up_kbps: int = 0
    channels: int = 0


NO_ACCESS = Access()


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything a version of a tariff says beside the sum of its fee."""

    allowances: tuple[Allowance, ...] = ()
    prices: tuple[Price, ...] = ()
    fee: FeeTerms = AS_ALWAYS
    switching: Switching = FREELY
    access: Access = NO_ACCESS

    def to_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "allowances": [_without_nothing(asdict(a)) for a in self.allowances],
            "prices": [asdict(p) for p in self.prices],
        }
        if self.fee != AS_ALWAYS:
            document["fee"] = asdict(self.fee)
        if self.switching != FREELY:
            document["switching"] = asdict(self.switching)
        if self.access != NO_ACCESS:
            document["access"] = asdict(self.access)
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Terms:
        return cls(
            tuple(Allowance.from_json(a) for a in document["allowances"]),
            tuple(Price(**p) for p in document["prices"]),
            FeeTerms(**document.get("fee", {})),
            Switching(**document.get("switching", {})),
            Access(**document.get("access", {})),
        )

    def allowance(self, bucket: str) -> Allowance | None:
        return next((a for a in self.allowances if a.bucket == bucket), None)

    @property
    def rolls(self) -> bool:
        """Return whether anything that is left goes on into the next period."""
        return any(allowance.roll_over for allowance in self.allowances)

    def takes_from(self, bucket: str) -> bool:
        """Return whether some usage takes from packages of that kind."""
        return any(price.bucket == bucket for price in self.prices)

    def answers(self, kind: str, direction: str, destination: str, zone: str) -> bool:
        """Return whether some rule says what such usage costs; checked terms always do."""
        return any(p.matches(kind, direction, destination, zone) for p in self.prices)

    def price(self, kind: str, direction: str, destination: str, zone: str) -> Price:
        """Return the most exact rule; checked terms always have one."""
        return max(
            (p for p in self.prices if p.matches(kind, direction, destination, zone)),
            key=lambda p: p.exactness,
        )


@dataclass(frozen=True, slots=True)
class TariffVersion:
    """A version with its tariff's names; `id` is None before it is stored."""

    tariff_code: str
    service: str
    category: str
    names: Mapping[str, str]
    valid_from: date
    fee_minor: int
    terms: Terms
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A version with what is said of its tariff, by language; not sold from the day `sold_until` on."""

    version: TariffVersion
    about: Mapping[str, str]
    sold_until: date | None = None

    def is_sold(self, day: date) -> bool:
        return not self.version.terms.switching.personal and (self.sold_until is None or day < self.sold_until)


@dataclass(frozen=True, slots=True)
class Offered:
    """What the holder of a tariff sees: `own`, sold or not, and what is on sale, each tariff in its latest version."""

    own: Offer
    on_sale: tuple[Offer, ...]

    @property
    def all(self) -> tuple[Offer, ...]:
        """Return everything once, the own first."""
        return (self.own, *(offer for offer in self.on_sale if offer.version.id != self.own.version.id))

    def find(self, code: str) -> Offer | None:
        """Return the tariff as it is sold, or the own one that is sold no more; None for any other."""
        sold = next((offer for offer in self.on_sale if offer.version.tariff_code == code), None)
        return sold or (self.own if self.own.version.tariff_code == code else None)


@dataclass(frozen=True, slots=True)
class Destination:
    """See the table of the same name; `names` by language."""

    code: str
    prefixes: tuple[str, ...]
    names: Mapping[str, str]
    content: bool = False


@dataclass(frozen=True, slots=True)
class Zone:
    """A roaming zone with its names by language."""

    code: str
    names: Mapping[str, str]


@dataclass(frozen=True)
class Geography:
    """Every destination and zone, with look-up by prefix."""

    destinations: tuple[Destination, ...] = ()
    zones: tuple[Zone, ...] = ()
    _by_prefix: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    _by_name: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for destination in self.destinations:
            table = self._by_name if destination.content else self._by_prefix
            table.update(dict.fromkeys(destination.prefixes, destination.code))

    def destination_of(self, kind: str, peer: str) -> str:
        """Return the code of the destination of `peer`, empty when none is known."""
        if kind == "content":
            return self._by_name.get(peer, "")
        if not peer.startswith("+"):
            return self._by_prefix.get(peer, "")
        return next(
            (self._by_prefix[peer[:n]] for n in range(len(peer), 1, -1) if peer[:n] in self._by_prefix),
            "",
        )


def _without_nothing(allowance: dict[str, Any]) -> dict[str, Any]:
    optional = ("then_kbps", "roll_over")
    return {name: value for name, value in allowance.items() if name not in optional or value is not None}


def check(terms: Terms) -> None:
    """Raise `InvalidTerms` unless every usage has exactly one best rule and all numbers make sense."""
    if len(terms.allowances) != len({a.bucket for a in terms.allowances}):
        raise InvalidTerms(said(N_("two allowances fill the same bucket")))
    _check_fee(terms.fee)
    if min(terms.switching.price_minor, *asdict(terms.access).values()) < 0:
        raise InvalidTerms(said(N_("the price of a change, a speed and a number of channels are not negative")))
    for allowance in terms.allowances:
        _check_allowance(allowance, terms)
    for price in terms.prices:
        _check_numbers(price)
    for one, other in combinations(terms.prices, 2):
        if one.code == other.code:
            raise InvalidTerms(said(N_("two prices have the code %(code)s"), code=one.code))
        if one.answers_as(other):
            raise InvalidTerms(said(N_("%(one)s and %(other)s answer the same usage"), one=one.code, other=other.code))
    for kind, direction, zone in product(KINDS, ("out", "in"), (HOME, "another")):
        if not any(p.matches(kind, direction, "another", zone) for p in terms.prices):
            raise InvalidTerms(
                said(
                    N_("no price for %(kind)s %(direction)s in zone %(zone)s"),
                    kind=kind,
                    direction=direction,
                    zone=zone,
                )
            )


def _check_numbers(price: Price) -> None:
    if price.price_minor < 0 or price.unit_size < 1:
        raise InvalidTerms(said(N_("%(code)s: a price is not negative and a unit is at least 1"), code=price.code))
    if price.bucket and price.bucket != BUCKET_OF_KIND.get(price.kind):
        raise InvalidTerms(
            said(
                N_("%(code)s: %(kind)s cannot use the bucket %(bucket)s"),
                code=price.code,
                kind=price.kind,
                bucket=price.bucket,
            )
        )


def _check_allowance(allowance: Allowance, terms: Terms) -> None:
    rolls = allowance.roll_over
    if rolls is not None and (allowance.amount is None or rolls.most < 1 or not 1 <= rolls.periods <= ROLLS_MAX):
        raise InvalidTerms(
            said(
                N_("only a limited amount rolls over, at least a unit of it, for 1 to %(periods)s periods"),
                periods=ROLLS_MAX,
            )
        )
    if allowance.then_kbps is None:
        return
    if allowance.bucket != "data" or allowance.amount is None or allowance.then_kbps < 1:
        raise InvalidTerms(said(N_("only data of a limited amount goes on slower")))
    if any(price.price_minor for price in terms.prices if price.bucket == "data"):
        raise InvalidTerms(said(N_("what goes on slower costs nothing beyond the package")))


def _check_fee(fee: FeeTerms) -> None:
    known = (
        fee.per in ("month", "day")
        and fee.shortage in ("charge", "wait", "daily")
        and fee.resumes in ("period", "payment")
    )
    if not known:
        raise InvalidTerms(said(N_("no such way to take a fee")))
    if fee.per == "day" and (fee.by_days or fee.shortage == "daily" or fee.resumes == "payment"):
        raise InvalidTerms(said(N_("a fee per day is taken by days anyway: it can be charged or wait, nothing else")))
    if not fee.by_days and (fee.shortage == "daily" or fee.resumes == "payment"):
        raise InvalidTerms(said(N_("a monthly fee that is paid whole has no days: say by_days to take parts of it")))
