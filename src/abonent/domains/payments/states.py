"""The life of a payment, and of a refund."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    # Written down; whether the gateway was asked is not known to anybody but who asks.
    NEW = "new"
    # The gateway has the order; nobody paid it so far.
    STARTED = "started"
    # The gateway was asked and no answer came: only a status query leads on.
    UNKNOWN = "unknown"
    SETTLED = "settled"
    DECLINED = "declined"
    EXPIRED = "expired"


class Event(StrEnum):
    REGISTERED = "taken up by the gateway"
    UNANSWERED = "left without an answer"
    MONEY_CAME = "paid"
    REFUSED = "declined"
    CLOSED = "closed unpaid"


FINAL = frozenset({State.SETTLED, State.DECLINED, State.EXPIRED})
PENDING = frozenset(State) - FINAL

TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.NEW, Event.REGISTERED): State.STARTED,
    (State.NEW, Event.UNANSWERED): State.UNKNOWN,
    # The gateway has it after all.
    (State.UNKNOWN, Event.REGISTERED): State.STARTED,
    (State.UNKNOWN, Event.UNANSWERED): State.UNKNOWN,
    # A fast customer, or a gateway that tells of it before it answers us.
    (State.STARTED, Event.REGISTERED): State.STARTED,
    (State.STARTED, Event.UNANSWERED): State.STARTED,
    **{(state, Event.MONEY_CAME): State.SETTLED for state in PENDING},
    **{(state, Event.REFUSED): State.DECLINED for state in PENDING},
    **{(state, Event.CLOSED): State.EXPIRED for state in PENDING},
    # Money that really came is never lost: a card declined is tried again on the same order, a code is paid late.
    (State.DECLINED, Event.MONEY_CAME): State.SETTLED,
    (State.EXPIRED, Event.MONEY_CAME): State.SETTLED,
    # Whatever is said after the end, other than that money came, changes nothing.
    **{(State.SETTLED, event): State.SETTLED for event in Event},
    **{
        (state, event): state
        for state in (State.DECLINED, State.EXPIRED)
        for event in Event
        if event is not Event.MONEY_CAME
    },
}


def after(state: State, event: Event) -> State:
    """Return the state that follows; every event has one in every state."""
    return TRANSITIONS[state, event]


class RefundState(StrEnum):
    ASKED = "asked"
    UNKNOWN = "unknown"
    REFUNDED = "refunded"
    REFUSED = "refused"


class RefundEvent(StrEnum):
    UNANSWERED = "left without an answer"
    DONE = "done"
    REFUSED = "refused"


REFUND_FINAL = frozenset({RefundState.REFUNDED, RefundState.REFUSED})

REFUND_TRANSITIONS: dict[tuple[RefundState, RefundEvent], RefundState] = {
    (RefundState.ASKED, RefundEvent.UNANSWERED): RefundState.UNKNOWN,
    (RefundState.UNKNOWN, RefundEvent.UNANSWERED): RefundState.UNKNOWN,
    **{(state, RefundEvent.DONE): RefundState.REFUNDED for state in RefundState},
    (RefundState.ASKED, RefundEvent.REFUSED): RefundState.REFUSED,
    (RefundState.UNKNOWN, RefundEvent.REFUSED): RefundState.REFUSED,
    (RefundState.REFUSED, RefundEvent.REFUSED): RefundState.REFUSED,
    (RefundState.REFUSED, RefundEvent.UNANSWERED): RefundState.REFUSED,
    (RefundState.REFUNDED, RefundEvent.REFUSED): RefundState.REFUNDED,
    (RefundState.REFUNDED, RefundEvent.UNANSWERED): RefundState.REFUNDED,
}


def after_refund(state: RefundState, event: RefundEvent) -> RefundState:
    """Return the state of the refund that follows."""
    return REFUND_TRANSITIONS[state, event]
