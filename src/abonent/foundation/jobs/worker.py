"""The worker's own connector: jobs are fetched over a connection of its own, and queued in the transaction of the job.

Procrastinate would queue what a job queues over the fetching connection, too: seen before the job's other writes are
committed, and still there when they are rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from procrastinate import App, PsycopgConnector
from procrastinate.connector import BaseConnector
from procrastinate.contrib.django import app as jobs
from procrastinate.contrib.django import utils
from procrastinate.contrib.django.django_connector import DjangoConnector


class _Connector(PsycopgConnector):
    """Asynchronous work by itself; what a job does in its thread, by Django's connection of that thread."""

    def __init__(self, django: DjangoConnector) -> None:
        super().__init__(kwargs=utils.connector_params(django.alias))
        self._django = django

    def get_sync_connector(self) -> BaseConnector:
        return self._django


@contextmanager
def app() -> Iterator[App]:
    """Make Django's app ready to run jobs while the block lasts."""
    with jobs.replace_connector(_Connector(cast(DjangoConnector, jobs.connector))) as ready:
        yield ready
