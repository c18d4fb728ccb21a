"""Facts about lines."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LinesOpened:
    """New lines are served from now on."""

    line_ids: list[int]


@dataclass(frozen=True)
class LinesForgotten:
    """The account that proved these lines was deleted at its owner's wish: nothing of the person may hang on them."""

    line_ids: list[int]


@dataclass(frozen=True)
class TariffChanged:
    """These lines get another tariff, or another version of theirs, now or on a day to come."""

    line_ids: list[int]


@dataclass(frozen=True)
class SimReplaced:
    """Another SIM serves the line."""

    line_id: int


@dataclass(frozen=True)
class NumberChanged:
    """The line has another number; it is the same line, of the same person."""

    line_id: int


@dataclass(frozen=True)
class ForwardingChanged:
    """Calls of the line go elsewhere, or do so no longer."""

    line_id: int


@dataclass(frozen=True)
class NumberReleased:
    """The number is given to others now; the line is closed, and nothing that hung on the number may live on."""

    line_id: int


@dataclass(frozen=True)
class LineTerminated:
    """The contract of the line ended; its number is nobody's."""

    line_id: int


@dataclass(frozen=True)
class LineUnused:
    """The line was blocked for want of use."""

    line_id: int


@dataclass(frozen=True)
class AccountLeft:
    """The last line of the account was closed: what its owner kept for paying is kept no longer."""

    account_id: int


@dataclass(frozen=True)
class CommandSent:
    """The network is asked for the first time to do what was wanted for `reference`: from now on it may be done."""

    command_id: str
    reference: str


@dataclass(frozen=True)
class CommandEnded:
    """The network did what was wanted for `reference`, or certainly will not."""

    command_id: str
    reference: str
