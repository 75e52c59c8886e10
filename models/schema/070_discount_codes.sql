-- Codes that lower a price. One row per code.
-- No policy: only the server reads and writes it.
create table if not exists public.discount_codes (
    id uuid not null default gen_random_uuid(),
    code text not null,
    product_type text not null,
    cohort_id uuid references public.cohorts (id),
    lifespan_days integer not null default 7,
    expires_at timestamptz,
    store_offer_id text,
    product_suffix text,
    parent_code text references public.discount_codes (code),
    referrer_user_id uuid references auth.users (id) on delete set null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (id),
    unique (code)
);

create index if not exists discount_codes_cohort_id_idx
    on public.discount_codes (cohort_id);
create index if not exists discount_codes_parent_code_idx
    on public.discount_codes (parent_code);
create index if not exists discount_codes_referrer_user_id_idx
    on public.discount_codes (referrer_user_id);

alter table public.discount_codes enable row level security;

grant select, insert, update, delete on public.discount_codes to anon, authenticated;
grant all on public.discount_codes to service_role;

comment on table public.discount_codes is
    'Codes that lower a price. One row per code.';
comment on column public.discount_codes.id is 'Surrogate key.';
comment on column public.discount_codes.code is
    'What the customer enters or is given, such as SBF02, AID50 or CCF02.';
comment on column public.discount_codes.product_type is
    'What it makes cheaper: subscription, ai_credits or custom_audio.';
comment on column public.discount_codes.cohort_id is
    'Only for members of this group; empty for everybody.';
comment on column public.discount_codes.lifespan_days is
    'Days a user may use the code once it is assigned.';
comment on column public.discount_codes.expires_at is
    'Last instant of the code for all; the earlier of this and the lifespan counts.';
comment on column public.discount_codes.store_offer_id is
    'Offer in the store that realises the code, such as a-1.';
comment on column public.discount_codes.product_suffix is
    'Suffix of the cheaper store product, such as x2 or c1.';
comment on column public.discount_codes.parent_code is
    'Code this one descends from in a referral chain.';
comment on column public.discount_codes.referrer_user_id is 'User the code belongs to, if any.';
comment on column public.discount_codes.created_at is 'When the row was written.';
comment on column public.discount_codes.updated_at is 'When the row was last changed.';
