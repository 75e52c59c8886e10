-- What the newest publication changed in the first month, once the one before had called it complete.
select
    cast(coalesce(sum(coalesce(new_value, 0) - coalesce(old_value, 0)), 0) as decimal(18, 4))
        as restated_usd
from restatements
where
    mart = $mart
    and measure = $column
    and starts_with(row_key, $since)
    and run_id = (select run_id from meta.publication)
