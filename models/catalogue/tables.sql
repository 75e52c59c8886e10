-- One row per table of schema public that no extension owns: name, whether RLS is on, comment.
select
    c.relname,
    c.relrowsecurity,
    coalesce(obj_description(c.oid, 'pg_class'), '')
from pg_class as c
where
    c.relkind in ('r', 'p') and not c.relispartition
    and c.relnamespace::regnamespace::text = 'public'
    and not exists (
        select from pg_depend as d
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
    )
