"""Facts about money on the accounts of contracts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MoneyCame:
    """There is more money on the accounts of these contracts; what waited for it may be done now."""

    contract_ids: list[int]


@dataclass(frozen=True)
class FeesWait:
    """The fees of these lines could not be charged: they are not served until there is money, or pay day by day."""

    line_ids: list[int]


@dataclass(frozen=True)
class ProductsWait:
    """The fees of these services on lines could not be charged: they are off until there is money."""

    product_ids: list[int]


@dataclass(frozen=True)
class ProductsPaid:
    """The fees of these services on lines, which had waited, are charged: they are on again."""

    product_ids: list[int]


@dataclass(frozen=True)
class FeesPaid:
    """The fees of these lines, which had waited, are charged: they are served again."""

    line_ids: list[int]


@dataclass(frozen=True)
class LimitedLinesCharged:
    """These lines, which have a spending limit, were charged something; `at_once`: for use, not for a fee."""

    line_ids: list[int]
    at_once: bool


@dataclass(frozen=True)
class SpendingLimitReached:
    """The line came to its limit of the month (ISO, first day), and its owner wants paid things held back."""

    line_id: int
    month: str


@dataclass(frozen=True)
class SpendingLimitLifted:
    """Nothing is held back from the line any more: a new month, a higher limit or none, or it cost less after all."""

    line_id: int


@dataclass(frozen=True)
class PricesPublished:
    """A version of a tariff was published whose lines are to get it on its first day, some after the other."""

    tariff_version_id: int
