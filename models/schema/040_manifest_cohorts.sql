-- Which variant of a manifest goes to which group. One row per manifest and cohort.
-- No policy: only the server reads and writes it.
create table if not exists public.manifest_cohorts (
    id uuid not null default gen_random_uuid(),
    manifest_id uuid not null references public.master_manifests (id),
    cohort_id uuid not null references public.cohorts (id),
    created_at timestamptz not null default now(),
    primary key (id),
    unique (manifest_id, cohort_id)
);

create index if not exists manifest_cohorts_cohort_id_idx
    on public.manifest_cohorts (cohort_id);

alter table public.manifest_cohorts enable row level security;

grant select, insert, update, delete on public.manifest_cohorts to anon, authenticated;
grant all on public.manifest_cohorts to service_role;

comment on table public.manifest_cohorts is
    'Which variant of a manifest goes to which group. One row per manifest and cohort.';
comment on column public.manifest_cohorts.id is 'Surrogate key.';
comment on column public.manifest_cohorts.manifest_id is 'The manifest that is handed out.';
comment on column public.manifest_cohorts.cohort_id is 'The group that receives it.';
comment on column public.manifest_cohorts.created_at is 'When the row was written.';
