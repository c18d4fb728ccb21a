"""Work of a worker: the platform is told again, and what is kept no longer is forgotten."""

from __future__ import annotations

from procrastinate.contrib.django import app

from abonent.domains.voice.tones import actions as tones
from abonent.domains.voice.tones import telling as tones_telling
from abonent.domains.voice.voicemail import actions as voicemail
from abonent.foundation.clock import now


@app.periodic(cron="*/5 * * * *")
@app.task(name="tell_tones", queue="network", queueing_lock="tell_tones", lock="tell_tones")
def tell_tones(timestamp: int) -> None:
    """Tell the tone platform what it has not heard yet."""
    tones_telling.tell_due()


@app.periodic(cron="17 * * * *")
@app.task(name="forget_voice", queue="upkeep", queueing_lock="forget_voice")
def forget_voice(timestamp: int) -> None:
    """Forget voice messages whose time is over, and who looked for whose tone."""
    at = now()
    voicemail.forget(at=at)
    tones.forget(before=at - tones.LOOKS_SPAN)
