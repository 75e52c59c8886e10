-- One row per relation of schema public that may stand where a table is expected: name, what it is.
select
    c.relname,
    case c.relkind
        when 'v' then 'a view' when 'm' then 'a materialized view' else 'a foreign table'
    end
from pg_class as c
where c.relkind in ('v', 'm', 'f') and c.relnamespace::regnamespace::text = 'public'
