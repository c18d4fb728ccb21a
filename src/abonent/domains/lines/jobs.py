"""Work of a worker: ask the network, and delete the cabinets whose owners asked for it."""

from __future__ import annotations

import logging
from datetime import timedelta

from procrastinate.contrib.django import app

from abonent.domains.identity import erasing as identity
from abonent.domains.lines import erasing, sims
from abonent.domains.lines.activations import actions as activations
from abonent.domains.lines.ports import NoAnswer
from abonent.domains.lines.provisioning import actions as provisioning
from abonent.domains.lines.provisioning import network as provisioning_network
from abonent.domains.lines.provisioning import reconciling as provisioning_reconciling
from abonent.domains.lines.sharing import actions as sharing
from abonent.domains.lines.speed import actions as speed
from abonent.foundation import rounds
from abonent.foundation.clock import now

log = logging.getLogger(__name__)
# Longer than the limits of what is sent for a wish look back.
WISHES_KEPT = timedelta(days=2)


@app.task(name=provisioning.SEND, queue="network")
def send_command(pk: int) -> None:
    """Ask the network to do a command, unless it is not its turn; when that fails, the next round has it asked."""
    provisioning.send(pk=pk, at=now())


@app.periodic(cron="* * * * * */5")
@app.task(name="sweep_commands", queue="network", queueing_lock="sweep_commands")
def sweep_commands(timestamp: int) -> None:
    """Have every command asked whose time has come; each is a job of its own."""
    if provisioning_network.is_there():
        for pk in provisioning.due(now()):
            rounds.queue(send_command, pk=pk)


@app.periodic(cron="*/5 * * * *")
@app.task(name="settle_activations", queue="network", queueing_lock="settle_activations")
def settle_activations(timestamp: int) -> None:
    """Look after activations that an event was lost of."""
    activations.settle_open(at=now())


@app.periodic(cron="41 2 * * *")
@app.task(name="reconcile_network", queue="upkeep", queueing_lock="reconcile_network", lock="reconcile_network")
def reconcile_network(timestamp: int) -> None:
    """Compare what the network has with what it should have, and mend it; a silent one is compared the next night."""
    if not provisioning_network.is_there():
        return
    try:
        for found in provisioning_reconciling.reconcile(mend=True, at=now()):
            log.warning("line %s: the network lacks %s, has too much %s", found.line_id, found.missing, found.extra)
    except NoAnswer as error:
        log.warning("the network was not compared: no answer (%s)", error)


@app.periodic(cron="7 * * * *")
@app.task(name="erase_accounts", queue="upkeep", queueing_lock="erase_accounts")
def erase_accounts(timestamp: int) -> None:
    """Delete every account that is due, each by itself: a worker that is killed goes on with the rest an hour later."""
    at = now()
    rounds.each(identity.due(at), lambda account_id: erasing.erase(account_id=account_id, at=at))


@app.periodic(cron="49 3 * * *")
@app.task(name="seal_puks_anew", queue="upkeep", queueing_lock="seal_puks_anew")
def seal_puks_anew(timestamp: int) -> None:
    """Seal with the present key the PUKs that an earlier one sealed."""
    sims.seal_anew()


@app.periodic(cron="43 3 * * *")
@app.task(name="forget_share_wishes", queue="upkeep", queueing_lock="forget_share_wishes")
def forget_wishes(timestamp: int) -> None:
    """Delete who asked to see whose number once that counts for nothing."""
    sharing.forget(before=now() - WISHES_KEPT)


@app.periodic(cron="57 3 * * *")
@app.task(name="forget_speed_tests", queue="upkeep", queueing_lock="forget_speed_tests")
def forget_speed_tests(timestamp: int) -> None:
    """Delete measurements that are older than they are kept."""
    speed.forget(at=now())
