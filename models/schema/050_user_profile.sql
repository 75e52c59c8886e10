-- Accounts of the app: name, address, devices, referral codes, role. One row per person who
-- confirmed the sign-up.
create table if not exists public.user_profile (
    user_id uuid not null references auth.users (id) on delete cascade,
    first_name text,
    last_name text,
    email text not null,
    phone_number text,
    country text,
    lead_source text,
    devices json,
    referral_code text,
    referred_by_code text,
    role text not null default 'user',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (user_id),
    unique (referral_code)
);

create index if not exists user_profile_referred_by_code_idx
    on public.user_profile (referred_by_code);
create index if not exists user_profile_email_idx
    on public.user_profile (email);

-- The referral trigger looks codes up as people type them.
create index if not exists user_profile_referral_code_folded_idx
    on public.user_profile (upper(btrim(referral_code)));

alter table public.user_profile enable row level security;

do $$
begin
    if not exists (
        select from pg_policies
        where schemaname = 'public' and tablename = 'user_profile'
            and cmd in ('SELECT', 'ALL') and roles && array['public', 'authenticated']::name[]
    ) then
        create policy own_rows_select on public.user_profile for select to authenticated
            using ((select auth.uid()) = user_id);
    end if;
end
$$;

do $$
begin
    if not exists (
        select from pg_policies
        where schemaname = 'public' and tablename = 'user_profile'
            and cmd in ('INSERT', 'ALL') and roles && array['public', 'authenticated']::name[]
    ) then
        create policy own_rows_insert on public.user_profile for insert to authenticated
            with check ((select auth.uid()) = user_id);
    end if;
end
$$;

do $$
begin
    if not exists (
        select from pg_policies
        where schemaname = 'public' and tablename = 'user_profile'
            and cmd in ('UPDATE', 'ALL') and roles && array['public', 'authenticated']::name[]
    ) then
        create policy own_rows_update on public.user_profile for update to authenticated
            using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
    end if;
end
$$;

-- A user may write the own row, yet not decide who is a tester, whose code recruited whom, or how
-- old an account is: figures, rewards and payouts rest on these. On sign-up they hold what the
-- table gives by default; the codes are attached by the server afterwards. A trigger, since column
-- privileges would take the table's, which the platform grants and its tools expect.
do $$
begin
    if to_regprocedure('public.refuse_server_set_columns()') is null then
        create function public.refuse_server_set_columns() returns trigger
        language plpgsql set search_path = ''
        as $body$
        begin
            if current_user not in ('anon', 'authenticated') then
                return new;
            end if;
            if tg_op = 'INSERT' then
                if new.role = 'user' and new.referral_code is null
                    and new.referred_by_code is null and new.created_at = now()
                then
                    return new;
                end if;
            elsif (new.role, new.referral_code, new.referred_by_code, new.created_at)
                is not distinct from
                (old.role, old.referral_code, old.referred_by_code, old.created_at)
            then
                return new;
            end if;
            raise insufficient_privilege using message =
                'role, referral_code, referred_by_code and created_at of user_profile are set by'
                ' the server';
        end
        $body$;
        comment on function public.refuse_server_set_columns() is
            'Keeps role, codes and age of an account out of its user''s hands.';
    end if;
    if not exists (
        select from pg_trigger
        where tgrelid = 'public.user_profile'::regclass and tgname = 'refuse_server_set_columns'
    ) then
        create trigger refuse_server_set_columns
            before insert or update on public.user_profile
            for each row execute function public.refuse_server_set_columns();
    end if;
end
$$;

grant select, insert, update, delete on public.user_profile to anon, authenticated;
grant all on public.user_profile to service_role;

comment on table public.user_profile is
    'Accounts of the app: name, address, devices, referral codes, role. One row per person who '
    'confirmed the sign-up.';
comment on column public.user_profile.user_id is
    'Account of the platform; a repaired sign-up can move the profile to a new one.';
comment on column public.user_profile.first_name is 'Given name.';
comment on column public.user_profile.last_name is 'Family name.';
comment on column public.user_profile.email is 'Address in lower case.';
comment on column public.user_profile.phone_number is 'Telephone number with country code.';
comment on column public.user_profile.country is 'Name of the country, not its code.';
comment on column public.user_profile.lead_source is 'How the person heard of the app.';
comment on column public.user_profile.devices is 'Devices the app was used on.';
comment on column public.user_profile.referral_code is
    'Own code to hand on: a U and six characters.';
comment on column public.user_profile.referred_by_code is
    'Code given at sign-up: that of a user (U...), of a partner (I...) or a discount code.';
comment on column public.user_profile.role is
    'user, tester or admin; the last two are left out of the figures.';
comment on column public.user_profile.created_at is 'When the account was opened.';
comment on column public.user_profile.updated_at is 'When the row was last changed.';
