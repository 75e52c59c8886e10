-- Receipts of bought AI-credit packs. One row per receipt; the same purchase may occur more than
-- once.
create table if not exists public.ai_credit_purchases (
    id uuid not null default gen_random_uuid(),
    user_id uuid not null references auth.users (id) on delete cascade,
    product_id text not null,
    purchase_id text not null,
    purchase_token text not null,
    source text not null,
    credits_amount integer not null,
    amount_paid numeric(12, 4),
    currency text,
    status text not null,
    transaction_date text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (id)
);

create index if not exists ai_credit_purchases_user_id_idx
    on public.ai_credit_purchases (user_id);
create index if not exists ai_credit_purchases_purchase_id_idx
    on public.ai_credit_purchases (purchase_id);
create index if not exists ai_credit_purchases_purchase_token_idx
    on public.ai_credit_purchases using hash (purchase_token);

alter table public.ai_credit_purchases enable row level security;

do $$
begin
    if not exists (
        select from pg_policies
        where schemaname = 'public' and tablename = 'ai_credit_purchases'
            and cmd in ('SELECT', 'ALL') and roles && array['public', 'authenticated']::name[]
    ) then
        create policy own_rows_select on public.ai_credit_purchases for select to authenticated
            using ((select auth.uid()) = user_id);
    end if;
end
$$;

grant select, insert, update, delete on public.ai_credit_purchases to anon, authenticated;
grant all on public.ai_credit_purchases to service_role;

comment on table public.ai_credit_purchases is
    'Receipts of bought AI-credit packs. One row per receipt; the same purchase may occur more '
    'than once.';
comment on column public.ai_credit_purchases.id is 'Surrogate key.';
comment on column public.ai_credit_purchases.user_id is 'The buyer.';
comment on column public.ai_credit_purchases.product_id is
    'Pack in the store, such as ai_credits_4000; Apple adds me.hypnoelp.app., a discount adds a'
    ' suffix.';
comment on column public.ai_credit_purchases.purchase_id is 'Order number of the store.';
comment on column public.ai_credit_purchases.purchase_token is
    'Token (Google) or receipt (Apple) that proves the purchase; confidential.';
comment on column public.ai_credit_purchases.source is 'Store: google_play or app_store.';
comment on column public.ai_credit_purchases.credits_amount is 'AI credits that the pack grants.';
comment on column public.ai_credit_purchases.amount_paid is
    'What the store charged, in currency, where it was recorded.';
comment on column public.ai_credit_purchases.currency is 'ISO 4217 code of amount_paid.';
comment on column public.ai_credit_purchases.status is
    'purchased, restored, pending_validation or refunded.';
comment on column public.ai_credit_purchases.transaction_date is
    'When it was bought: milliseconds since 1970, as text.';
comment on column public.ai_credit_purchases.created_at is 'When the row was written.';
comment on column public.ai_credit_purchases.updated_at is 'When the row was last changed.';
