"""Work of a worker: sealed envelopes, whose password exists only here and on the paper; what is forgotten."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.module_loading import import_string
from procrastinate.contrib.django import app

from abonent.domains.billing.bills.rules import may_tell
from abonent.domains.identity import temporary
from abonent.domains.support import queries, staff
from abonent.domains.support.corrections import actions as corrections
from abonent.domains.support.ports import Letter, SealedPrinter
from abonent.domains.support.requests import actions as requests
from abonent.domains.support.requests import files as requests_files
from abonent.domains.support.visits import actions as visits
from abonent.domains.support.visits import calendar as visits_calendar
from abonent.foundation.clock import now


@app.task(name="print_envelope", queue="letters", retry=10)
def print_envelope(challenge_id: str, line_id: int, language: str) -> None:
    """Hand the letter to the sealed printer; what is no good any more is not printed."""
    made = temporary.on_paper(UUID(challenge_id), now())
    customer = queries.customer(line_id)
    if made is None or customer is None:
        return
    printer: SealedPrinter = import_string(settings.SEALED_PRINTER)()
    printer.print(
        Letter(
            id=UUID(challenge_id),
            operator=settings.OPERATOR_NAME.get(language, settings.OPERATOR_NAME[settings.LANGUAGE_CODE]),
            number=customer.number,
            password=made.password,
            valid_until=made.expires_at,
            language=language,
        )
    )


@app.periodic(cron="47 3 * * *")
@app.task(name="forget_staff_entries", queue="upkeep", queueing_lock="forget_staff_entries")
def forget_entries(timestamp: int) -> None:
    """Forget wrong passwords of yesterday."""
    staff.forget_entries(before=now() - timedelta(days=1))


@app.task(name=corrections.GIVE_BACK, queue="billing")
def give_back_agreed(approval_id: str) -> None:
    """Have a refund done that two of staff agreed on; what has no end yet is asked for again by `give_back_all`."""
    corrections.give_back(approval_id=UUID(approval_id), at=now())


@app.periodic(cron="*/2 * * * *")
@app.task(name="give_back_all", queue="billing", queueing_lock="give_back_all", lock="give_back_all")
def give_back_all(timestamp: int) -> None:
    """Go on with refunds whose worker died or whose answer was lost, each by itself."""
    for approval_id in corrections.refunds_to_do():
        give_back_agreed.defer(approval_id=str(approval_id))


@app.periodic(cron="23 * * * *")
@app.task(name="close_requests", queue="upkeep", queueing_lock="close_requests")
def close_requests(timestamp: int) -> None:
    """Close requests that were answered a while ago, or that we asked about in vain."""
    requests.close_due(at=now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="remind_of_visits", queue="upkeep", queueing_lock="remind_of_visits")
def remind_of_visits(timestamp: int) -> None:
    """Tell by day of the visits of the next one."""
    if may_tell(now(), ZoneInfo(settings.TIME_ZONE)):
        visits.remind_due(at=now())


@app.periodic(cron="51 3 * * *")
@app.task(name="forget_lost_visits", queue="upkeep", queueing_lock="forget_lost_visits")
def forget_lost_visits(timestamp: int) -> None:
    """Give back places that nobody comes for."""
    visits_calendar.forget_lost()


@app.periodic(cron="53 3 * * *")
@app.task(name="forget_files", queue="upkeep", queueing_lock="forget_files")
def forget_files(timestamp: int) -> None:
    """Delete files that nobody needs any more."""
    requests_files.forget(at=now())
