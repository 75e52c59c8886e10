-- The one group a user belongs to; a move overwrites it. One row per member.
create table if not exists public.user_cohorts (
    id uuid not null default gen_random_uuid(),
    user_id uuid not null references auth.users (id) on delete cascade,
    cohort_id uuid not null references public.cohorts (id),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (id),
    unique (user_id)
);

create index if not exists user_cohorts_cohort_id_idx
    on public.user_cohorts (cohort_id);

alter table public.user_cohorts enable row level security;

do $$
begin
    if not exists (
        select from pg_policies
        where schemaname = 'public' and tablename = 'user_cohorts'
            and cmd in ('SELECT', 'ALL') and roles && array['public', 'authenticated']::name[]
    ) then
        create policy own_rows_select on public.user_cohorts for select to authenticated
            using ((select auth.uid()) = user_id);
    end if;
end
$$;

grant select, insert, update, delete on public.user_cohorts to anon, authenticated;
grant all on public.user_cohorts to service_role;

comment on table public.user_cohorts is
    'The one group a user belongs to; a move overwrites it. One row per member.';
comment on column public.user_cohorts.id is 'Surrogate key.';
comment on column public.user_cohorts.user_id is 'The member.';
comment on column public.user_cohorts.cohort_id is 'The group.';
comment on column public.user_cohorts.created_at is 'When the user first joined a group.';
comment on column public.user_cohorts.updated_at is 'When the user was moved last.';
