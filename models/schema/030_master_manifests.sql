-- JSON files that the app downloads when it syncs; a file name may have several variants. One row
-- per variant.
-- No policy: only the server reads and writes it.
create table if not exists public.master_manifests (
    id uuid not null default gen_random_uuid(),
    file_name text not null,
    content json not null,
    checksum text not null,
    file_size_bytes integer,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (id)
);

alter table public.master_manifests enable row level security;

grant select, insert, update, delete on public.master_manifests to anon, authenticated;
grant all on public.master_manifests to service_role;

comment on table public.master_manifests is
    'JSON files that the app downloads when it syncs; a file name may have several variants. '
    'One row per variant.';
comment on column public.master_manifests.id is 'Surrogate key.';
comment on column public.master_manifests.file_name is
    'Name on the device: shop.json, ads.json, background.json, core_segments.json or FAQs.json.';
comment on column public.master_manifests.content is 'The file itself.';
comment on column public.master_manifests.checksum is 'MD5 of the exact bytes that are sent.';
comment on column public.master_manifests.file_size_bytes is 'Size of the file in bytes.';
comment on column public.master_manifests.created_at is 'When the row was written.';
comment on column public.master_manifests.updated_at is 'When the row was last changed.';
