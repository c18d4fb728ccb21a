"""Posting is one round trip: functions that insert the transfers first, then move the balances in the order of ids.

The transfer's id is the lock: whoever comes second with the same id waits for the first and then finds it there.
Accounts without a balance (the house's) are never touched, so they are never hot.
"""

from django.db import migrations

POST = """
create function ledger_post(p_id uuid, p_debit bigint, p_credit bigint, p_amount bigint, p_at timestamptz, p_kind text)
returns boolean language plpgsql as $$
declare
    p_first bigint := least(p_debit, p_credit);
    p_second bigint := greatest(p_debit, p_credit);
begin
    insert into ledger_transfer (id, debit_account_id, credit_account_id, amount_minor, booked_at, kind)
    values (p_id, p_debit, p_credit, p_amount, p_at, p_kind)
    on conflict (id) do nothing;
    if not found then
        perform from ledger_transfer
          where id = p_id and debit_account_id = p_debit and credit_account_id = p_credit
            and amount_minor = p_amount and booked_at = p_at and kind = p_kind;
        if not found then
            raise exception using errcode = 'LG001', message = 'transfer ' || p_id || ' has other content';
        end if;
        return false;
    end if;
    update ledger_account
       set balance_minor = balance_minor + case when id = p_debit then -p_amount else p_amount end
     where id = p_first and balance_minor is not null;
    if not found then perform ledger_must_exist(p_first); end if;
    update ledger_account
       set balance_minor = balance_minor + case when id = p_debit then -p_amount else p_amount end
     where id = p_second and balance_minor is not null;
    if not found then perform ledger_must_exist(p_second); end if;
    return true;
end $$;
"""

MUST_EXIST = """
create function ledger_must_exist(p_account bigint) returns void language plpgsql as $$
begin
    perform from ledger_account where id = p_account;
    if not found then
        raise exception using errcode = 'LG002', message = 'no account ' || p_account;
    end if;
end $$;
"""

# In the order of ids everywhere, transfers first, then accounts: so two batches never wait for each other in a ring.
POST_MANY = """
create function ledger_post_many(
    p_ids uuid[], p_debits bigint[], p_credits bigint[], p_amounts bigint[], p_times timestamptz[], p_kinds text[])
returns integer language plpgsql as $$
declare
    v_posted integer;
    v_accounts bigint[];
    v_deltas bigint[];
    v_missing bigint;
    v_other uuid;
begin
    with posted as (
        insert into ledger_transfer (id, debit_account_id, credit_account_id, amount_minor, booked_at, kind)
        select * from unnest(p_ids, p_debits, p_credits, p_amounts, p_times, p_kinds) as given(id) order by id
        on conflict (id) do nothing
        returning debit_account_id, credit_account_id, amount_minor
    ), moved as (
        select account, sum(delta)::bigint as delta
          from (select debit_account_id as account, -amount_minor as delta from posted
                union all
                select credit_account_id, amount_minor from posted) as side
         group by account
    )
    select (select count(*) from posted), array_agg(account order by account), array_agg(delta order by account)
      into v_posted, v_accounts, v_deltas from moved;

    if v_posted < cardinality(p_ids) then
        select given.id into v_other
          from unnest(p_ids, p_debits, p_credits, p_amounts, p_times, p_kinds)
               as given(id, debit, credit, amount, booked_at, kind)
          join ledger_transfer known on known.id = given.id
         where (known.debit_account_id, known.credit_account_id, known.amount_minor, known.booked_at, known.kind)
               is distinct from (given.debit, given.credit, given.amount, given.booked_at, given.kind)
         limit 1;
        if v_other is not null then
            raise exception using errcode = 'LG001', message = 'transfer ' || v_other || ' has other content';
        end if;
    end if;

    select moved.id into v_missing from unnest(v_accounts) as moved(id)
     where not exists (select from ledger_account where ledger_account.id = moved.id) limit 1;
    if v_missing is not null then
        raise exception using errcode = 'LG002', message = 'no account ' || v_missing;
    end if;

    perform from ledger_account where id = any (v_accounts) and balance_minor is not null order by id for no key update;
    update ledger_account set balance_minor = balance_minor + moved.delta
      from unnest(v_accounts, v_deltas) as moved(account, delta)
     where id = moved.account and balance_minor is not null;
    return v_posted;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.RunSQL(
            # Room on each page keeps a changed balance beside its index entry.
            "alter table ledger_account set (fillfactor = 70)",
            "alter table ledger_account reset (fillfactor)",
        ),
        migrations.RunSQL(MUST_EXIST, "drop function ledger_must_exist"),
        migrations.RunSQL(POST, "drop function ledger_post"),
        migrations.RunSQL(POST_MANY, "drop function ledger_post_many"),
    ]
