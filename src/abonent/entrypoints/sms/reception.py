"""What of an SMS may be stored: the word that was meant, and of a password only its hash."""

from __future__ import annotations

from django.conf import settings

from abonent.domains.lines import handset
from abonent.domains.messaging.secrets import Reception
from abonent.entrypoints.sms import keywords
from abonent.entrypoints.sms.keywords import Word

HIDDEN = "•••"


def take_out(*, sender: str, recipient: str, text: str) -> Reception:
    """Judge and hash a password at once, and return what else may be stored; raise `identity.hashing.Busy`.

    Of a text to our own short numbers only a word that was understood is kept: anything else may be a password sent
    without its 25, or a code sent back, and nobody reads it.
    """
    meant = keywords.understood(text)
    ours = recipient in (settings.SMS_SENDER, settings.SMS_SERVICE)
    kept: dict[str, str] = {"word": meant.word} if ours else {}
    if meant.word in (Word.OWN, Word.OWN_UNSURE):
        # Hidden whoever it went to: a mistyped short number is no reason to keep a password.
        if ours and meant.word is Word.OWN and settings.POLICY.password_by_sms:
            judged = handset.judge(number=sender, password=meant.password)
            kept |= {"hash": judged.kept, "problem": judged.problem}
        return Reception(f"25 {HIDDEN}", kept)
    if ours and meant.word is Word.AGREE:
        return Reception(HIDDEN, kept | {"code": meant.code})
    if ours and meant.word is Word.OTHER:
        return Reception(HIDDEN, kept)
    return Reception(text, kept)
