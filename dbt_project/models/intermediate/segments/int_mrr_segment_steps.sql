-- One row per user and instant at which MRR moves or changes its segment in any dimension: the MRR
-- and the segments before and after it. What lies before a user's first version has that version's
-- attributes.
{%- set versioned = ["country", "lead_source", "cohort_code"] %}
{%- set dimensions = segment_dimensions() %}
with instants as (
    select * from {{ ref('int_mrr_segment_instants') }}
),

users as (
    select
        user_id,
        {{ acquisition_of('referred_by_code') }} as acquisition
    from {{ ref('stg_user_profile') }}
),

running as (
    select
        instants.user_id,
        instants.changed_at,
        instants.movement_id,
        instants.movement_type,
        instants.mrr_delta_usd,
        coalesce({{ last_known_value('instants.mrr_after_usd', 'so_far') }}, 0) as mrr_after_usd,
        {{ last_known_value('instants.plan', 'so_far') }} as plan,
        {{ last_known_value('instants.store', 'so_far') }} as store,
        {%- for name in versioned %}
            coalesce(
                {{ last_known_value('instants.' ~ name, 'so_far') }},
                {{ first_known_value('instants.' ~ name, 'all_instants') }},
                'unknown'
            ) as {{ name }},
        {%- endfor %}
        coalesce(users.acquisition, 'unknown') as acquisition
    from instants
    left join users on instants.user_id = users.user_id
    window
        so_far as (
            partition by instants.user_id
            order by instants.changed_at
            rows between unbounded preceding and current row
        ),
        all_instants as (
            partition by instants.user_id
            order by instants.changed_at
            rows between unbounded preceding and unbounded following
        )
),

compared as (
    select
        *,
        {%- for name in dimensions %}
            lag({{ name }}) over user_instants as {{ name }}_before,
        {%- endfor %}
        coalesce(lag(mrr_after_usd) over user_instants, 0) as mrr_before_usd
    from running
    window user_instants as (partition by user_id order by changed_at)
),

final as (
    select
        user_id,
        changed_at,
        movement_id,
        movement_type,
        mrr_before_usd,
        mrr_after_usd,
        {%- for name in dimensions %}
            case when mrr_before_usd > 0 then {{ name }}_before end as {{ name }}_before,
            case when mrr_after_usd > 0 then {{ name }} end as {{ name }}_after,
        {%- endfor %}
        cast(coalesce(mrr_delta_usd, 0) as decimal(18, 4)) as mrr_delta_usd
    from compared
    where
        movement_id is not null
        or (
            mrr_before_usd > 0
            and (
                {%- for name in dimensions %}
                    {{ "or " if not loop.first }}{{ name }}_before <> {{ name }}
                {%- endfor %}
            )
        )
)

select * from final
