"""Facts about accounts."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SecurityChanged:
    """Something changed how safe an account is; `kind` is an `EventKind`, `not_to` an address that knows already."""

    account_id: int
    kind: str
    detail: dict[str, str] = field(default_factory=dict)
    not_to: str = ""
