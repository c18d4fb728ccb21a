"""Facts about accounts."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class AccountFrozen:
    """The owner said of an event of the account's journal that it was somebody else; `kind` is its `EventKind`."""

    account_id: int
    event_id: int
    kind: str


@dataclass(frozen=True)
class SecurityChanged:
    """Something changed how safe an account is; `kind` is an `EventKind`, `not_to` an address that knows already."""

    account_id: int
    kind: str
    detail: dict[str, str] = field(default_factory=dict)
    not_to: str = ""


@dataclass(frozen=True)
class AccountErased:
    """The account was deleted at its owner's wish: nothing of the person may stay with others for us."""

    account_id: int
