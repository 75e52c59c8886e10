{%- set named_otherwise = {"user_profile": "signed_up_at"} -%}
{#- Where deleted rows are kept; of the others the days go on shrinking. -#}
{%- set kept = graph.sources.values()
    | selectattr("source_name", "equalto", "past") | map(attribute="name") | join("', '") -%}
with clock as (
    select * from {{ ref('int_clock') }}
),

-- A date before there were app stores is a fault of some clock; after as_of nothing has happened.
counted as (
    {% for table in source_tables() %}
        {%- set event_at = named_otherwise.get(table, "created_at") %}
        select
            '{{ table }}' as source_table,
            cast(events.{{ event_at }} as date) as date,
            count(*) as rows,
            max(events.{{ event_at }}) as last_event_at
        from {{ ref("stg_" ~ table) }} as events
        cross join clock
        where events.{{ event_at }} between timestamp '2010-01-01 00:00:00' and clock.as_of_at
        group by cast(events.{{ event_at }} as date)
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

tables as (
    select
        source_table,
        min(date) as first_date
    from counted
    group by source_table
),

days as (
    select
        tables.source_table,
        {{ days_through('tables.first_date', 'clock.as_of_date') }} as date
    from tables
    cross join clock
),

final as (
    select
        days.date,
        days.source_table,
        coalesce(counted.rows, 0) as rows,
        counted.last_event_at,
        {{ is_complete('days.date', 'day') }}
        and days.source_table in ('{{ kept }}') as is_complete
    from days
    cross join clock
    left join counted on days.source_table = counted.source_table and days.date = counted.date
)

select * from final
order by date, source_table
