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
