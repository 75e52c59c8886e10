-- Groups of users: institutions, arms of an experiment, partners with a splash screen of their
-- own. One row per group.
-- No policy: only the server reads and writes it.
create table if not exists public.cohorts (
    id uuid not null default gen_random_uuid(),
    code text not null,
    name text,
    cohort_type text not null,
    description text,
    splash_screen_url text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (id),
    unique (code)
);

alter table public.cohorts enable row level security;

grant select, insert, update, delete on public.cohorts to anon, authenticated;
grant all on public.cohorts to service_role;

comment on table public.cohorts is
    'Groups of users: institutions, arms of an experiment, partners with a splash screen of '
    'their own. One row per group.';
comment on column public.cohorts.id is 'Surrogate key.';
comment on column public.cohorts.code is
    'Seven characters, the first an I; a partner shares it as its referral code.';
comment on column public.cohorts.name is
    'Label for people; arms of one experiment share the part before a colon.';
comment on column public.cohorts.cohort_type is
    'What the group is for: institution, ab_test or partner.';
comment on column public.cohorts.description is 'Notes of the team on the group.';
comment on column public.cohorts.splash_screen_url is 'Picture that its members see at launch.';
comment on column public.cohorts.created_at is 'When the row was written.';
comment on column public.cohorts.updated_at is 'When the row was last changed.';
