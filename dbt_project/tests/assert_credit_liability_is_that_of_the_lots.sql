with months as (
    select
        coalesce(sum(purchased_credits), 0) as credits,
        coalesce(sum(consumed_credits), 0) as consumed_credits,
        coalesce(sum(revoked_credits), 0) as revoked_credits,
        coalesce(sum(debt_credits), 0) as debt_credits,
        coalesce(sum(recognised_usd), 0) as recognised_usd,
        coalesce(sum(purchased_usd - recognised_usd - refunded_usd), 0) as liability_usd
    from {{ ref('credit_liability_monthly') }}
),

lots as (
    select
        coalesce(sum(credits), 0) as credits,
        coalesce(sum(consumed_credits), 0) as consumed_credits,
        coalesce(sum(revoked_credits), 0) as revoked_credits,
        coalesce(sum(debt_credits), 0) as debt_credits,
        coalesce(sum(recognised_usd), 0) as recognised_usd,
        coalesce(sum(liability_usd), 0) as liability_usd
    from {{ ref('fct_credit_lots') }}
)

select * from months
except
select * from lots
