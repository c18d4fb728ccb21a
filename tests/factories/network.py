"""A network in memory behind the port.

@pytest.fixture(autouse=True)
def switch(settings) -> network.Switch: return network.open_network(settings)
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from abonent.domains.lines.ports import Answer, Command, NoAnswer, Told
from abonent.domains.lines.provisioning import actions as provisioning
from abonent.domains.lines.provisioning import network as provisioning_network
from abonent.domains.lines.provisioning.rules import State


class Killed(BaseException):
    """`kill -9`."""


@dataclass
class Switch:
    """Does everything at once. `lost` answers are lost after it was done, `down` hears nothing, `refuses` everything.

    `later` commands are accepted first and done when asked again; `deadly` kills who asked after it was done; `forgets`
    says it is done and does nothing. `heard` are the commands in the order they came, `did` those it carried out.
    """

    on: dict[str, set[str]] = field(default_factory=dict)
    answers: dict[UUID, Told] = field(default_factory=dict)
    heard: list[Command] = field(default_factory=list)
    did: list[Command] = field(default_factory=list)
    down: bool = False
    refuses: bool = False
    forgets: bool = False
    later: int = 0
    lost: int = 0
    deadly: int = 0

    def carry_out(self, command: Command) -> Told:
        if self.down:
            raise NoAnswer("the network is down")
        self.heard.append(command)
        if self.later:
            self.later -= 1
            return Told(Answer.ACCEPTED)
        told = self.answers.get(command.id)
        if told is None:
            told = self.answers[command.id] = self._do(command)
        if self.deadly:
            self.deadly -= 1
            raise Killed
        if self.lost:
            self.lost -= 1
            raise NoAnswer("the answer was lost")
        return told

    def _do(self, command: Command) -> Told:
        if self.refuses:
            return Told(Answer.REFUSED, "no free resources")
        self.did.append(command)
        if not self.forgets:
            has = self.on.setdefault(command.line, set())
            valued = {f"{one.partition(':')[0]}:" for one in command.on if ":" in one} | {
                f"{one}:" for one in command.off
            }
            has -= {one for one in has if one.startswith(tuple(valued))} | set(command.off)
            has |= set(command.on)
        return Told(Answer.DONE)

    def features(self, lines: Collection[str]) -> Mapping[str, frozenset[str]]:
        if self.down:
            raise NoAnswer("the network is down")
        return {line: frozenset(self.on.get(line, ())) for line in lines}


def open_network(settings: Any) -> Switch:
    """Have the settings name a network in memory, fresh; return it."""
    settings.NETWORK = "tests.factories.network.Switch"
    provisioning_network._load.cache_clear()
    found = provisioning_network.network()
    assert isinstance(found, Switch)
    return found


def sweep(at: datetime) -> list[State | None]:
    """Ask everything whose time has come, again and again, as workers do; return how each stood."""
    done: list[State | None] = []
    while due := provisioning.due(at):
        done += [provisioning.send(pk=pk, at=at) for pk in due]
    return done
