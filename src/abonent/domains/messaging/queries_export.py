"""What messaging holds on a person, for the copy of their data."""

from __future__ import annotations

from collections.abc import Collection

from abonent.foundation.copies import Part


def parts(*, recipients: Collection[str]) -> list[Part]:
    """Return what was sent to the numbers and addresses (never a secret: none is kept), and what came from them."""
    return [
        Part(
            "messages",
            ("messaging_message",),
            """select created_at, channel, sender, recipient, template, params, language, state, sent_at, delivered_at
                 from messaging_message
                where recipient = any(%s) and state <> 'withheld' order by created_at""",
            (list(recipients),),
        ),
        Part(
            "notices",
            ("messaging_preference",),
            """select recipient, sms_off, email_on, email, quiet_from_h, quiet_until_h, changed_at
                 from messaging_preference where recipient = any(%s) order by recipient""",
            (list(recipients),),
        ),
        Part(
            "messages-from-you",
            ("messaging_inboundmessage",),
            """select received_at, channel, sender, recipient, text
                 from messaging_inboundmessage where sender = any(%s) order by received_at""",
            (list(recipients),),
        ),
        Part(
            "sessions-of-your-phone",
            ("messaging_ussdsession",),
            """select began_at, number, step, said->>'text' as shown
                 from messaging_ussdsession where number = any(%s) order by began_at""",
            (list(recipients),),
        ),
    ]
