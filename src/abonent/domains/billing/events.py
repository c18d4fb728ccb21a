"""Facts about money on the accounts of contracts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MoneyCame:
    """There is more money on the accounts of these contracts; what waited for it may be done now."""

    contract_ids: list[int]
