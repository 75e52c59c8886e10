-- Prepared answers for the next sync, derived from other tables. One row per user.
-- No policy: only the server reads and writes it.
create table if not exists public.cached_handshake_responses (
    id uuid not null default gen_random_uuid(),
    user_id uuid not null references auth.users (id) on delete cascade,
    response json not null,
    checksum text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (id),
    unique (user_id)
);

alter table public.cached_handshake_responses enable row level security;

grant select, insert, update, delete on public.cached_handshake_responses to anon, authenticated;
grant all on public.cached_handshake_responses to service_role;

comment on table public.cached_handshake_responses is
    'Prepared answers for the next sync, derived from other tables. One row per user.';
comment on column public.cached_handshake_responses.id is 'Surrogate key.';
comment on column public.cached_handshake_responses.user_id is 'For whom the answer is prepared.';
comment on column public.cached_handshake_responses.response is 'The answer as it would be sent.';
comment on column public.cached_handshake_responses.checksum is
    'MD5 of the answer, as hexadecimal digits.';
comment on column public.cached_handshake_responses.created_at is 'When the row was written.';
comment on column public.cached_handshake_responses.updated_at is 'When the row was last changed.';
