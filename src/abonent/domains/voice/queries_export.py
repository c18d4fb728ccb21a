"""What tones and voicemail hold on a person, for the copy of their data."""

from __future__ import annotations

from collections.abc import Collection

from abonent.foundation.copies import Part


def parts(*, line_ids: Collection[int], account_id: int) -> list[Part]:
    """Return rules of tones, who left messages when (what was said is heard in the cabinet), how callers are met."""
    ids = list(line_ids)
    return [
        Part(
            "tones",
            ("voice_tonerule", "voice_tonewish"),
            """select rule.line_id as line, tone_id as tone, caller, days, from_min, until_min, made_at,
                      wish.may_be_copied
                 from voice_tonerule rule left join voice_tonewish wish on wish.line_id = rule.line_id
                where rule.line_id = any(%s) order by rule.id""",
            (ids,),
        ),
        Part(
            "tones-looked-for",
            ("voice_tonelook",),
            "select at from voice_tonelook where account_id = %s order by at",
            (account_id,),
        ),
        Part(
            "voicemail",
            ("voice_voicemessage",),
            """select line_id as line, caller, left_at, length_s, kind, heard_at, deleted_at
                 from voice_voicemessage where line_id = any(%s) order by left_at""",
            (ids,),
        ),
        Part(
            "voicemail-greeting",
            ("voice_mailbox",),
            """select line_id as line, greeting, own_kind, own_s from voice_mailbox where line_id = any(%s)
                order by line_id""",
            (ids,),
        ),
    ]
