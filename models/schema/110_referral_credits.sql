-- Dollars off custom audio, earned when a recruited user becomes premium; no AI credits. One row
-- per reward.
create table if not exists public.referral_credits (
    id uuid not null default gen_random_uuid(),
    user_id uuid not null references auth.users (id) on delete cascade,
    referred_user_id uuid references auth.users (id) on delete set null,
    amount numeric(10, 2) not null,
    source text not null,
    expires_at timestamptz,
    used_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (id)
);

create index if not exists referral_credits_user_id_idx
    on public.referral_credits (user_id);
create index if not exists referral_credits_referred_user_id_idx
    on public.referral_credits (referred_user_id);

alter table public.referral_credits enable row level security;

do $$
begin
    if not exists (
        select from pg_policies
        where schemaname = 'public' and tablename = 'referral_credits'
            and cmd in ('SELECT', 'ALL') and roles && array['public', 'authenticated']::name[]
    ) then
        create policy own_rows_select on public.referral_credits for select to authenticated
            using ((select auth.uid()) = user_id);
    end if;
end
$$;

grant select, insert, update, delete on public.referral_credits to anon, authenticated;
grant all on public.referral_credits to service_role;

comment on table public.referral_credits is
    'Dollars off custom audio, earned when a recruited user becomes premium; no AI credits. One'
    ' row per reward.';
comment on column public.referral_credits.id is 'Surrogate key.';
comment on column public.referral_credits.user_id is 'Who is rewarded.';
comment on column public.referral_credits.referred_user_id is
    'Whose subscription earned it; at most one reward each.';
comment on column public.referral_credits.amount is 'Value in US dollars.';
comment on column public.referral_credits.source is 'Why it was earned, such as user_referral.';
comment on column public.referral_credits.expires_at is 'After this it can no longer be used.';
comment on column public.referral_credits.used_at is
    'When it was spent; empty as long as it was not.';
comment on column public.referral_credits.created_at is 'When the row was written.';
comment on column public.referral_credits.updated_at is 'When the row was last changed.';
