-- One row per paid or trial period with the end that later openings leave it, and what is known of
-- it at as_of. access_end_at is null while a customer counts in grace.
with clock as (
    select * from {{ ref('int_clock') }}
),

openings as (
    select * from {{ ref('int_subscription_openings') }}
),

terms as (
    select * from {{ ref('int_subscription_terms') }}
),

-- What is bought inside a running period replaces it, and whatever was paid ahead.
placed as (
    select
        openings.*,
        terms.opens_chain,
        terms.period_start_at,
        terms.period_end_at,
        terms.end_at,
        {{ term_has_expired('openings', 'terms.period_start_at') }} as has_expired,
        min(
            case
                when
                    openings.event_type = 'created' or terms.is_plan_change
                    then openings.created_at
            end
        ) over (
            user_openings rows between 1 following and unbounded following
        ) as replaced_at,
        lead(terms.opens_chain) over user_openings as next_opens_chain,
        sum(case when terms.opens_chain then 1 else 0 end) over (
            user_openings rows between unbounded preceding and current row
        ) as chain_number
    from openings
    inner join terms
        on
            openings.user_id = terms.user_id
            and openings.opening_number = terms.opening_number
    window user_openings as (partition by openings.user_id order by openings.opening_number)
),

ended as (
    select
        placed.*,
        clock.as_of_at,
        greatest(
            placed.period_start_at,
            least(placed.end_at, coalesce(placed.replaced_at, placed.end_at))
        )
            as effective_end_at,
        case
            when placed.replaced_at < placed.end_at then 'replaced'
            when not placed.next_opens_chain then 'renewed'
            when placed.has_expired then 'expired'
            when placed.next_opens_chain then 'lapsed'
            when
                placed.cancel_intent_at is not null and placed.period_end_at <= clock.as_of_at
                then 'lapsed'
            when {{ add_grace('placed.period_end_at') }} < clock.as_of_at then 'lapsed'
            else 'open'
        end as ended_by,
        greatest(
            sum(case when placed.is_trial then 0 else 1 end) over (
                partition by placed.user_id, placed.chain_number
                order by placed.opening_number
                rows between unbounded preceding and current row
            ) - 1, 0
        ) as renewal_number
    from placed
    cross join clock
),

final as (
    select
        subscription_event_id,
        user_id,
        subscription_id,
        event_type,
        created_at,
        base_plan_id,
        store,
        opening_number,
        chain_number,
        renewal_number,
        is_test,
        product_key,
        billing_months,
        term_months,
        offer_id,
        is_trial,
        price_usd,
        cancel_intent_at,
        period_start_at,
        period_end_at,
        effective_end_at,
        ended_by,
        as_of_at,
        ended_by = 'open' and period_end_at <= as_of_at as is_in_grace,
        case when not (ended_by = 'open' and period_end_at <= as_of_at) then effective_end_at end
            as access_end_at,
        case
            when is_trial or price_usd is null then cast(0 as decimal(18, 4))
            else {{ usd_share('price_usd', 1, 'term_months') }}
        end as mrr_usd,
        case
            when is_trial then cast(0 as decimal(18, 4))
            else {{ usd_share('list_price_usd', 1, 'term_months') }}
        end as contracted_mrr_usd
    from ended
)

select * from final
