-- One row per policy of schema public: table, name, command, whether permissive, roles, the rows
-- that it opens, the rows that it lets be written.
select
    tablename,
    policyname,
    lower(cmd),
    permissive = 'PERMISSIVE',
    roles::text[],
    coalesce(qual, ''),
    coalesce(with_check, '')
from pg_policies
where schemaname = 'public'
order by tablename, policyname
