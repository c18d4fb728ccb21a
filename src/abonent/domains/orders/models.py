"""Tables of orders; private to the domain."""

from django.db import models
from django.db.models import Q

from abonent.domains.orders.barring.models import BarringChange as BarringChange
from abonent.domains.orders.blocks.models import BlockRules as BlockRules
from abonent.domains.orders.forwarding.models import ForwardingChange as ForwardingChange
from abonent.domains.orders.handset.models import HandsetWish as HandsetWish
from abonent.domains.orders.rules import OF_LINES, OF_SERVICES, Action
from abonent.domains.orders.sims.models import NumberChange as NumberChange
from abonent.domains.orders.sims.models import NumberRules as NumberRules
from abonent.domains.orders.sims.models import SimChange as SimChange
from abonent.domains.orders.sims.models import SimRules as SimRules
from abonent.domains.orders.states import OPEN, State
from abonent.domains.orders.subscriptions.models import ContentBan as ContentBan
from abonent.domains.orders.subscriptions.models import ProviderSuspension as ProviderSuspension
from abonent.domains.orders.subscriptions.models import Subscription as Subscription

STILL_OPEN = sorted(state.value for state in OPEN)
ACTIONS_OF_LINES = [action.value for action in OF_LINES]
ACTIONS_OF_SERVICES = [action.value for action in OF_SERVICES]


class Order(models.Model):
    """Something that is to change on a line. `id` is that of the form, so a form sent twice is one order.

    `once_minor` and `fee_minor` (for the days from `first_day` to before `end_day`) were shown and are held;
    `taken_minor` was paid in the end. It is to take effect at `effective_at`; `command_id` is what the network was
    asked then, none before that, and for what the network has no part in.

    A change of the tariff (`action`) names a version of that, whose code is `offer_code`; `fee_minor` is nothing then,
    since fees of tariffs are taken by their own rules. A block (`blocks`) is for the days from `first_day` to before
    `end_day`, of which those from `next_day` on cost `next_minor` each. What another SIM or number is
    stands in tables of their own.
    """

    id = models.UUIDField(primary_key=True)
    line = models.ForeignKey("lines.Line", on_delete=models.PROTECT, related_name="+")
    contract = models.ForeignKey("customers.Contract", on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=10, choices=[(action.value, action.value) for action in Action])
    offer_code = models.CharField(max_length=40)
    offer_version = models.ForeignKey("catalog.OfferVersion", null=True, on_delete=models.PROTECT, related_name="+")
    tariff_version = models.ForeignKey("catalog.TariffVersion", null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=[(state.value, state.value) for state in State])
    reason = models.CharField(max_length=100, blank=True)
    # Where it was placed, and by which account (none: by staff, `placed_by` says who).
    channel = models.CharField(max_length=10)
    account_id = models.BigIntegerField(null=True)
    placed_by = models.CharField(max_length=40, blank=True)
    placed_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    once_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    first_day = models.DateField()
    end_day = models.DateField()
    next_minor = models.BigIntegerField()
    next_day = models.DateField(null=True)
    taken_minor = models.BigIntegerField(default=0)
    command_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "offer_code"],
                condition=Q(state__in=STILL_OPEN) & ~Q(action=Action.TARIFF.value),
                name="orders_one_open_for_a_service",
            ),
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(state__in=STILL_OPEN, action=Action.TARIFF.value),
                name="orders_one_open_for_the_tariff",
            ),
            models.CheckConstraint(
                condition=Q(action=Action.TARIFF.value, tariff_version__isnull=False, offer_version=None)
                | Q(action__in=ACTIONS_OF_LINES, tariff_version=None, offer_version=None)
                | Q(action__in=ACTIONS_OF_SERVICES, tariff_version=None, offer_version__isnull=False),
                name="orders_for_a_service_or_the_tariff",
            ),
            models.CheckConstraint(
                condition=Q(once_minor__gte=0, fee_minor__gte=0, taken_minor__gte=0), name="orders_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["line", "-placed_at"], name="orders_of_line"),
            models.Index(fields=["effective_at"], name="orders_open", condition=Q(state__in=STILL_OPEN)),
        ]


class Step(models.Model):
    """A state that an order came into, and when."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=12)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "state"], name="orders_each_state_once")]
