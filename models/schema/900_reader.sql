-- The role that the pipeline reads with: it may log in and select from the operational tables,
-- which the setting hypnomart.tables names, and starts every transaction read-only. It sees all
-- rows by BYPASSRLS; where the login that applies this may not grant that, by a policy of its own
-- on each table. Its password is set elsewhere.
do $$
declare
    operational constant text[] := string_to_array(current_setting('hypnomart.tables'), ',');
    table_name text;
begin
    if not exists (select from pg_roles where rolname = 'hypnomart_reader') then
        begin
            create role hypnomart_reader login noinherit;
        exception
            when duplicate_object or unique_violation then null; -- another session was first
        end;
    end if;
    if not exists (select from pg_roles where rolname = 'hypnomart_reader' and rolbypassrls) then
        begin
            alter role hypnomart_reader bypassrls;
        exception
            when insufficient_privilege then null; -- policies below
        end;
    end if;
    if not exists (
        select from pg_db_role_setting, unnest(setconfig) as setting
        where setrole = 'hypnomart_reader'::regrole and setdatabase = 0
            and setting = 'default_transaction_read_only=on'
    ) then
        alter role hypnomart_reader set default_transaction_read_only = on;
    end if;
    if not has_database_privilege('hypnomart_reader', current_database(), 'connect') then
        execute format('grant connect on database %I to hypnomart_reader', current_database());
    end if;
    if not has_schema_privilege('hypnomart_reader', 'public', 'usage') then
        grant usage on schema public to hypnomart_reader;
    end if;
    foreach table_name in array operational loop
        if not has_table_privilege('hypnomart_reader', 'public.' || table_name, 'select') then
            execute format('grant select on public.%I to hypnomart_reader', table_name);
        end if;
        if not exists (select from pg_roles where rolname = 'hypnomart_reader' and rolbypassrls)
            and not exists (
                select from pg_policies as p
                where p.schemaname = 'public' and p.tablename = table_name
                    and p.cmd in ('SELECT', 'ALL') and 'hypnomart_reader' = any(p.roles)
            )
        then
            execute format(
                'create policy hypnomart_reader_select on public.%I for select '
                'to hypnomart_reader using (true)', table_name
            );
        end if;
    end loop;
end
$$;
