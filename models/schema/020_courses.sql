-- Catalogue of ready-made courses. One row per course.
-- No policy: only the server reads and writes it.
create table if not exists public.courses (
    id uuid not null default gen_random_uuid(),
    course_code text not null,
    title text not null,
    description text,
    price numeric(10, 2),
    currency text not null default 'USD',
    audio json,
    icon text,
    workbooks json,
    checksum text,
    file_size_bytes integer,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (id),
    unique (course_code)
);

alter table public.courses enable row level security;

grant select, insert, update, delete on public.courses to anon, authenticated;
grant all on public.courses to service_role;

comment on table public.courses is
    'Catalogue of ready-made courses. One row per course.';
comment on column public.courses.id is 'Surrogate key.';
comment on column public.courses.course_code is
    'Code of the course, such as H01ENB; C99ENB is the free introduction, X99ENB stands for '
    'custom audio.';
comment on column public.courses.title is 'Name shown in the shop.';
comment on column public.courses.description is 'Text shown in the shop.';
comment on column public.courses.price is
    'List price of a single sale in currency; empty where it is not sold alone.';
comment on column public.courses.currency is 'ISO 4217 code of price.';
comment on column public.courses.audio is 'Audio files of the course and where they lie.';
comment on column public.courses.icon is 'Icon file or its address.';
comment on column public.courses.workbooks is 'Workbooks that belong to the course.';
comment on column public.courses.checksum is
    'MD5 of the course document, compared when the app syncs.';
comment on column public.courses.file_size_bytes is
    'Size of the course document in bytes, without audio.';
comment on column public.courses.created_at is 'When the row was written.';
comment on column public.courses.updated_at is 'When the row was last changed.';
