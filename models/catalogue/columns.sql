-- One row per column of schema public: table, column, type, whether null, default, comment.
select
    c.relname,
    a.attname,
    format_type(a.atttypid, a.atttypmod),
    not a.attnotnull,
    pg_get_expr(d.adbin, d.adrelid),
    coalesce(col_description(c.oid, a.attnum), '')
from pg_class as c
inner join pg_attribute as a on c.oid = a.attrelid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef as d on c.oid = d.adrelid and a.attnum = d.adnum
where c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text = 'public'
order by c.relname, a.attnum
