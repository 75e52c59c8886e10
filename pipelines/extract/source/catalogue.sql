-- One row per column of each table in schema public, and of what may stand in place of one, as the
-- source declares it.
with tables as (
    select
        c.oid,
        c.relname::text as table_name,
        has_schema_privilege(c.relnamespace, 'usage') and has_table_privilege(c.oid, 'select')
            as may_select,
        has_schema_privilege(c.relnamespace, 'usage') and row_security_active(c.oid)
        and not exists (
            select 1 from pg_catalog.pg_policy as p
            where
                p.polrelid = c.oid and p.polpermissive and p.polcmd in ('r', '*')
                and pg_get_expr(p.polqual, p.polrelid) = 'true'
                and exists (
                    select 1 from unnest(p.polroles) as r (role)
                    where r.role = 0 or pg_has_role(r.role, 'usage')
                )
        ) as hides_rows,
        exists(
            select 1 from pg_catalog.pg_policy as p
            where
                p.polrelid = c.oid and not p.polpermissive and p.polcmd in ('r', '*')
                and row_security_active(c.oid)
                and exists (
                    select 1 from unnest(p.polroles) as r (role)
                    where r.role = 0 or pg_has_role(r.role, 'usage')
                )
        ) as is_restricted,
        coalesce((
            select
                string_agg((
                    select string_agg(a.attname::text, ',' order by a.attname)
                    from unnest(i.indkey) as k (attnum)
                    inner join pg_catalog.pg_attribute as a
                        on a.attrelid = c.oid and k.attnum = a.attnum
                ), ';')
            from pg_catalog.pg_index as i
            where
                i.indrelid = c.oid and i.indisunique and i.indisvalid
                and i.indpred is null and i.indexprs is null and i.indnatts = i.indnkeyatts
        ), '') as unique_keys,
        c.relkind = 'p' or exists (
            select 1 from pg_catalog.pg_inherits as h
            where h.inhparent = c.oid
        ) as has_parts,
        case c.relkind
            when 'v' then 'a view'
            when 'm' then 'a materialized view'
            when 'f' then 'a foreign table'
            else ''
        end as instead,
        pg_table_size(c.oid)::bigint as bytes,
        coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0)::bigint as toast_bytes
    from pg_catalog.pg_class as c
    where
        c.relnamespace = to_regnamespace('public') and c.relkind in ('r', 'p', 'v', 'm', 'f')
        and not c.relispartition
)

select
    t.oid::bigint as table_oid,
    t.table_name,
    t.may_select,
    t.hides_rows or t.is_restricted as hides_rows,
    t.unique_keys,
    t.has_parts,
    t.instead,
    t.bytes,
    t.toast_bytes,
    a.attnum::integer as position,
    a.attname::text as column_name,
    not a.attnotnull as is_nullable,
    -- of a domain its base type; of an enumeration its labels too
    case
        when y.typtype = 'e' then 'enum'
        when y.typtype = 'd' then format_type(y.typbasetype, null)
        else format_type(y.oid, null)
    end as kind,
    case
        when y.typtype = 'd' then format_type(y.typbasetype, y.typtypmod)
        else format_type(a.atttypid, a.atttypmod)
    end as declared,
    -- a virtual column's values change without any row being written
    coalesce(a.attgenerated::text, '') || coalesce(
        (
            select pg_get_expr(d.adbin, d.adrelid) from pg_catalog.pg_attrdef as d
            where d.adrelid = t.oid and d.adnum = a.attnum and a.attgenerated <> ''
        ), ''
    ) || coalesce(
        (
            select string_agg(e.enumlabel::text, ',' order by e.enumsortorder)
            from pg_catalog.pg_enum as e
            where e.enumtypid = y.oid
        ), ''
    ) as definition
from tables as t
inner join pg_catalog.pg_attribute as a on t.oid = a.attrelid and a.attnum > 0
inner join pg_catalog.pg_type as y on a.atttypid = y.oid
where not a.attisdropped
order by t.table_name, a.attnum
