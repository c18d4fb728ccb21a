"""When this happened, these answer. The answers are dotted paths, called by a worker with the event's fields."""

from abonent.domains.billing.events import (
    FeesPaid,
    FeesWait,
    LimitedLinesCharged,
    MoneyCame,
    PricesPublished,
    ProductsPaid,
    ProductsWait,
    SpendingLimitLifted,
    SpendingLimitReached,
)
from abonent.domains.identity.events import AccountErased, AccountFrozen, SecurityChanged
from abonent.domains.lines.events import (
    AccountLeft,
    CommandEnded,
    CommandSent,
    LinesForgotten,
    LinesOpened,
    LineTerminated,
    NumberChanged,
    NumberReleased,
    SimReplaced,
    TariffChanged,
)
from abonent.domains.messaging.events import InboundReceived
from abonent.domains.orders.events import OrderCompleted, OrderPlaced, SubscriptionChanged
from abonent.domains.payments.events import PaymentDeclined, PaymentRefunded, PaymentSettled
from abonent.domains.voice.events import TonesChanged

REACTIONS: dict[type, tuple[str, ...]] = {
    LinesOpened: ("abonent.domains.billing.reactions.rate_parked_usage",),
    MoneyCame: (
        "abonent.domains.billing.reactions.charge_what_waited",
        "abonent.domains.billing.reactions.cover_family",
        "abonent.domains.orders.reactions.charge_subscriptions",
    ),
    FeesWait: (
        "abonent.domains.billing.reactions.bar_unpaid",
        "abonent.domains.billing.reactions.pay_by_autopay",
    ),
    FeesPaid: ("abonent.domains.billing.reactions.bar_unpaid",),
    LimitedLinesCharged: ("abonent.domains.billing.reactions.look_at_limits",),
    SpendingLimitReached: ("abonent.domains.billing.reactions.bar_at_limit",),
    SpendingLimitLifted: ("abonent.domains.billing.reactions.unbar_at_limit",),
    PricesPublished: ("abonent.domains.billing.reactions.give_prices",),
    TariffChanged: (
        "abonent.domains.billing.reactions.tell_of_prices",
        "abonent.domains.billing.reactions.rate_anew",
    ),
    ProductsWait: (
        "abonent.domains.lines.reactions.pause_products",
        "abonent.domains.billing.reactions.rest_families",
    ),
    ProductsPaid: (
        "abonent.domains.lines.reactions.resume_products",
        "abonent.domains.billing.reactions.rest_families",
    ),
    OrderPlaced: ("abonent.domains.orders.reactions.take_up",),
    SimReplaced: ("abonent.domains.orders.reactions.end_waiting_for_card",),
    CommandSent: ("abonent.domains.orders.reactions.note_asked",),
    OrderCompleted: (
        "abonent.domains.billing.reactions.settle_fees",
        "abonent.domains.billing.reactions.follow_family",
    ),
    CommandEnded: (
        "abonent.domains.orders.reactions.settle",
        "abonent.domains.lines.reactions.settle_activation",
    ),
    NumberReleased: (
        "abonent.domains.orders.reactions.give_up",
        "abonent.domains.voice.reactions.forget_line",
        "abonent.domains.billing.reactions.end_family",
    ),
    NumberChanged: ("abonent.domains.voice.reactions.follow_number",),
    LinesForgotten: ("abonent.domains.voice.reactions.forget_lines",),
    TonesChanged: ("abonent.domains.voice.reactions.tell_platform",),
    SubscriptionChanged: ("abonent.domains.orders.reactions.tell_provider",),
    LineTerminated: ("abonent.domains.orders.reactions.give_up", "abonent.domains.billing.reactions.end_family"),
    SecurityChanged: ("abonent.domains.lines.reactions.tell_owner",),
    AccountFrozen: (
        "abonent.domains.support.reactions.take_up_protection",
        "abonent.domains.porting.reactions.stop_leaving",
    ),
    PaymentSettled: (
        "abonent.domains.billing.reactions.take_up_payment",
        "abonent.domains.billing.fiscal.reactions.receipt_of_payment",
    ),
    PaymentDeclined: ("abonent.domains.billing.reactions.note_declined_payment",),
    PaymentRefunded: (
        "abonent.domains.billing.reactions.give_back",
        "abonent.domains.billing.fiscal.reactions.receipt_of_refund",
    ),
    AccountLeft: (
        "abonent.domains.payments.reactions.forget_payer",
        "abonent.domains.billing.reactions.end_autopay",
    ),
    AccountErased: (
        "abonent.domains.payments.reactions.forget_person",
        "abonent.domains.billing.reactions.forget_person",
        "abonent.domains.orders.reactions.forget_person",
        "abonent.domains.porting.reactions.forget_person",
        "abonent.domains.lines.reactions.forget_person",
        "abonent.domains.voice.reactions.forget_person",
    ),
    InboundReceived: ("abonent.entrypoints.sms.answers.answer",),
}

# Who makes the secrets that messages carry, by kind.
SECRETS: dict[str, str] = {
    "code": "abonent.domains.identity.queries.code_to_deliver",
    "consent": "abonent.domains.orders.subscriptions.consent.code_to_deliver",
    "temporary": "abonent.domains.identity.temporary.to_deliver",
    "wish": "abonent.domains.orders.handset.actions.code_to_deliver",
}

# Who takes the secrets out of what comes in, before anything of it is stored.
RECEPTION = "abonent.entrypoints.sms.reception.take_out"

# Who knows what is ordered for days to come (`billing.ports.OrdersToCome`).
ORDERS_TO_COME = "abonent.domains.orders.queries_planned"
