-- A user's settings for a course; despite the name no record of behaviour. One row per user and
-- course.
create table if not exists public.analytics (
    id uuid not null default gen_random_uuid(),
    user_id uuid not null references auth.users (id) on delete cascade,
    course_code text not null,
    voice text,
    background text,
    induction text,
    deepening text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (id),
    unique (user_id, course_code)
);

alter table public.analytics enable row level security;

do $$
begin
    if not exists (
        select from pg_policies
        where schemaname = 'public' and tablename = 'analytics'
            and cmd in ('SELECT', 'ALL') and roles && array['public', 'authenticated']::name[]
    ) then
        create policy own_rows_select on public.analytics for select to authenticated
            using ((select auth.uid()) = user_id);
    end if;
end
$$;

grant select, insert, update, delete on public.analytics to anon, authenticated;
grant all on public.analytics to service_role;

comment on table public.analytics is
    'A user''s settings for a course; despite the name no record of behaviour. One row per user'
    ' and course.';
comment on column public.analytics.id is 'Surrogate key.';
comment on column public.analytics.user_id is 'Whose settings they are.';
comment on column public.analytics.course_code is 'The course they apply to, by its code.';
comment on column public.analytics.voice is 'Voice chosen, Female or Male in any case of letters.';
comment on column public.analytics.background is 'Background sound chosen.';
comment on column public.analytics.induction is 'Induction chosen, such as Randomize.';
comment on column public.analytics.deepening is 'Deepening chosen, such as Randomize.';
comment on column public.analytics.created_at is 'When the row was written.';
comment on column public.analytics.updated_at is 'When the row was last changed.';
