-- Discount codes handed to users at sync. One row per user and code.
create table if not exists public.user_discounts (
    id uuid not null default gen_random_uuid(),
    user_id uuid not null references auth.users (id) on delete cascade,
    discount_code_id uuid not null references public.discount_codes (id),
    assigned_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz,
    purchase_id text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (id),
    unique (user_id, discount_code_id)
);

create index if not exists user_discounts_discount_code_id_idx
    on public.user_discounts (discount_code_id);

alter table public.user_discounts enable row level security;

do $$
begin
    if not exists (
        select from pg_policies
        where schemaname = 'public' and tablename = 'user_discounts'
            and cmd in ('SELECT', 'ALL') and roles && array['public', 'authenticated']::name[]
    ) then
        create policy own_rows_select on public.user_discounts for select to authenticated
            using ((select auth.uid()) = user_id);
    end if;
end
$$;

grant select, insert, update, delete on public.user_discounts to anon, authenticated;
grant all on public.user_discounts to service_role;

comment on table public.user_discounts is
    'Discount codes handed to users at sync. One row per user and code.';
comment on column public.user_discounts.id is 'Surrogate key.';
comment on column public.user_discounts.user_id is 'Who holds the code.';
comment on column public.user_discounts.discount_code_id is 'The code.';
comment on column public.user_discounts.assigned_at is 'When it was handed out.';
comment on column public.user_discounts.expires_at is 'Until when the user may use it.';
comment on column public.user_discounts.used_at is
    'When it was redeemed; empty as long as it was not.';
comment on column public.user_discounts.purchase_id is 'Store order on which it was redeemed.';
comment on column public.user_discounts.created_at is 'When the row was written.';
comment on column public.user_discounts.updated_at is 'When the row was last changed.';
