-- Present balance of AI credits, a weekly allowance and a bank; earlier balances are overwritten.
-- One row per user.
create table if not exists public.ai_usage (
    id uuid not null default gen_random_uuid(),
    user_id uuid not null references auth.users (id) on delete cascade,
    weekly_limit_credits integer not null,
    weekly_used_credits integer not null default 0,
    weekly_reset_date timestamptz,
    bank_limit_credits integer not null default 0,
    bank_used_credits integer not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (id),
    unique (user_id)
);

alter table public.ai_usage enable row level security;

do $$
begin
    if not exists (
        select from pg_policies
        where schemaname = 'public' and tablename = 'ai_usage'
            and cmd in ('SELECT', 'ALL') and roles && array['public', 'authenticated']::name[]
    ) then
        create policy own_rows_select on public.ai_usage for select to authenticated
            using ((select auth.uid()) = user_id);
    end if;
end
$$;

grant select, insert, update, delete on public.ai_usage to anon, authenticated;
grant all on public.ai_usage to service_role;

comment on table public.ai_usage is
    'Present balance of AI credits, a weekly allowance and a bank; earlier balances are '
    'overwritten. One row per user.';
comment on column public.ai_usage.id is 'Surrogate key.';
comment on column public.ai_usage.user_id is 'Whose balance it is.';
comment on column public.ai_usage.weekly_limit_credits is
    'Allowance of the week in credits; 0 means none.';
comment on column public.ai_usage.weekly_used_credits is
    'Spent of this week''s allowance, in credits.';
comment on column public.ai_usage.weekly_reset_date is 'When the allowance starts anew.';
comment on column public.ai_usage.bank_limit_credits is
    'Credits ever put into the bank, not what is left of them.';
comment on column public.ai_usage.bank_used_credits is 'Credits ever spent from the bank.';
comment on column public.ai_usage.created_at is 'When the row was written.';
comment on column public.ai_usage.updated_at is 'When the row was last changed.';
