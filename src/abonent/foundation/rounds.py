"""Rounds of workers over many things, of which one that fails holds up no other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

from django.db import transaction
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.tasks import Task

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


def queue(task: Task[Any, Any, Any], **about: str | int) -> None:
    """Queue the task, unless one about the same waits already: slow workers are not buried in repeats.

    It is tried again by the next round and not by itself, which would meet the one that was queued meanwhile.
    """
    lock = " ".join([task.name, *map(str, about.values())])
    with suppress(AlreadyEnqueued), transaction.atomic():
        task.configure(queueing_lock=lock).defer(**about)
