-- One row per table of schema public and role of the app: table, role, and the commands that it
-- holds a privilege for, on the table or on a column of it.
select
    c.relname,
    r.rolname,
    array(
        select command from unnest(array['select', 'insert', 'update', 'delete']) as command
        where case
            when command = 'delete' then has_table_privilege(r.oid, c.oid, command)
            else has_any_column_privilege(r.oid, c.oid, command)
        end
    )
from pg_class as c
cross join pg_roles as r
where
    c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text = 'public'
    and r.rolname in ('anon', 'authenticated', 'service_role', 'hypnomart_reader')
