"""What billing holds on a person, for the copy of their data; sums in minor units."""

from __future__ import annotations

from collections.abc import Collection

from abonent.foundation.copies import Part

# The other side's number as pages show it.
_MASKED = "regexp_replace(%s, '...(....)$', '···\\1')"


def parts(*, line_ids: Collection[int], contract_ids: Collection[int], payer_id: int) -> list[Part]:
    """Return what the lines were charged, used of their allowances and owe, what the contracts paid, borrowed, sent and
    got, and what the account `payer_id` began to pay.
    """
    contracts = list(contract_ids)
    lines = list(line_ids)
    return [
        *_of_lines(lines),
        *_of_providers(lines, contracts),
        *_of_accounts(contracts),
        *_to_others(contracts, payer_id),
        *_papers(contracts),
    ]


def _of_providers(line_ids: list[int], contracts: list[int]) -> list[Part]:
    return [
        Part(
            "subscription-fees",
            ("billing_partner_charge",),
            """select charge.line_id as line, charge.booked_at, partner.provider, partner.names, partner.per,
                      partner.from_content, partner.amount_minor, partner.returned_minor
                 from billing_partner_charge partner join billing_charge charge on charge.id = partner.id
                where charge.line_id = any(%s) order by charge.booked_at""",
            (line_ids,),
        ),
        Part(
            "content-accounts",
            ("billing_content_account",),
            """select content.contract_id as contract, content.is_on, content.changed_at, held.balance_minor
                 from billing_content_account content
                 join ledger_account held on held.id = content.ledger_account_id
                where content.contract_id = any(%s) order by content.contract_id""",
            (contracts,),
        ),
    ]


def _of_lines(line_ids: list[int]) -> list[Part]:
    return [
        Part(
            "charges",
            ("billing_charge",),
            """select line_id as line, booked_at, category, amount_minor, price_minor, quantity, included, billed_units,
                      unit_size, rule, peer, first_day, end_day
                 from billing_charge where line_id = any(%s) order by booked_at""",
            (line_ids,),
        ),
        Part(
            "allowances",
            ("billing_bucket",),
            """select line_id as line, period_start, bucket, used from billing_bucket
                where line_id = any(%s) order by period_start, bucket""",
            (line_ids,),
        ),
        *_of_packages(line_ids),
        *_of_families(line_ids),
        *_of_payers(line_ids),
        Part(
            "waiting-service-fees",
            ("billing_productfeewaiting",),
            """select product.line_id as line, product.offer_code as service, waits.since, waits.first_day,
                      waits.end_day, waits.amount_minor
                 from billing_productfeewaiting waits join lines_product product on product.id = waits.product_id
                where product.line_id = any(%s) order by product.id""",
            (line_ids,),
        ),
        Part(
            "waiting-fees",
            ("billing_feewaiting",),
            """select line_id as line, since, first_day, end_day, amount_minor, told_at from billing_feewaiting
                where line_id = any(%s) order by line_id""",
            (line_ids,),
        ),
        Part(
            "blocked-days",
            ("billing_feepause",),
            """select line_id as line, first_day, end_day, free_until, day_minor from billing_feepause
                where line_id = any(%s) order by first_day""",
            (line_ids,),
        ),
        *_told_of_lines(line_ids),
    ]


def _of_packages(line_ids: list[int]) -> list[Part]:
    return [
        Part(
            "packages",
            ("billing_packagebucket", "billing_packagetaken"),
            """select line_id as line, bucket, amount, source, valid_from, valid_until, created_at, renews, stopped_at,
                      stopped_why,
                      (select json_agg(json_build_object('period', taken.period_start, 'used', taken.used)
                                       order by taken.period_start)
                         from billing_packagetaken taken where taken.bucket_id = held.id) as used
                 from billing_packagebucket held where line_id = any(%s) order by created_at, id""",
            (line_ids,),
        ),
        Part(
            "gifts",
            ("billing_gift", "billing_giftpart"),
            f"""select line_from_id as line, 'given' as side, number_to as number, name_to as name, bucket, amount,
                      fee_minor, state, reason, proven_by, asked_at, settled_at, valid_until
                 from billing_gift where line_from_id = any(%s)
                union all
               select line_to_id, 'received', {_MASKED % "number_from"}, name_from, bucket, amount, 0, state, '', '',
                      asked_at, settled_at, valid_until
                 from billing_gift where line_to_id = any(%s) and state = 'done'
                order by asked_at""",
            (line_ids, line_ids),
        ),
    ]


# Who asked, of the owners that a family had one after the other.
_OWNER_THEN = """(select line_id from billing_familymember
                   where group_id = asked.group_id and is_owner and (until is null or until > asked.asked_at)
                   order by since limit 1)"""


def _of_families(line_ids: list[int]) -> list[Part]:
    """Return in which families the lines were, how they were limited and what they took; of their own, whom they asked.

    What other members took is theirs.
    """
    return [
        Part(
            "families",
            ("billing_familymember", "billing_familygroup", "billing_familylimit", "billing_familytaken"),
            """select member.line_id as line, family.since as family_since, member.is_owner, member.name, member.colour,
                      member.since, member.until, member.ended_by,
                      (select coalesce(json_agg(json_build_object('bucket', bucket, 'amount', amount,
                                                                  'since', valid_from) order by id), '[]')
                         from billing_familylimit limits where limits.member_id = member.id) as limits,
                      (select coalesce(json_agg(json_build_object('bucket', bucket, 'period', period_start,
                                                                  'used', used) order by period_start, bucket), '[]')
                         from billing_familytaken taken where taken.member_id = member.id) as used
                 from billing_familymember member join billing_familygroup family on family.id = member.group_id
                where member.line_id = any(%s) order by member.since, member.id""",
            (line_ids,),
        ),
        Part(
            "family-invitations",
            ("billing_familyinvitation",),
            f"""select owner.line_id as line, 'sent' as side, asked.number, asked.name, asked.asked_at, asked.state,
                      asked.answered_at
                 from billing_familyinvitation asked
                 join lateral {_OWNER_THEN} owner on true
                where owner.line_id = any(%s)
                union all
               select served.id, 'received', {_MASKED % "mine.number"}, '', asked.asked_at, asked.state,
                      asked.answered_at
                 from billing_familyinvitation asked
                 join lines_line served on served.number = asked.number and asked.asked_at >= served.opened_at
                  and (served.closed_at is null or asked.asked_at < served.closed_at)
                 join lateral {_OWNER_THEN} owner on true
                 join lines_line mine on mine.id = owner.line_id
                where served.id = any(%s)
                order by asked_at""",
            (line_ids, line_ids),
        ),
    ]


def _of_payers(line_ids: list[int]) -> list[Part]:
    """Return when the lines were asked to pay for their families, and when what they shared rested."""
    return [
        Part(
            "family-payers",
            ("billing_familyhandover",),
            """select member.line_id as line, asked.fee_minor, asked.asked_at, asked.state, asked.answered_at,
                      asked.takes_effect_at, asked.why
                 from billing_familyhandover asked join billing_familymember member on member.id = asked.member_id
                where member.line_id = any(%s) order by asked.asked_at, asked.id""",
            (line_ids,),
        ),
        Part(
            "family-pauses",
            ("billing_familypause",),
            """select owner.line_id as line, pause.since, pause.until from billing_familypause pause
                 join billing_familymember owner on owner.group_id = pause.group_id and owner.is_owner
                  and owner.since <= pause.since and (owner.until is null or owner.until > pause.since)
                where owner.line_id = any(%s) order by pause.since""",
            (line_ids,),
        ),
    ]


def _told_of_lines(line_ids: list[int]) -> list[Part]:
    return [
        Part(
            "spending-limits",
            ("billing_spendinglimit", "billing_limitnotice"),
            """select wanted.line_id as line, wanted.amount_minor, wanted.on_reached, wanted.raised_for,
                      wanted.raised_minor, wanted.changed_at, wanted.blocked_for,
                      (select coalesce(json_agg(json_build_object('month', month, 'percent', percent, 'limit_minor',
                                                                  limit_minor, 'told_at', told_at) order by reached_at),
                                       '[]')
                         from billing_limitnotice told where told.line_id = wanted.line_id) as notices
                 from billing_spendinglimit wanted where wanted.line_id = any(%s) order by wanted.line_id""",
            (line_ids,),
        ),
        Part(
            "price-changes",
            ("billing_pricenotice",),
            """select line_id as line, since, tariff_version_id as tariff, told_at from billing_pricenotice
                where line_id = any(%s) order by since, line_id""",
            (line_ids,),
        ),
        Part(
            "numbers-not-used",
            ("billing_idleline",),
            """select line_id as line, active_on, warned_on, blocks_on, blocked_on, release_on
                 from billing_idleline where line_id = any(%s) order by line_id""",
            (line_ids,),
        ),
    ]


def _of_accounts(contract_ids: list[int]) -> list[Part]:
    return [
        Part(
            "payments",
            ("billing_payment", "billing_account"),
            """select account.contract_id as contract, payment.booked_at, payment.amount_minor, payment.method,
                      payment.detail
                 from billing_payment payment join billing_account account on account.id = payment.account_id
                where account.contract_id = any(%s) order by payment.booked_at""",
            (contract_ids,),
        ),
        Part(
            "corrections",
            ("billing_correction",),
            """select account.contract_id as contract, correction.line_id as line, correction.booked_at,
                      correction.kind, correction.amount_minor, correction.reason
                 from billing_correction correction join billing_account account on account.id = correction.account_id
                where account.contract_id = any(%s) order by correction.booked_at""",
            (contract_ids,),
        ),
        Part(
            "cashback",
            ("billing_cashbackpurchase", "billing_cashbackmove"),
            """select contract_id as contract, partner.name as partner, purchase.number, purchase.bought_on,
                      purchase.amount_minor, purchase.returned_minor, purchase.state, purchase.due_at,
                      purchase.accrued_minor, purchase.reversed_minor, purchase.owed_minor,
                      (select coalesce(json_agg(json_build_object('booked_at', move.booked_at, 'amount_minor',
                                                                  move.amount_minor) order by move.booked_at), '[]')
                         from billing_cashbackmove move where move.purchase_id = purchase.id) as moves
                 from billing_cashbackpurchase purchase
                 join billing_cashbackpartner partner on partner.id = purchase.partner_id
                where contract_id = any(%s) order by purchase.bought_on""",
            (contract_ids,),
        ),
        Part(
            "promised-payments",
            ("billing_promise", "billing_repayment"),
            """select account.contract_id as contract, promise.line_id as line, promise.taken_at, promise.amount_minor,
                      promise.fee_minor, promise.due_at, promise.warned_at, promise.state, promise.closed_at,
                      (select coalesce(json_agg(json_build_object('booked_at', back.booked_at, 'amount_minor',
                                                                  back.amount_minor) order by back.booked_at), '[]')
                         from billing_repayment back where back.promise_id = promise.id) as repayments
                 from billing_promise promise join billing_account account on account.id = promise.account_id
                where account.contract_id = any(%s) order by promise.taken_at""",
            (contract_ids,),
        ),
    ]


def _to_others(contract_ids: list[int], payer_id: int) -> list[Part]:
    return [
        Part(
            "transfers",
            ("billing_transfer",),
            f"""select contract_from_id as contract, 'sent' as side, number_to as number, name_to as name, amount_minor,
                      fee_minor, state, reason, proven_by, asked_at, settled_at, asked_back_at, kept_at
                 from billing_transfer where contract_from_id = any(%s)
                union all
               select contract_to_id, 'received', {_MASKED % "number_from"}, name_from, amount_minor, 0, state, '', '',
                      asked_at, settled_at, asked_back_at, kept_at
                 from billing_transfer where contract_to_id = any(%s) and state = 'done'
                order by asked_at""",
            (contract_ids, contract_ids),
        ),
        Part(
            "family",
            ("billing_familypay",),
            f"""select payer_id = any(%s) as paid_by_you, {_MASKED % "payer_number"} as payer, number, cap_minor,
                      threshold_minor, portion_minor, state, ended_by, asked_at, invited_at, agreed_at, ended_at
                 from billing_familypay where payer_id = any(%s) or member_id = any(%s) order by asked_at""",
            (contract_ids, contract_ids, contract_ids),
        ),
        Part(
            "topups",
            ("billing_topup", "billing_usualcard"),
            """select topup.created_at, topup.number, topup.amount_minor, topup.method, topup.outcome,
                      coalesce(topup.card_id = usual.card_id, false) as card_offered_first
                 from billing_topup topup left join billing_usualcard usual on usual.payer_id = topup.payer_id
                where topup.payer_id = %s order by topup.created_at""",
            (payer_id,),
        ),
        Part(
            "autopay",
            ("billing_autopay", "billing_autopayattempt"),
            """select autopay.created_at, autopay.kind, autopay.threshold_minor, autopay.day, autopay.amount_minor,
                      autopay.cap_minor, autopay.card_name, autopay.state, autopay.reason,
                      attempt.created_at as paid_at, attempt.amount_minor as paid_minor, attempt.state as payment
                 from billing_autopay autopay
                 left join billing_autopayattempt attempt on attempt.autopay_id = autopay.id
                where autopay.account_id = %s order by autopay.created_at, attempt.number""",
            (payer_id,),
        ),
    ]


def _papers(contract_ids: list[int]) -> list[Part]:
    return [
        Part(
            "bills",
            ("billing_bill",),
            """select contract_id as contract, number, month, made_at, due_on, opening_minor, charged_minor, vat_minor,
                      paid_minor, closing_minor, reason, content::text as content
                 from billing_bill where contract_id = any(%s) order by month, revision""",
            (contract_ids,),
        ),
        Part(
            "fiscal-receipts",
            ("billing_fiscalreceipt",),
            """select contract_id as contract, id, made_at, content::text as content, registered_at, fiscal_drive,
                      fiscal_document, fiscal_sign
                 from billing_fiscalreceipt where contract_id = any(%s) order by made_at""",
            (contract_ids,),
        ),
    ]
