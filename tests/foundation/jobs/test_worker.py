"""What a job queues belongs to the job's transaction."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from abonent.domains.messaging import actions
from abonent.domains.messaging.models import Message
from abonent.foundation import outbox
from abonent.foundation.jobs import worker
from abonent.foundation.jobs.jobs import delete_finished

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


def work(queue: str = "events") -> None:
    with worker.app() as app:
        app.run_worker(wait=False, queues=[queue], install_signal_handlers=False, listen_notify=False)


def test_a_message_queued_by_a_job_that_fails_is_never_seen() -> None:
    outbox.react.defer(reaction=f"{__name__}.send_and_fail", event={})
    work()
    assert seen
    assert set(seen) == {0}
    assert not ProcrastinateJob.objects.filter(task_name="deliver_message").exists()
    assert not Message.objects.exists()


def ended(status: str, days: int) -> int:
    """Return a job that reached the status so many days ago."""
    job_id = outbox.react.defer(reaction=f"{__name__}.send", event={})
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set status = %s where id = %s", [status, job_id])
        cursor.execute("update procrastinate_events set at = now() - %s where job_id = %s", [timedelta(days), job_id])
    return job_id


def test_jobs_that_ended_well_are_forgotten_after_a_day_and_those_that_failed_after_a_month() -> None:
    kept = {
        ended("succeeded", 0), ended("failed", 2), ended("failed", 29),
        ended("todo", 40), ended("doing", 40), ended("cancelled", 40),
    }  # fmt: skip
    gone = {ended("succeeded", 2), ended("succeeded", 40), ended("failed", 31)}
    delete_finished.defer(timestamp=0)
    work("upkeep")
    left = set(ProcrastinateJob.objects.filter(task_name="react").values_list("id", flat=True))
    assert left == kept
    assert not left & gone


def test_a_message_queued_by_a_job_that_ends_well_waits_for_its_delivery() -> None:
    outbox.react.defer(reaction=f"{__name__}.send", event={})
    work()
    [job] = ProcrastinateJob.objects.filter(task_name="deliver_message")
    assert job.args == {"message_id": str(Message.objects.get().id)}
