"""Work of a worker: orders whose day has come, and any that an event was lost of."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from procrastinate.contrib.django import app

from abonent.domains.billing.bills.rules import may_tell
from abonent.domains.lines import esims
from abonent.domains.orders import fulfilment, renewals
from abonent.domains.orders.barring import actions as barring
from abonent.domains.orders.blocks import actions as blocks
from abonent.domains.orders.forwarding import actions as forwarding
from abonent.domains.orders.handset import actions as handset
from abonent.domains.orders.handset import rules as handset_rules
from abonent.domains.orders.sims import esims as sims_esims
from abonent.domains.orders.subscriptions import actions as subscriptions
from abonent.domains.orders.subscriptions import consent as subscriptions_consent
from abonent.foundation import rounds
from abonent.foundation.clock import now


@app.periodic(cron="* * * * *")
@app.task(name="advance_orders", queue="orders", queueing_lock="advance_orders", lock="advance_orders")
def advance_orders(timestamp: int) -> None:
    """Have every order looked after whose time has come; each is a job of its own."""
    for order_id in fulfilment.due(now()):
        rounds.queue(advance_order, order_id=str(order_id))


@app.periodic(cron="2-59/10 * * * *")
@app.task(name="renew_packages", queue="orders", queueing_lock="renew_packages", lock="renew_packages")
def renew_packages(timestamp: int) -> None:
    """Order packages again that end soon, where their owners want it so."""
    renewals.renew_due(at=now())


@app.periodic(cron="* * * * *")
@app.task(name="end_blocks", queue="orders", queueing_lock="end_blocks", lock="end_blocks")
def end_blocks(timestamp: int) -> None:
    """End the blocks whose day has come; by day, tell of those that end soon."""
    at = now()
    tells = may_tell(at, ZoneInfo(settings.TIME_ZONE))
    rounds.each([blocks.end_due, blocks.warn_due] if tells else [blocks.end_due], lambda act: act(at=at))


@app.periodic(cron="* * * * *")
@app.task(name="advance_forwardings", queue="orders", queueing_lock="advance_forwardings", lock="advance_forwardings")
def advance_forwardings(timestamp: int) -> None:
    """Ask the network for forwardings whose wait is over, and look after any that an event was lost of."""
    forwarding.advance_due(at=now())


@app.periodic(cron="* * * * *")
@app.task(name="look_after_esims", queue="network", queueing_lock="look_after_esims", lock="look_after_esims")
def look_after_esims(timestamp: int) -> None:
    """Ask for profiles of eSIMs that are wanted, whether they are installed, and withdraw those that are not."""
    if esims.is_there():
        sims_esims.look_after(at=now())


@app.periodic(cron="* * * * *")
@app.task(name="advance_barring", queue="orders", queueing_lock="advance_barring", lock="advance_barring")
def advance_barring(timestamp: int) -> None:
    """Look after changes of call barring that an event was lost of."""
    barring.advance_due(at=now())


@app.periodic(cron="*/5 * * * *")
@app.task(
    name="charge_subscriptions", queue="orders", queueing_lock="charge_subscriptions", lock="charge_subscriptions"
)
def charge_subscriptions(timestamp: int) -> None:
    """Charge subscriptions of providers that are due; forget requests that nobody answered in time."""
    at = now()
    subscriptions_consent.expire(at=at)
    subscriptions.charge_due(at=at)


@app.task(name="advance_order", queue="orders")
def advance_order(order_id: str) -> None:
    """Do whatever is next for one order; when that fails, the next round does it."""
    fulfilment.advance(order_id=UUID(order_id), at=now())


@app.periodic(cron="37 3 * * *")
@app.task(name="forget_wishes_from_phones", queue="upkeep", queueing_lock="forget_wishes_from_phones")
def forget_wishes(timestamp: int) -> None:
    """Delete what was asked for from phones a month ago; orders that came of it stay."""
    handset.forget(before=now() - handset_rules.KEPT)
