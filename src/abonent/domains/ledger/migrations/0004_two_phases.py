"""Everything that the ledger can do with money is one function, one round trip.

Locks are taken in one order, so nobody waits in a ring: what a transfer is about (a pending transfer that it resolves,
an original that it takes back), the transfer's own id, then accounts in the order of their ids. A batch that is linked
takes what its transfers are about and their accounts first. Accounts without sums (the house's) are never touched, so
they are never hot.
"""

from django.db import migrations

# A side of a transfer, and in whose books and currency it stands. A house account keeps no sums: it is only looked at.
SIDES = """
create function ledger_debit(p_account bigint, p_posted bigint, p_pending bigint) returns text language plpgsql as $$
declare
    v_books text;
begin
    update ledger_account
       set debits_posted_minor = debits_posted_minor + p_posted, debits_pending_minor = debits_pending_minor + p_pending
     where id = p_account and debits_posted_minor is not null
    returning entity || '/' || currency into v_books;
    if not found then return ledger_books(p_account); end if;
    return v_books;
end $$;

create function ledger_credit(p_account bigint, p_posted bigint, p_pending bigint) returns text language plpgsql as $$
declare
    v_books text;
begin
    update ledger_account
       set credits_posted_minor = credits_posted_minor + p_posted,
           credits_pending_minor = credits_pending_minor + p_pending
     where id = p_account and credits_posted_minor is not null
    returning entity || '/' || currency into v_books;
    if not found then return ledger_books(p_account); end if;
    return v_books;
end $$;

create function ledger_books(p_account bigint) returns text language plpgsql as $$
declare
    v_books text;
begin
    select entity || '/' || currency into v_books from ledger_account where id = p_account;
    if not found then
        raise exception using errcode = 'LG002', message = 'no account ' || p_account;
    end if;
    return v_books;
end $$;

create function ledger_move(p_debit bigint, p_credit bigint, p_posted bigint, p_pending bigint)
returns void language plpgsql as $$
declare
    v_debit text;
    v_credit text;
begin
    if p_debit < p_credit then
        v_debit := ledger_debit(p_debit, p_posted, p_pending);
        v_credit := ledger_credit(p_credit, p_posted, p_pending);
    else
        v_credit := ledger_credit(p_credit, p_posted, p_pending);
        v_debit := ledger_debit(p_debit, p_posted, p_pending);
    end if;
    if v_debit <> v_credit then perform ledger_refuse_mixing(v_debit, v_credit); end if;
end $$;

create function ledger_refuse_mixing(p_debit text, p_credit text) returns void language plpgsql as $$
begin
    raise exception using
        errcode = case when split_part(p_debit, '/', 1) = split_part(p_credit, '/', 1) then 'LG003' else 'LG004' end,
        message = 'nothing moves from ' || p_debit || ' to ' || p_credit;
end $$;
"""

POST = """
create or replace function ledger_post(
    p_id uuid, p_debit bigint, p_credit bigint, p_amount bigint, p_at timestamptz, p_kind text)
returns boolean language plpgsql as $$
begin
    insert into ledger_transfer (id, debit_account_id, credit_account_id, amount_minor, booked_at, kind)
    values (p_id, p_debit, p_credit, p_amount, p_at, p_kind)
    on conflict (id) do nothing;
    if not found then
        perform from ledger_transfer
          where id = p_id and debit_account_id = p_debit and credit_account_id = p_credit and amount_minor = p_amount
            and booked_at = p_at and kind = p_kind and phase = 'single';
        if not found then perform ledger_refuse_other(p_id); end if;
        return false;
    end if;
    perform ledger_move(p_debit, p_credit, p_amount, 0);
    return true;
end $$;

create function ledger_refuse_other(p_id uuid) returns void language plpgsql as $$
begin
    raise exception using errcode = 'LG001', message = 'transfer ' || p_id || ' has other content';
end $$;
"""

HOLD = """
create function ledger_hold(
    p_id uuid, p_debit bigint, p_credit bigint, p_amount bigint, p_at timestamptz, p_kind text, p_expires timestamptz)
returns boolean language plpgsql as $$
begin
    insert into ledger_transfer
        (id, debit_account_id, credit_account_id, amount_minor, booked_at, kind, phase, expires_at)
    values (p_id, p_debit, p_credit, p_amount, p_at, p_kind, 'pending', p_expires)
    on conflict (id) do nothing;
    if not found then
        perform from ledger_transfer
          where id = p_id and debit_account_id = p_debit and credit_account_id = p_credit and amount_minor = p_amount
            and booked_at = p_at and kind = p_kind and phase = 'pending' and expires_at is not distinct from p_expires;
        if not found then perform ledger_refuse_other(p_id); end if;
        return false;
    end if;
    insert into ledger_pending (transfer_id, debit_account_id, credit_account_id, amount_minor, expires_at)
    values (p_id, p_debit, p_credit, p_amount, p_expires);
    perform ledger_move(p_debit, p_credit, 0, p_amount);
    return true;
end $$;
"""

# Whether a transfer about another one is there already. No sum means the whole of a pending one, the rest of another.
KNOWN = """
create function ledger_known(p_id uuid, p_phase text, p_of uuid, p_amount bigint, p_at timestamptz)
returns boolean language plpgsql as $$
declare
    v_known ledger_transfer;
begin
    select * into v_known from ledger_transfer where id = p_id;
    if not found then return false; end if;
    if p_amount is null and p_phase = 'post' then
        select amount_minor into p_amount from ledger_transfer where id = p_of;
    end if;
    if (v_known.phase, v_known.of_id, v_known.booked_at, v_known.amount_minor)
       is distinct from (p_phase, p_of, p_at, coalesce(p_amount, v_known.amount_minor)) then
        perform ledger_refuse_other(p_id);
    end if;
    return true;
end $$;
"""

RESOLVE = """
create function ledger_resolve(p_id uuid, p_pending uuid, p_phase text, p_amount bigint, p_at timestamptz)
returns boolean language plpgsql as $$
declare
    v_held ledger_pending;
    v_amount bigint;
begin
    if ledger_known(p_id, p_phase, p_pending, p_amount, p_at) then return false; end if;
    delete from ledger_pending where transfer_id = p_pending returning * into v_held;
    if not found then
        -- Somebody was quicker: perhaps the same call, sent twice.
        if ledger_known(p_id, p_phase, p_pending, p_amount, p_at) then return false; end if;
        perform ledger_refuse_resolution(p_pending);
    end if;
    if v_held.expires_at <= p_at then
        raise exception using errcode = 'LG007', message = 'pending transfer ' || p_pending || ' has expired';
    end if;
    v_amount := coalesce(p_amount, v_held.amount_minor);
    if v_amount > v_held.amount_minor then
        raise exception using errcode = 'LG008',
            message = 'pending transfer ' || p_pending || ' holds ' || v_held.amount_minor || ', not ' || v_amount;
    end if;
    insert into ledger_transfer (id, debit_account_id, credit_account_id, amount_minor, booked_at, kind, phase, of_id)
    select p_id, v_held.debit_account_id, v_held.credit_account_id, v_amount, p_at, kind, p_phase, p_pending
      from ledger_transfer where id = p_pending
    on conflict (id) do nothing;
    if not found then perform ledger_refuse_other(p_id); end if;
    perform ledger_move(v_held.debit_account_id, v_held.credit_account_id,
                        case p_phase when 'post' then v_amount else 0 end, -v_held.amount_minor);
    return true;
end $$;

create function ledger_refuse_resolution(p_pending uuid) returns void language plpgsql as $$
declare
    v_phase text;
begin
    perform from ledger_transfer where id = p_pending and phase = 'pending';
    if not found then
        raise exception using errcode = 'LG005', message = 'no pending transfer ' || p_pending;
    end if;
    select phase into v_phase from ledger_transfer where of_id = p_pending and phase in ('post', 'void', 'expire');
    raise exception using
        errcode = case v_phase when 'expire' then 'LG007' else 'LG006' end,
        message = 'pending transfer ' || p_pending || case v_phase when 'post' then ' was posted already'
            when 'void' then ' was voided already' else ' has expired' end;
end $$;
"""

# Many at once that came due. Who is being resolved by somebody else is left to them.
EXPIRE = """
create function ledger_expire(p_now timestamptz, p_limit integer) returns integer language plpgsql as $$
declare
    v_due uuid[];
begin
    select array_agg(transfer_id order by transfer_id) into v_due
      from (select transfer_id from ledger_pending where expires_at <= p_now order by expires_at limit p_limit
               for update skip locked) as due;
    if v_due is null then return 0; end if;

    insert into ledger_transfer (id, debit_account_id, credit_account_id, amount_minor, booked_at, kind, phase, of_id)
    select md5('expire ' || id)::uuid, debit_account_id, credit_account_id, amount_minor, expires_at, kind, 'expire', id
      from ledger_transfer where id = any (v_due) order by id;

    perform from ledger_account
      where debits_posted_minor is not null
        and id in (select unnest(array[debit_account_id, credit_account_id]) from ledger_pending
                    where transfer_id = any (v_due))
      order by id for no key update;
    with released as (
        delete from ledger_pending where transfer_id = any (v_due)
        returning debit_account_id, credit_account_id, amount_minor
    ), side as (
        select debit_account_id as account, amount_minor as debit, 0 as credit from released
        union all
        select credit_account_id, 0, amount_minor from released
    ), moved as (select account, sum(debit)::bigint as debit, sum(credit)::bigint as credit from side group by account)
    update ledger_account
       set debits_pending_minor = debits_pending_minor - moved.debit,
           credits_pending_minor = credits_pending_minor - moved.credit
      from moved where moved.account = ledger_account.id and debits_posted_minor is not null;
    return cardinality(v_due);
end $$;
"""

REVERSE = """
create function ledger_reverse(p_id uuid, p_of uuid, p_amount bigint, p_at timestamptz)
returns boolean language plpgsql as $$
declare
    v_of ledger_transfer;
    v_left bigint;
    v_amount bigint;
begin
    if ledger_known(p_id, 'reversal', p_of, p_amount, p_at) then return false; end if;
    -- Who takes back the same transfer waits here, so that together they never take back more than there was.
    select * into v_of from ledger_transfer where id = p_of and phase in ('single', 'post') for no key update;
    if not found then
        raise exception using errcode = 'LG009', message = 'no transfer ' || p_of || ' that could be taken back';
    end if;
    if ledger_known(p_id, 'reversal', p_of, p_amount, p_at) then return false; end if;
    select v_of.amount_minor - coalesce(sum(amount_minor), 0) into v_left
      from ledger_transfer where of_id = p_of and phase = 'reversal';
    v_amount := coalesce(p_amount, v_left);
    if v_left = 0 or v_amount > v_left then
        raise exception using errcode = 'LG008',
            message = 'of transfer ' || p_of || ' only ' || v_left || ' is left to take back';
    end if;
    insert into ledger_transfer (id, debit_account_id, credit_account_id, amount_minor, booked_at, kind, phase, of_id)
    values (p_id, v_of.credit_account_id, v_of.debit_account_id, v_amount, p_at, v_of.kind, 'reversal', p_of)
    on conflict (id) do nothing;
    if not found then perform ledger_refuse_other(p_id); end if;
    perform ledger_move(v_of.credit_account_id, v_of.debit_account_id, v_amount, 0);
    return true;
end $$;
"""

# All or none, in their order: a later one may spend what an earlier one brought, or resolve what it held.
POST_LINKED = """
create function ledger_post_linked(p_operations jsonb) returns integer language plpgsql as $$
declare
    v_one record;
    v_posted integer := 0;
    v_abouts uuid[];
begin
    select array_agg((one ->> 'of')::uuid) filter (where one ->> 'of' is not null) into v_abouts
      from jsonb_array_elements(p_operations) as one;
    perform from ledger_pending where transfer_id = any (v_abouts) order by transfer_id for update;
    perform from ledger_transfer where id = any (v_abouts) and phase in ('single', 'post') order by id
        for no key update;
    perform from ledger_account
      where debits_posted_minor is not null
        and id in (select unnest(array[(one ->> 'debit')::bigint, (one ->> 'credit')::bigint])
                     from jsonb_array_elements(p_operations) as one
                   union all
                   select unnest(array[debit_account_id, credit_account_id]) from ledger_transfer
                    where id = any (v_abouts))
      order by id for no key update;
    for v_one in
        select * from rows from (jsonb_to_recordset(p_operations) as (
            phase text, id uuid, debit bigint, credit bigint, amount bigint, at timestamptz, kind text,
            expires timestamptz, of uuid)) with ordinality
         order by ordinality
    loop
        v_posted := v_posted + case v_one.phase
            when 'single' then ledger_post(v_one.id, v_one.debit, v_one.credit, v_one.amount, v_one.at, v_one.kind)
            when 'pending' then ledger_hold(
                v_one.id, v_one.debit, v_one.credit, v_one.amount, v_one.at, v_one.kind, v_one.expires)
            when 'reversal' then ledger_reverse(v_one.id, v_one.of, v_one.amount, v_one.at)
            else ledger_resolve(v_one.id, v_one.of, v_one.phase, v_one.amount, v_one.at)
        end::integer;
    end loop;
    return v_posted;
end $$;
"""

POST_MANY = """
create or replace function ledger_post_many(
    p_ids uuid[], p_debits bigint[], p_credits bigint[], p_amounts bigint[], p_times timestamptz[], p_kinds text[])
returns integer language plpgsql as $$
declare
    v_posted integer;
    v_accounts bigint[];
    v_debits bigint[];
    v_credits bigint[];
    v_books text[];
    v_found bigint[];
    v_other uuid;
begin
    with posted as (
        insert into ledger_transfer (id, debit_account_id, credit_account_id, amount_minor, booked_at, kind)
        select * from unnest(p_ids, p_debits, p_credits, p_amounts, p_times, p_kinds) as given(id) order by id
        on conflict (id) do nothing
        returning debit_account_id, credit_account_id, amount_minor
    ), moved as (
        select account, sum(debit)::bigint as debit, sum(credit)::bigint as credit
          from (select debit_account_id as account, amount_minor as debit, 0 as credit from posted
                union all
                select credit_account_id, 0, amount_minor from posted) as side
         group by account
    )
    select (select count(*) from posted), array_agg(account order by account), array_agg(debit order by account),
           array_agg(credit order by account)
      into v_posted, v_accounts, v_debits, v_credits from moved;

    if v_posted < cardinality(p_ids) then
        select given.id into v_other
          from unnest(p_ids, p_debits, p_credits, p_amounts, p_times, p_kinds)
               as given(id, debit, credit, amount, booked_at, kind)
          join ledger_transfer known on known.id = given.id
         where (known.debit_account_id, known.credit_account_id, known.amount_minor, known.booked_at, known.kind,
                known.phase)
               is distinct from (given.debit, given.credit, given.amount, given.booked_at, given.kind, 'single')
         limit 1;
        if v_other is not null then perform ledger_refuse_other(v_other); end if;
    end if;

    -- One look at the accounts locks them in order and tells whose books are touched.
    with locked as (
        select id, entity, currency from ledger_account
         where id = any (v_accounts) and debits_posted_minor is not null order by id for no key update
    ), touched as (
        select id, entity, currency from locked
        union all
        select id, entity, currency from ledger_account where id = any (v_accounts) and debits_posted_minor is null
    )
    select array_agg(distinct entity || '/' || currency), array_agg(id) into v_books, v_found from touched;
    if cardinality(v_found) < cardinality(v_accounts) then
        perform ledger_books(id) from unnest(v_accounts) as moved(id) where id <> all (v_found);
    end if;
    if cardinality(v_books) > 1 then
        perform ledger_refuse_mixing(debited.entity || '/' || debited.currency,
                                     credited.entity || '/' || credited.currency)
           from unnest(p_debits, p_credits) as given(debit, credit)
           join ledger_account debited on debited.id = given.debit
           join ledger_account credited on credited.id = given.credit
          where (debited.entity, debited.currency) <> (credited.entity, credited.currency);
    end if;

    update ledger_account
       set debits_posted_minor = debits_posted_minor + moved.debit,
           credits_posted_minor = credits_posted_minor + moved.credit
      from unnest(v_accounts, v_debits, v_credits) as moved(account, debit, credit)
     where id = moved.account and debits_posted_minor is not null;
    return v_posted;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_phases")]

    operations = [
        migrations.RunSQL(statement)
        for statement in (
            SIDES, POST, HOLD, KNOWN, RESOLVE, EXPIRE, REVERSE, POST_LINKED, POST_MANY,
            "drop function ledger_must_exist",
        )
    ]  # fmt: skip
