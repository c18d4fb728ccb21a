"""The central database of numbers as the demo plays it, with «Вега», an operator that brings and takes numbers.

It is asked by signed requests under `/central/`, and tells the site by a signed hint that something happened.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

from abonent.demo.network.central_store import CentralStore, Port
from abonent.foundation.clock import now

BASE = "/central/"
OPERATOR = "Вега"
ZONE = timezone(timedelta(hours=3))
WINDOW = timedelta(hours=6)
REASONS = ("debt", "other owner", "not served", "blocked", "ported lately", "owner objects")
# A number that came back is told of for so long.
RETURNED_FOR = timedelta(days=30)
# What can be done by hand to a request that stands so.
ACTS: Mapping[str, tuple[str, ...]] = {
    "checking": ("accepted", "refused", "cancelled", "failed"),
    "accepted": ("ported", "refused", "cancelled", "failed"),
    "ported": ("returned",),
}


@dataclass
class Central:
    """Answers for all operators. `announce` tells the site of a request; it is called outside any lock."""

    store: CentralStore
    announce: Callable[[str, int], None]

    def answer(self, path: str, said: Mapping[str, Any]) -> tuple[int, dict[str, Any]] | None:
        """Do what is asked under `/central/`; None: the answer is lost on purpose."""
        mischief = self.store.mischief()
        if mischief["down"]:
            return None
        time.sleep(mischief["slow_ms"] / 1000)
        what = path.removeprefix(f"{BASE}requests/")
        if what == "waiting":
            return 200, {"requests": [port.ref for port in self.store.ports() if self._waits(port)]}
        ref, _, act = what.partition("/")
        try:
            UUID(ref)
        except ValueError:
            return 404, {"error": "there is no such request"}
        with self.store.changing():
            port = self._do(ref, act, said, mischief)
        if act == "bring":
            # By then the other operator has checked it.
            self.announce(ref, mischief["accept_s"])
        return (404, {"error": "there is no such request"}) if port is None else (200, _document(port))

    def want(self, number: str, document: str, *, days: int, minutes: int) -> str:
        """Have «Вега» ask for a number of ours: in so many days, with so many minutes for the answer."""
        at = now()
        start = _midnight(at + timedelta(days=days))
        port = Port(
            str(uuid4()), "out", number, json.dumps({"document": document}), "checking", "", at, start, start + WINDOW,
            at + timedelta(minutes=minutes),
        )  # fmt: skip
        with self.store.changing():
            self.store.keep(port)
        self.tell(port.ref)
        return port.ref

    def act(self, ref: str, state: str, reason: str = "") -> bool:
        """Do by hand to a request what operators and days do; return whether that could be."""
        with self.store.changing():
            port = self.store.port(ref)
            if port is None or state not in acts_of(port):
                return False
            self._move(port, state, reason if state == "refused" else "")
        self.tell(ref)
        return True

    def tell(self, ref: str) -> None:
        """Tell the site, three times when it is set to repeat itself."""
        for _ in range(3 if self.store.mischief()["repeat"] else 1):
            self.announce(ref, 0)

    def _do(self, ref: str, act: str, said: Mapping[str, Any], mischief: Mapping[str, Any]) -> Port | None:
        port = self.store.port(ref)
        if act == "bring" and port is None:
            port = self._bring(ref, said, str(mischief["refuse"]))
        elif act == "cancel":
            if port is None:
                port = Port(ref, "in", "", "{}", "cancelled", "", now(), None, None, None)
                self.store.keep(port)
            elif port.state in ("checking", "accepted"):
                port = self._move(port, "cancelled")
        elif act == "answer" and port is not None and port.state in ("checking", "accepted", "refused"):
            accepts = said.get("accepts") is True
            port = self._move(port, "accepted" if accepts else "refused", "" if accepts else str(said.get("reason")))
        if port is not None and self._is_ripe(port, mischief):
            port = self._move(port, "accepted")
        return port

    def _bring(self, ref: str, said: Mapping[str, Any], refuse: str) -> Port:
        at = now()
        start = datetime.fromisoformat(str(said.get("day", ""))).replace(tzinfo=ZONE)
        state, reason = ("refused", refuse) if refuse else ("checking", "")
        port = Port(
            ref, "in", str(said.get("number", "")), json.dumps(dict(said)), state, reason, at, start, start + WINDOW,
            None,
        )  # fmt: skip
        self.store.keep(port)
        return port

    def _is_ripe(self, port: Port, mischief: Mapping[str, Any]) -> bool:
        """Return whether the operator that a number comes from has checked it by now."""
        ready = port.at + timedelta(seconds=mischief["accept_s"])
        return port.direction == "in" and port.state == "checking" and ready <= now()

    def _move(self, port: Port, state: str, reason: str = "") -> Port:
        at = now()
        moved = port._replace(state=state, reason=reason, at=at)
        if state == "accepted" and moved.window_from is None:
            moved = moved._replace(window_from=_midnight(at + timedelta(days=8)))
        self.store.keep(moved)
        return moved

    def _waits(self, port: Port) -> bool:
        if port.direction == "in":
            return False
        return port.state == "checking" or (port.state == "returned" and port.at > now() - RETURNED_FOR)


def acts_of(port: Port) -> tuple[str, ...]:
    """Return what can be done by hand to the request; what is ours cannot come back to us."""
    return tuple(act for act in ACTS.get(port.state, ()) if act != "returned" or port.direction == "out")


def _document(port: Port) -> dict[str, Any]:
    said = json.loads(port.said)
    known = port.state in ("accepted", "ported", "returned") or port.direction == "out"
    document = {
        "state": port.state, "at": port.at.isoformat(), "reason": port.reason, "operator": OPERATOR,
        "window_from": port.window_from.isoformat() if port.window_from and known else "",
        "window_until": port.window_until.isoformat() if port.window_until and known else "",
    }  # fmt: skip
    if port.direction == "out":
        document |= {
            "number": port.number, "document": said.get("document", ""),
            "answer_by": port.answer_by.isoformat() if port.answer_by else "",
        }  # fmt: skip
    return document


def _midnight(at: datetime) -> datetime:
    return at.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
