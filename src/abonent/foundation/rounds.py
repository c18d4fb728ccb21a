"""Rounds of workers over many things, of which one that fails holds up no other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

log = logging.getLogger(__name__)
Thing = TypeVar("Thing")


def each(things: Iterable[Thing], act: Callable[[Thing], object]) -> int:
    """Act on each, in a transaction of its own; return how many that were.

    What went wrong is raised together when all had their turn, so that the job fails where its operator looks.
    """
    count = 0
    failed: list[Exception] = []
    for thing in things:
        count += 1
        try:
            act(thing)
        except Exception as error:  # the next one has nothing to do with it
            log.exception("a round went on after it failed at one of its things")
            failed.append(error)
    if failed:
        raise ExceptionGroup(f"{len(failed)} of {count} failed", failed)
    return count
