-- One row per unique index of schema public: table, whether primary, whether it is a plain key
-- (valid, over whole rows and bare columns), its columns, its definition.
select
    c.relname,
    i.indisprimary,
    i.indisvalid and i.indpred is null and i.indexprs is null,
    array(
        select a.attname::text
        from unnest(i.indkey[0:i.indnkeyatts - 1]) as k (attnum)
        inner join pg_attribute as a on a.attrelid = c.oid and k.attnum = a.attnum
        order by a.attname
    ),
    pg_get_indexdef(i.indexrelid)
from pg_index as i
inner join pg_class as c on i.indrelid = c.oid
where i.indisunique and c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text = 'public'
