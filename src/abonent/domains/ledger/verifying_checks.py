"""The questions of `verifying`: each returns the check and a line for what does not agree, nothing when all does."""

from __future__ import annotations

# The first reading of all transfers. What follows works on pairs of accounts, which are few.
PAIRS = """
create temporary table ledger_pairs on commit drop as
select debit_account_id as debit, credit_account_id as credit, count(*) as transfers,
       coalesce(sum(amount_minor) filter (where phase in ('single', 'post', 'reversal')), 0) as moved
  from ledger_transfer group by 1, 2
"""
# The second one: transfers that are about another one, or that others are about.
PHASES = """
create temporary table ledger_phases on commit drop as
select id, debit_account_id as debit, credit_account_id as credit, amount_minor, kind, phase, of_id, expires_at
  from ledger_transfer where phase <> 'single'
"""
READ = (PAIRS, PHASES, "analyze ledger_pairs", "analyze ledger_phases")
FORGET = "drop table ledger_pairs, ledger_phases"

COUNTS = """
select (select coalesce(sum(transfers), 0) from ledger_pairs), (select count(*) from ledger_account),
       (select count(*) from ledger_pending)
"""

# Each account beside what its transfers and open holds say.
_ACCOUNTS = """
with side as (
    select debit as id, moved as debits, 0 as credits, 0 as held_debits, 0 as held_credits from ledger_pairs
    union all select credit, 0, moved, 0, 0 from ledger_pairs
    union all select debit_account_id, 0, 0, amount_minor, 0 from ledger_pending
    union all select credit_account_id, 0, 0, 0, amount_minor from ledger_pending
), truth as (
    select id, sum(debits) as debits, sum(credits) as credits, sum(held_debits) as held_debits,
           sum(held_credits) as held_credits from side group by id
), shown as (
    select account.*, coalesce(debits, 0) as debits, coalesce(credits, 0) as credits,
           coalesce(held_debits, 0) as held_debits, coalesce(held_credits, 0) as held_credits
      from ledger_account account left join truth on truth.id = account.id
)
"""
# Words are made of what is wrong only: that costs more than finding it.
ACCOUNTS = f"""{_ACCOUNTS},
judged as (
    select *, debits_posted_minor <> debits as wrong_debits, credits_posted_minor <> credits as wrong_credits,
           debits_pending_minor <> held_debits as wrong_held, credits_pending_minor <> held_credits as wrong_coming,
           num_nulls(debits_posted_minor, credits_posted_minor, debits_pending_minor, credits_pending_minor)
               not in (0, 4) as is_torn,
           credits_posted_minor - debits_posted_minor - debits_pending_minor < floor_minor as is_below
      from shown
), wrong as (
    select * from judged
     where wrong_debits or wrong_credits or wrong_held or wrong_coming or is_torn or is_below
)
select found.rule,
       'account ' || id || ' (' || concat_ws('/', entity, book, code, currency) || '): ' || found.told as told
  from wrong cross join lateral (values
    ('posted debits', wrong_debits,
     'posted debits are ' || debits_posted_minor || ', its transfers say ' || debits),
    ('posted credits', wrong_credits,
     'posted credits are ' || credits_posted_minor || ', its transfers say ' || credits),
    ('pending debits', wrong_held,
     'pending debits are ' || debits_pending_minor || ', what is held says ' || held_debits),
    ('pending credits', wrong_coming,
     'pending credits are ' || credits_pending_minor || ', what is held says ' || held_credits),
    ('sums are kept', is_torn, 'keeps some of its four sums only'),
    ('floor', is_below,
     credits_posted_minor - debits_posted_minor - debits_pending_minor || ' is below its floor of ' || floor_minor)
) as found (rule, is_wrong, told) where is_wrong
"""
# Every account, the house's too: what they keep or what is added up for them, together nothing.
ZERO = f"""{_ACCOUNTS}
select 'sums are zero' as rule,
       'in ' || entity || '/' || currency || ' all balances together are ' || total || ', not 0' as told
  from (select entity, currency, sum(coalesce(balance_minor, credits - debits)) as total from shown
         group by entity, currency) as books
 where total <> 0
"""
STRANGE = """
select 'account is there' as rule, 'account ' || id || ' is not there, and ' || sum(transfers) || ' transfers name it'
       as told
  from (select debit as id, transfers from ledger_pairs union all select credit, transfers from ledger_pairs) as side
 where not exists (select from ledger_account where ledger_account.id = side.id) group by id
"""
MIXED = """
select 'books do not mix' as rule,
       transfers || ' transfers go from account ' || debit || ' in ' || debited.entity || '/' || debited.currency
       || ' to account ' || credit || ' in ' || credited.entity || '/' || credited.currency as told
  from ledger_pairs
  join ledger_account debited on debited.id = debit join ledger_account credited on credited.id = credit
 where (debited.entity, debited.currency) <> (credited.entity, credited.currency)
"""
# Each pending transfer with its resolutions and its entry among the open ones.
CHAINS = """
with resolution as (
    select *, count(*) over (partition by of_id) as times from ledger_phases where phase in ('post', 'void', 'expire')
), chain as (
    select held.id as held_id, resolution.id as resolution_id, resolution.of_id, times, transfer_id as open_id,
           resolution.debit <> held.debit or resolution.credit <> held.credit or resolution.kind <> held.kind
               or resolution.amount_minor > held.amount_minor
               or resolution.phase <> 'post' and resolution.amount_minor <> held.amount_minor as is_strange,
           (debit_account_id, credit_account_id, opened.amount_minor, opened.expires_at)
               is distinct from (held.debit, held.credit, held.amount_minor, held.expires_at) as is_other
      from (select * from ledger_phases where phase = 'pending') as held
      full join resolution on resolution.of_id = held.id
      left join ledger_pending opened on opened.transfer_id = coalesce(held.id, resolution.of_id)
), wrong as (
    select * from chain
     where held_id is null or times > 1 or (resolution_id is null) = (open_id is null)
        or resolution_id is not null and is_strange or open_id is not null and is_other
)
select found.rule, found.told from wrong cross join lateral (values
    ('resolution has its pending transfer', held_id is null,
     'transfer ' || resolution_id || ' resolves ' || of_id || ', which is no pending transfer'),
    ('resolution fits', held_id is not null and resolution_id is not null and is_strange,
     'transfer ' || resolution_id || ' resolves ' || of_id || ' with other accounts, kind or sum'),
    ('resolved once', times > 1,
     'transfer ' || resolution_id || ' is one of ' || times || ' that resolve ' || of_id),
    ('resolved is not open', resolution_id is not null and open_id is not null,
     'pending transfer ' || of_id || ' is resolved by ' || resolution_id || ' and stands as open'),
    ('unresolved is open', resolution_id is null and open_id is null,
     'pending transfer ' || held_id || ' is not resolved and does not stand as open'),
    ('open is as it was held', held_id is not null and open_id is not null and is_other,
     'pending transfer ' || held_id || ' stands as open with other accounts, sum or expiry')
) as found (rule, is_wrong, told) where is_wrong
"""
OPEN = """
select found.rule, found.told from ledger_pending cross join lateral (values
    ('open has its transfer',
     not exists (select from ledger_phases where id = transfer_id and phase = 'pending'),
     'an open entry names ' || transfer_id || ', which is no pending transfer'),
    ('expired is released', expires_at <= %(late)s,
     'pending transfer ' || transfer_id || ' expired at '
     || to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC and is held')
) as found (rule, is_wrong, told) where is_wrong
"""
REVERSALS = """
with taken as (
    select of_id, debit, credit, sum(sum(amount_minor)) over (partition by of_id) as all_minor
      from ledger_phases where phase = 'reversal' group by of_id, debit, credit
), beside as (
    select taken.*, original.id as original_id, original.phase, original.amount_minor,
           (debit, credit) is distinct from (original.credit_account_id, original.debit_account_id) as is_strange
      from taken left join ledger_transfer original on original.id = taken.of_id
)
select found.rule, found.told from beside cross join lateral (values
    ('reversal has its original', original_id is null or phase not in ('single', 'post'),
     'reversals name ' || of_id || ', which moved nothing that could be taken back'),
    ('reversal fits', original_id is not null and is_strange,
     'reversals of ' || of_id || ' go from account ' || debit || ' to account ' || credit || ', it did not'),
    ('reversals within their original', all_minor > amount_minor,
     'reversals of ' || of_id || ' take back ' || all_minor || ' of ' || amount_minor)
) as found (rule, is_wrong, told) where is_wrong
"""

QUESTIONS = (ZERO, ACCOUNTS, STRANGE, MIXED, CHAINS, OPEN, REVERSALS)
