{#
    CTE bodies that time successive versions of a row, in a query that has a CTE `versions` with
    the columns `keys`, seen_at (unique within the keys) and updated_at.

    A version is timed by updated_at where that advanced past the time of the version before, else
    by the extraction that saw it. Times rise strictly within the keys: whatever updated_at says,
    a version lies after the one before it and not after the extraction that saw it.

    That rule looks back at its own outcome. Set-wise: updated_at later than the previous seen_at
    settles for `updated_at`; updated_at not later than the previous updated_at (or absent, or
    after seen_at) settles for `seen_at`; what lies between goes as the version before it went.

    The last CTE is `timed`: all of versions.*, version_number from 1, and observed_at.
#}
{% macro version_timed(keys) -%}
{%- set partition = keys | join(", ") -%}
version_numbered as (
    select
        *,
        row_number() over (partition by {{ partition }} order by seen_at) as version_number,
        lag(seen_at) over (partition by {{ partition }} order by seen_at) as previous_seen_at,
        lag(updated_at) over (partition by {{ partition }} order by seen_at)
            as previous_updated_at
    from versions
),

version_settled as (
    select
        *,
        case
            when updated_at is null or updated_at > seen_at then 'seen_at'
            when version_number = 1 or updated_at > previous_seen_at then 'updated_at'
            when previous_updated_at is null or updated_at <= previous_updated_at then 'seen_at'
        end as settled
    from version_numbered
),

version_grouped as (
    select
        *,
        count(settled) over (
            partition by {{ partition }} order by version_number rows unbounded preceding
        ) as settled_number
    from version_settled
),

timed as (
    select
        *,
        case
            when max(settled) over (partition by {{ partition }}, settled_number) = 'updated_at'
                then updated_at
            else seen_at
        end as observed_at
    from version_grouped
)
{%- endmacro %}

{#
    CTE bodies that end in `versions`: of the rows with the same `keys` that an extraction saw at once,
    the one that counts: one that stands before one that went, then the one changed last, then the first
    by `tie`. Rows without the first key say nothing of anyone; with `standing` those that went neither.
#}
{% macro seen_at_once(rows, keys, tie=none, standing=false) -%}
seen_ranked as (
    select
        *,
        row_number() over (
            partition by {{ keys | join(", ") }}, seen_at
            order by is_deleted asc, updated_at desc nulls last{{ (", " ~ tie) if tie else "" }}
        ) as choice
    from {{ rows }}
    where {{ keys[0] }} is not null{{ " and not is_deleted" if standing else "" }}
),

versions as (
    select * from seen_ranked
    where choice = 1
)
{%- endmacro %}
