-- One row: who the source is and what this transaction's snapshot sees.
select
    -- not now(): the transaction may have waited before its snapshot was taken
    statement_timestamp() at time zone 'UTC' as as_of_at,
    current_setting('server_version_num')::integer as version,
    (
        select d.oid::bigint from pg_catalog.pg_database as d
        where d.datname = current_database()
    ) as database_oid,
    pg_postmaster_start_time() at time zone 'UTC' as server_started_at,
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint as snapshot_xmin,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint as snapshot_xmax,
    age('3'::xid)::bigint as age_of_three,
    has_function_privilege('pg_catalog.pg_control_system()', 'execute')
    and has_function_privilege('pg_catalog.pg_control_checkpoint()', 'execute')
        as may_read_identity,
    has_function_privilege('pg_catalog.pg_export_snapshot()', 'execute') as may_share,
    set_config('statement_timeout', '1800s', true) as statement_timeout,
    set_config('lock_timeout', '60s', true) as lock_timeout,
    set_config('idle_in_transaction_session_timeout', '1800s', true) as idle_timeout,
    set_config('timezone', 'UTC', true) as time_zone,
    set_config('datestyle', 'ISO', true) as date_style,
    set_config('standard_conforming_strings', 'on', true) as conforming_strings,
    set_config('search_path', 'pg_catalog', true) as search_path,
    set_config('extra_float_digits', '1', true) as float_digits
