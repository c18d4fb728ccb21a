"""Work of a worker: numbers that change their operator are looked after."""

from __future__ import annotations

import logging
from uuid import UUID

from procrastinate.contrib.django import app

from abonent.domains.lines import esims
from abonent.domains.porting import gateway
from abonent.domains.porting.bringing import actions as bringing
from abonent.domains.porting.bringing import asking as bringing_asking
from abonent.domains.porting.bringing import sims as bringing_sims
from abonent.domains.porting.ports import NoAnswer
from abonent.domains.porting.taking import asking as taking_asking
from abonent.foundation.clock import now

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * * */10")
@app.task(name="ask_of_ports", queue="network", queueing_lock="ask_of_ports", lock="ask_of_ports")
def ask_of_ports(timestamp: int) -> None:
    """Ask the central database about every request whose time has come; each is a job of its own."""
    if not gateway.is_there():
        return
    for pk in bringing_asking.due(now()):
        ask_of_port_in.defer(pk=pk)
    for pk in taking_asking.due(now()):
        look_at_port_out.defer(pk=pk)


@app.task(name="ask_of_port_in", queue="network", retry=3)
def ask_of_port_in(pk: int) -> None:
    """Ask about a number that comes."""
    bringing_asking.ask(pk=pk, at=now())


@app.task(name="look_at_port_out", queue="network", retry=3)
def look_at_port_out(pk: int) -> None:
    """Answer another operator, or ask what became of the answer."""
    taking_asking.look(pk=pk, at=now())


@app.task(name="hear_of_port", queue="network", retry=5)
def hear_of_port(ref: str) -> None:
    """The central database says that something happened to a request: ask it what."""
    at = now()
    if not bringing_asking.ask_soon(ref=UUID(ref), at=at):
        taking_asking.hear(ref=UUID(ref), at=at)


@app.periodic(cron="* * * * *")
@app.task(name="find_ports", queue="network", queueing_lock="find_ports", lock="find_ports")
def find_ports(timestamp: int) -> None:
    """Take up what an announcement was lost of; make and withdraw eSIMs of numbers that come."""
    if not gateway.is_there():
        return
    try:
        taking_asking.find(at=now())
    except NoAnswer as error:
        log.warning("the central database of numbers does not answer (%s)", error)
    if esims.is_there():
        bringing_sims.look_after(at=now())


@app.periodic(cron="23 * * * *")
@app.task(name="forget_port_drafts", queue="upkeep", queueing_lock="forget_port_drafts")
def forget_port_drafts(timestamp: int) -> None:
    """Delete requests that nobody proved to mean, and owners of those that nobody asked for anew."""
    bringing.forget(at=now())
