-- Runs of the server functions. One row per entry.
-- No policy: only the server reads and writes it.
create table if not exists public.server_logs (
    id uuid not null default gen_random_uuid(),
    function_name text not null,
    level text not null,
    message text,
    user_id uuid,
    metadata jsonb,
    duration_ms integer,
    created_at timestamptz not null default now(),
    primary key (id)
);

create index if not exists server_logs_function_name_created_at_idx
    on public.server_logs (function_name, created_at);

alter table public.server_logs enable row level security;

grant select, insert, update, delete on public.server_logs to anon, authenticated;
grant all on public.server_logs to service_role;

comment on table public.server_logs is
    'Runs of the server functions. One row per entry.';
comment on column public.server_logs.id is 'Surrogate key.';
comment on column public.server_logs.function_name is 'Function that ran.';
comment on column public.server_logs.level is 'debug, info, warn or error.';
comment on column public.server_logs.message is 'Free text.';
comment on column public.server_logs.user_id is 'User concerned, if any.';
comment on column public.server_logs.metadata is 'Further data of the run.';
comment on column public.server_logs.duration_ms is 'How long it took, in milliseconds.';
comment on column public.server_logs.created_at is 'When it ran.';
