-- What the tables need of Supabase, created only where it is absent: schema auth with its table
-- of accounts, auth.uid(), and the three roles of its interface. On a Supabase database nothing
-- here changes anything; the guards ask first, since there even "if not exists" lacks the right.
do $$
declare
    wanted record;
begin
    for wanted in
        select * from (values
            ('anon', 'nologin noinherit'),
            ('authenticated', 'nologin noinherit'),
            ('service_role', 'nologin noinherit bypassrls')
        ) as roles (name, options)
    loop
        if not exists (select from pg_roles where rolname = wanted.name) then
            begin
                execute format('create role %I %s', wanted.name, wanted.options);
            exception
                when duplicate_object or unique_violation then null; -- another session was first
            end;
        end if;
    end loop;
    if to_regnamespace('auth') is null then
        create schema auth;
        grant usage on schema auth to anon, authenticated, service_role;
        comment on schema auth is 'Stands in for the accounts of the platform.';
    end if;
    if to_regclass('auth.users') is null then
        create table auth.users (
            id uuid not null default gen_random_uuid(),
            email text,
            created_at timestamptz default now(),
            email_confirmed_at timestamptz,
            primary key (id)
        );
        comment on table auth.users is 'Accounts of the platform. One row per sign-up.';
        comment on column auth.users.id is 'Account, the user_id of all tables.';
        comment on column auth.users.email is 'Address of the account.';
        comment on column auth.users.created_at is 'When the sign-up began.';
        comment on column auth.users.email_confirmed_at is 'When the address was confirmed.';
    end if;
    if to_regprocedure('auth.uid()') is null then
        create function auth.uid() returns uuid
        language sql stable set search_path = ''
        as $body$
            select nullif(
                nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', ''
            )::uuid
        $body$;
        comment on function auth.uid() is 'The signed-in user, null when nobody is.';
    end if;
    grant usage on schema public to anon, authenticated, service_role;
end
$$;
