-- One row per column of schema public: table, column, type, whether null, default, comment.
select
    c.relname, a.attname, format_type(a.atttypid, a.atttypmod), not a.attnotnull,
    pg_get_expr(d.adbin, d.adrelid), coalesce(col_description(c.oid, a.attnum), '')
from pg_class as c
join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef as d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text = 'public'
order by c.relname, a.attnum
