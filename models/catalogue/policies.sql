-- One row per permissive policy of schema public that concerns users: table, name, command.
select tablename, policyname, lower(cmd)
from pg_policies
where schemaname = 'public' and permissive = 'PERMISSIVE'
    and roles && array['public', 'anon', 'authenticated']::name[]
