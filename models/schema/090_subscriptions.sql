-- Present state of each user's subscription, users of the free plan included; earlier states are
-- overwritten. One row per user.
create table if not exists public.subscriptions (
    id uuid not null default gen_random_uuid(),
    user_id uuid not null references auth.users (id) on delete cascade,
    plan text not null default 'free',
    expires_at timestamptz,
    auto_renew boolean not null default false,
    purchase_token text,
    purchase_id text,
    product_id text,
    base_plan_id text,
    offer_id text,
    plan_title text,
    plan_description text,
    source text,
    transaction_date text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (id),
    unique (user_id)
);

create index if not exists subscriptions_expires_at_idx
    on public.subscriptions (expires_at);

-- Rewards the owner of the code that a user signed up with, once, when the user becomes premium.
-- Codes are looked up as at sign-up: discount codes first, then users' codes. Nobody rewards
-- himself. The body names referral_credits, which a later file creates; plpgsql looks it up late.
do $$
begin
    if to_regprocedure('public.handle_premium_subscription_referral()') is null then
        create function public.handle_premium_subscription_referral() returns trigger
        language plpgsql security definer set search_path = ''
        as $body$
        begin
            if tg_op = 'UPDATE' and old.plan = 'premium' then
                return null;
            end if;
            insert into public.referral_credits
                (user_id, referred_user_id, amount, source, expires_at)
            select referrer.user_id, new.user_id, 1.00, 'user_referral', now() + interval '365 days'
            from public.user_profile as referred
            join public.user_profile as referrer
                on upper(btrim(referrer.referral_code)) = upper(btrim(referred.referred_by_code))
            where referred.user_id = new.user_id
                and referrer.user_id <> new.user_id
                and btrim(referred.referred_by_code) <> ''
                and not exists (
                    select from public.discount_codes as d
                    where upper(btrim(d.code)) = upper(btrim(referred.referred_by_code))
                )
                and not exists (
                    select from public.referral_credits as c
                    where c.referred_user_id = new.user_id
                )
            order by referrer.created_at, referrer.user_id
            limit 1;
            return null;
        end
        $body$;
        revoke execute on function public.handle_premium_subscription_referral() from public;
        comment on function public.handle_premium_subscription_referral() is
            'Writes one referral_credits row when a recruited user first becomes premium.';
    end if;
    if not exists (
        select from pg_trigger
        where tgrelid = 'public.subscriptions'::regclass
            and tgname = 'handle_premium_subscription_referral'
    ) then
        create trigger handle_premium_subscription_referral
            after insert or update of plan on public.subscriptions
            for each row when (new.plan = 'premium')
            execute function public.handle_premium_subscription_referral();
    end if;
end
$$;

alter table public.subscriptions enable row level security;

do $$
begin
    if not exists (
        select from pg_policies
        where schemaname = 'public' and tablename = 'subscriptions'
            and cmd in ('SELECT', 'ALL') and roles && array['public', 'authenticated']::name[]
    ) then
        create policy own_rows_select on public.subscriptions for select to authenticated
            using ((select auth.uid()) = user_id);
    end if;
end
$$;

grant select, insert, update, delete on public.subscriptions to anon, authenticated;
grant all on public.subscriptions to service_role;

comment on table public.subscriptions is
    'Present state of each user''s subscription, users of the free plan included; earlier '
    'states are overwritten. One row per user.';
comment on column public.subscriptions.id is 'Surrogate key.';
comment on column public.subscriptions.user_id is 'Whose subscription it is.';
comment on column public.subscriptions.plan is 'free or premium.';
comment on column public.subscriptions.expires_at is 'End of the period that is paid for.';
comment on column public.subscriptions.auto_renew is 'Whether the store will renew it.';
comment on column public.subscriptions.purchase_token is
    'Proof of purchase of the store; confidential.';
comment on column public.subscriptions.purchase_id is 'Order number of the store.';
comment on column public.subscriptions.product_id is
    'Product in the store, hypnoelp_subscriptions or me.hypnoelp.app.subscription_1month.';
comment on column public.subscriptions.base_plan_id is
    'Length of the plan on Google: monthly-plan, quarterly-plan or yearly-plan.';
comment on column public.subscriptions.offer_id is 'Offer it was bought with, empty at list price.';
comment on column public.subscriptions.plan_title is 'Name of the plan as shown at sale.';
comment on column public.subscriptions.plan_description is 'Text of the plan as shown at sale.';
comment on column public.subscriptions.source is 'Store: google_play or app_store.';
comment on column public.subscriptions.transaction_date is 'When it was bought, as ISO 8601 text.';
comment on column public.subscriptions.created_at is 'When the row was written.';
comment on column public.subscriptions.updated_at is 'When the row was last changed.';
