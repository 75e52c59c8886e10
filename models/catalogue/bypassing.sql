-- One row per role that row-level security does not bind.
select rolname from pg_roles
where rolbypassrls or rolsuper
