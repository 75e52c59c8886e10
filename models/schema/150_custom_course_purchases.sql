-- Purchases of made-to-order courses, with the link that opens their form. One row per receipt.
create table if not exists public.custom_course_purchases (
    id uuid not null default gen_random_uuid(),
    course_id uuid not null references public.custom_courses (id),
    purchase_id text not null,
    purchase_token text not null,
    source text not null,
    link_token text not null,
    is_submitted boolean default false,
    status text,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    primary key (id)
);

create index if not exists custom_course_purchases_course_id_idx
    on public.custom_course_purchases (course_id);
create index if not exists custom_course_purchases_purchase_id_idx
    on public.custom_course_purchases (purchase_id);
create index if not exists custom_course_purchases_purchase_token_idx
    on public.custom_course_purchases using hash (purchase_token);
create index if not exists custom_course_purchases_link_token_idx
    on public.custom_course_purchases using hash (link_token);

-- custom_courses is closed to users, so the owner is asked with the rights of the function's owner.
do $$
begin
    if to_regprocedure('public.owns_custom_course(uuid)') is null then
        create function public.owns_custom_course(custom_course_id uuid) returns boolean
        language sql stable security definer set search_path = ''
        as $body$
            select exists (
                select from public.custom_courses as c
                where c.id = custom_course_id and c.user_id = auth.uid()
            )
        $body$;
        revoke execute on function public.owns_custom_course(uuid) from public;
        grant execute on function public.owns_custom_course(uuid)
            to anon, authenticated, service_role;
        comment on function public.owns_custom_course(uuid) is
            'Whether the signed-in user owns the custom course.';
    end if;
end
$$;

alter table public.custom_course_purchases enable row level security;

do $$
begin
    if not exists (
        select from pg_policies
        where schemaname = 'public' and tablename = 'custom_course_purchases'
            and cmd in ('SELECT', 'ALL') and roles && array['public', 'authenticated']::name[]
    ) then
        create policy own_rows_select on public.custom_course_purchases for select to authenticated
            using (public.owns_custom_course(course_id));
    end if;
end
$$;

grant select, insert, update, delete on public.custom_course_purchases to anon, authenticated;
grant all on public.custom_course_purchases to service_role;

comment on table public.custom_course_purchases is
    'Purchases of made-to-order courses, with the link that opens their form. One row per '
    'receipt.';
comment on column public.custom_course_purchases.id is 'Surrogate key.';
comment on column public.custom_course_purchases.course_id is
    'The course bought; its owner is the buyer.';
comment on column public.custom_course_purchases.purchase_id is 'Order number of the store.';
comment on column public.custom_course_purchases.purchase_token is
    'Proof of purchase of the store; confidential.';
comment on column public.custom_course_purchases.source is 'Store: google_play or app_store.';
comment on column public.custom_course_purchases.link_token is
    'Opens the form for 24 hours after updated_at; confidential.';
comment on column public.custom_course_purchases.is_submitted is
    'Whether the form was sent and generation has begun.';
comment on column public.custom_course_purchases.status is 'active while the link may be used.';
comment on column public.custom_course_purchases.created_at is 'When it was bought.';
comment on column public.custom_course_purchases.updated_at is
    'When the row was last changed; the clock of the link.';
