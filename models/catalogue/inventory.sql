-- One line for each object that applying the schema may create, as it is shown to the user.
select 'table ' || c.oid::regclass from pg_class as c
where c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text in ('public', 'auth')
union all
select 'index ' || i.indexname from pg_indexes as i
where
    i.schemaname = 'public'
    and not exists (
        select from pg_constraint as k
        where k.conname = i.indexname and k.contype in ('p', 'u')
    )
union all
select 'policy ' || policyname || ' on ' || tablename from pg_policies
where schemaname = 'public'
union all
select 'row level security on ' || relname from pg_class
where relrowsecurity and relnamespace::regnamespace::text = 'public'
union all
select 'function ' || p.oid::regprocedure from pg_proc as p
where p.pronamespace::regnamespace::text in ('public', 'auth')
union all
select 'trigger ' || tgname || ' on ' || tgrelid::regclass from pg_trigger
where not tgisinternal
union all
select 'schema ' || nspname from pg_namespace
where nspname = 'auth'
union all
select 'role ' || rolname from pg_roles
