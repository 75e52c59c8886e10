-- Ready-made courses that users hold, and the proof. One row per receipt or filled slot.
create table if not exists public.course_purchases (
    id uuid not null default gen_random_uuid(),
    user_id uuid not null references auth.users (id) on delete cascade,
    course_code text not null references public.courses (course_code),
    voice text,
    product_id text,
    purchase_id text,
    purchase_token text,
    source text not null,
    status text not null,
    transaction_date text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (id)
);

create index if not exists course_purchases_user_id_idx
    on public.course_purchases (user_id);
create index if not exists course_purchases_course_code_idx
    on public.course_purchases (course_code);
create index if not exists course_purchases_purchase_id_idx
    on public.course_purchases (purchase_id);
create index if not exists course_purchases_purchase_token_idx
    on public.course_purchases using hash (purchase_token);

alter table public.course_purchases enable row level security;

do $$
begin
    if not exists (
        select from pg_policies
        where schemaname = 'public' and tablename = 'course_purchases'
            and cmd in ('SELECT', 'ALL') and roles && array['public', 'authenticated']::name[]
    ) then
        create policy own_rows_select on public.course_purchases for select to authenticated
            using ((select auth.uid()) = user_id);
    end if;
end
$$;

grant select, insert, update, delete on public.course_purchases to anon, authenticated;
grant all on public.course_purchases to service_role;

comment on table public.course_purchases is
    'Ready-made courses that users hold, and the proof. One row per receipt or filled slot.';
comment on column public.course_purchases.id is 'Surrogate key.';
comment on column public.course_purchases.user_id is 'The holder.';
comment on column public.course_purchases.course_code is 'The course held.';
comment on column public.course_purchases.voice is
    'Voice it was bought in; the other voice is another purchase.';
comment on column public.course_purchases.product_id is 'Product in the store, empty for a slot.';
comment on column public.course_purchases.purchase_id is 'Order number of the store.';
comment on column public.course_purchases.purchase_token is
    'Proof of purchase of the store; confidential.';
comment on column public.course_purchases.source is
    'google_play or app_store for sales; premium_slot or admin where no money flows.';
comment on column public.course_purchases.status is
    'purchased, restored, pending_validation or refunded.';
comment on column public.course_purchases.transaction_date is
    'When it was bought: milliseconds since 1970, as text.';
comment on column public.course_purchases.created_at is 'When the row was written.';
comment on column public.course_purchases.updated_at is 'When the row was last changed.';
