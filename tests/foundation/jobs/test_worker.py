"""What a job queues belongs to the job's transaction."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from abonent.domains.messaging import actions
from abonent.domains.messaging.models import Message
from abonent.foundation import outbox
from abonent.foundation.jobs import worker

pytestmark = pytest.mark.django_db(transaction=True)
seen: list[int] = []


@pytest.fixture(autouse=True)
def empty_queue() -> Iterator[None]:
    def clear() -> None:
        with connection.cursor() as cursor:
            cursor.execute("truncate procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers cascade")

    clear()
    seen.clear()
    yield
    clear()
    # The connections of threads that ended go with them.
    gc.collect()


def send_and_fail() -> None:
    """A reaction that queues a message and then fails; how many deliveries a stranger sees meanwhile is noted."""
    with transaction.atomic():
        actions.send(recipient="+79000000001", template="security", params={"kind": "frozen"}, language="ru")
        with connection.copy().cursor() as stranger:
            stranger.execute("select count(*) from procrastinate_jobs where task_name = 'deliver_message'")
            seen.append(stranger.fetchone()[0])
            stranger.connection.close()
        raise ValueError("on purpose")


def send() -> None:
    actions.send(recipient="+79000000001", template="security", params={"kind": "frozen"}, language="ru")


def work() -> None:
    with worker.app() as app:
        app.run_worker(wait=False, queues=["events"], install_signal_handlers=False, listen_notify=False)


def test_a_message_queued_by_a_job_that_fails_is_never_seen() -> None:
    outbox.react.defer(reaction=f"{__name__}.send_and_fail", event={})
    work()
    assert seen
    assert set(seen) == {0}
    assert not ProcrastinateJob.objects.filter(task_name="deliver_message").exists()
    assert not Message.objects.exists()


def test_a_message_queued_by_a_job_that_ends_well_waits_for_its_delivery() -> None:
    outbox.react.defer(reaction=f"{__name__}.send", event={})
    work()
    [job] = ProcrastinateJob.objects.filter(task_name="deliver_message")
    assert job.args == {"message_id": str(Message.objects.get().id)}
