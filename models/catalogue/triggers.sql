-- One row per trigger of schema public that fires: table, trigger.
select
    c.relname,
    t.tgname
from pg_trigger as t
inner join pg_class as c on t.tgrelid = c.oid
where
    not t.tgisinternal and t.tgenabled in ('O', 'A')
    and c.relnamespace::regnamespace::text = 'public'
order by c.relname, t.tgname
