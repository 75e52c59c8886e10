-- One row per foreign key of schema public: table, its columns, the table that they point to and
-- its columns in the same order, and what a deletion there does.
select
    c.relname,
    array(
        select a.attname::text from unnest(k.conkey) with ordinality as u (attnum, place)
        inner join pg_attribute as a on a.attrelid = k.conrelid and u.attnum = a.attnum
        order by u.place
    ),
    f.relnamespace::regnamespace::text || '.' || f.relname,
    array(
        select a.attname::text from unnest(k.confkey) with ordinality as u (attnum, place)
        inner join pg_attribute as a on a.attrelid = k.confrelid and u.attnum = a.attnum
        order by u.place
    ),
    case k.confdeltype
        when 'c' then 'cascade' when 'n' then 'set null' when 'd' then 'set default'
        when 'r' then 'restrict' else 'no action'
    end
from pg_constraint as k
inner join pg_class as c on k.conrelid = c.oid
inner join pg_class as f on k.confrelid = f.oid
where k.contype = 'f' and c.relnamespace::regnamespace::text = 'public'
order by c.relname, k.conname
