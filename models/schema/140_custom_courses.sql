-- Courses generated for one person, each as one document. One row per course, written as a
-- placeholder before it is made.
-- No policy: only the server reads and writes it.
create table if not exists public.custom_courses (
    id uuid not null default gen_random_uuid(),
    user_id uuid not null references auth.users (id) on delete cascade,
    course_code text not null,
    title text not null,
    description text not null,
    data json not null,
    checksum text not null,
    file_size_bytes integer not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (id)
);

create index if not exists custom_courses_user_id_idx
    on public.custom_courses (user_id);

alter table public.custom_courses enable row level security;

grant select, insert, update, delete on public.custom_courses to anon, authenticated;
grant all on public.custom_courses to service_role;

comment on table public.custom_courses is
    'Courses generated for one person, each as one document. One row per course, written as a '
    'placeholder before it is made.';
comment on column public.custom_courses.id is 'Surrogate key.';
comment on column public.custom_courses.user_id is 'For whom it is made.';
comment on column public.custom_courses.course_code is 'Almost always X99ENB, hence no key.';
comment on column public.custom_courses.title is 'Title chosen by the person or the generator.';
comment on column public.custom_courses.description is 'Summary of the course.';
comment on column public.custom_courses.data is 'The course: audio files, workbooks, scripts.';
comment on column public.custom_courses.checksum is 'MD5 of data.';
comment on column public.custom_courses.file_size_bytes is 'Size of data in bytes, without audio.';
comment on column public.custom_courses.created_at is 'When the placeholder was written.';
comment on column public.custom_courses.updated_at is 'When the row was last changed.';
