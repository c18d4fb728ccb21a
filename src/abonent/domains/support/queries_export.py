"""What support holds on a person, for the copy of their data."""

from __future__ import annotations

from collections.abc import Collection

from abonent.foundation.copies import Part


def parts(*, party_ids: Collection[int], account_id: int) -> list[Part]:
    """Return the talks with our staff, what they asked (never what was answered) and what they did."""
    ids = list(party_ids)
    return [
        Part(
            "talks",
            ("support_case",),
            """select id, contact, opened_at, closed_at, outcome, checked_at, checked_by, agent_id as agent
                 from support_case where party_id = any(%s) order by opened_at""",
            (ids,),
        ),
        Part(
            "questions",
            ("support_answer",),
            """select answer.case_id as talk, answer.at, answer.question, answer.right
                 from support_answer answer join support_case talk on talk.id = answer.case_id
                where talk.party_id = any(%s) order by answer.at""",
            (ids,),
        ),
        Part(
            "done-by-staff",
            ("support_done",),
            """select done.case_id as talk, done.at, done.deed, done.about
                 from support_done done join support_case talk on talk.id = done.case_id
                where talk.party_id = any(%s) order by done.at""",
            (ids,),
        ),
        Part(
            "disputes",
            ("support_dispute",),
            """select id as number, line_id as line, opened_at, due_at, amount_minor, category, booked_at, reason,
                      comment, state, answer, closed_at
                 from support_dispute where party_id = any(%s) order by opened_at""",
            (ids,),
        ),
        Part(
            "money-proposed-by-staff",
            ("support_proposal",),
            """select approval.case_id as talk, approval.asked_at, proposal.kind, proposal.amount_minor,
                      proposal.reason, approval.granted, approval.decided_at, proposal.outcome, proposal.ended_at
                 from support_proposal proposal join support_approval approval on approval.id = proposal.approval_id
                 join support_case talk on talk.id = approval.case_id
                where talk.party_id = any(%s) order by approval.asked_at""",
            (ids,),
        ),
        *_requests(account_id),
    ]


def _requests(account_id: int) -> list[Part]:
    """Return what the person wrote to us and what we answered, not what was said among us."""
    return [
        Part(
            "requests",
            ("support_request",),
            """select id, line_id as line, kind, subject, channel, state, opened_at, due_at, answered_at, closed_at
                 from support_request where account_id = %s order by opened_at""",
            (account_id,),
        ),
        Part(
            "visits",
            ("support_visit",),
            """select visit.request_id as request, visit.line_id as line, visit.district, visit.address,
                      visit.starts_at, visit.ends_at, visit.state
                 from support_visit visit join support_request request on request.id = visit.request_id
                where request.account_id = %s order by visit.starts_at""",
            (account_id,),
        ),
        Part(
            "requests-conversation",
            ("support_requestnote",),
            """select note.request_id as request, note.at, note.agent_id is not null as by_staff, note.text
                 from support_requestnote note join support_request request on request.id = note.request_id
                where request.account_id = %s and not note.internal order by note.at""",
            (account_id,),
        ),
        Part(
            "requests-files",
            ("support_requestfile",),
            """select note.request_id as request, file.at, file.name, file.kind, file.size
                 from support_requestfile file join support_requestnote note on note.id = file.note_id
                 join support_request request on request.id = note.request_id
                where request.account_id = %s order by file.at""",
            (account_id,),
        ),
    ]
