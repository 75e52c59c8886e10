-- What the app on the device reports: diagnostics, errors, feedback. One row per entry.
create table if not exists public.app_logs (
    id uuid not null default gen_random_uuid(),
    user_id uuid references auth.users (id) on delete set null,
    log_type text not null,
    message text,
    origin text default 'app',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (id)
);

create index if not exists app_logs_user_id_idx
    on public.app_logs (user_id);
create index if not exists app_logs_created_at_idx
    on public.app_logs (created_at);

alter table public.app_logs enable row level security;

do $$
begin
    if not exists (
        select from pg_policies
        where schemaname = 'public' and tablename = 'app_logs'
            and cmd in ('INSERT', 'ALL') and roles && array['public', 'authenticated']::name[]
    ) then
        create policy own_rows_insert on public.app_logs for insert to authenticated
            with check ((select auth.uid()) = user_id);
    end if;
end
$$;

grant select, insert, update, delete on public.app_logs to anon, authenticated;
grant all on public.app_logs to service_role;

comment on table public.app_logs is
    'What the app on the device reports: diagnostics, errors, feedback. One row per entry.';
comment on column public.app_logs.id is 'Surrogate key.';
comment on column public.app_logs.user_id is 'Who was signed in, if anybody.';
comment on column public.app_logs.log_type is
    'Kind of entry, such as sync_module, billing, error, sign_up or user_report (also spelt '
    'user_reports).';
comment on column public.app_logs.message is
    'Free text; feedback begins with the kind of issue and a colon.';
comment on column public.app_logs.origin is 'Client that reports: app or web.';
comment on column public.app_logs.created_at is
    'Time by the clock of the device, which may be wrong.';
comment on column public.app_logs.updated_at is
    'When the entry was overwritten, as those of a sign-up are.';
