-- How often a user played an audio file, as a counter without times. One row per user, course and
-- track.
create table if not exists public.audio_usage (
    id uuid not null default gen_random_uuid(),
    user_id uuid not null references auth.users (id) on delete cascade,
    course_code text not null,
    audio_number text not null,
    title text,
    no_of_plays integer not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (id),
    unique (user_id, course_code, audio_number)
);

alter table public.audio_usage enable row level security;

do $$
begin
    if not exists (
        select from pg_policies
        where schemaname = 'public' and tablename = 'audio_usage'
            and cmd in ('SELECT', 'ALL') and roles && array['public', 'authenticated']::name[]
    ) then
        create policy own_rows_select on public.audio_usage for select to authenticated
            using ((select auth.uid()) = user_id);
    end if;
end
$$;

grant select, insert, update, delete on public.audio_usage to anon, authenticated;
grant all on public.audio_usage to service_role;

comment on table public.audio_usage is
    'How often a user played an audio file, as a counter without times. One row per user, '
    'course and track.';
comment on column public.audio_usage.id is 'Surrogate key.';
comment on column public.audio_usage.user_id is 'The listener.';
comment on column public.audio_usage.course_code is 'The course the track belongs to.';
comment on column public.audio_usage.audio_number is
    'Position of the track in the course, as text.';
comment on column public.audio_usage.title is 'Title of the track.';
comment on column public.audio_usage.no_of_plays is
    'Plays so far; falls when the app is installed again.';
comment on column public.audio_usage.created_at is 'When the row was written.';
comment on column public.audio_usage.updated_at is 'When the row was last changed.';
