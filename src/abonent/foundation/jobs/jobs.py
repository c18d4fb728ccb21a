"""Jobs that keep the job queue itself healthy."""

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from abonent.foundation import outbox  # noqa: F401 - registers the job that carries events

STALLED_AFTER_S = 30


@app.periodic(cron="* * * * *")
@app.task(name="retry_stalled", queue="upkeep", queueing_lock="retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Give the jobs of killed workers to living ones: nobody else would ever take them up.

    One whose like waits in the queue already, behind the lock that the killed one still holds, is ended instead: it
    cannot go back beside its like, which would wait for ever.
    """
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_S):
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            await manager.finish_job(job, status=Status.ABORTED, delete_job=False)


@app.periodic(cron="17 3 * * *")
@app.task(name="delete_finished", queue="upkeep", queueing_lock="delete_finished", pass_context=True)
async def delete_finished(context: JobContext, timestamp: int) -> None:
    """Forget jobs that ended well more than a day ago, and those that failed for good or were ended a month ago."""
    await context.app.job_manager.delete_old_jobs(nb_hours=24)
    await context.app.job_manager.delete_old_jobs(nb_hours=30 * 24, include_failed=True, include_aborted=True)
