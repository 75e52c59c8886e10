-- One row: the cluster and the timeline, readable by any role unless revoked.
select
    (select system_identifier::text from pg_catalog.pg_control_system()) as system_identifier,
    (select timeline_id::bigint from pg_catalog.pg_control_checkpoint()) as timeline
