-- Rewards by what became of them.
-- referrals: Referred users.
-- expected_usd: Rewards that the rules owe.
-- given_usd: Rewards that were given.
select
    reward_status,
    count(*) as referrals,
    sum(expected_reward_usd) as expected_usd,
    sum(reward_usd) as given_usd
from fct_referrals
where not is_test and signed_up_at < cast($until as date)
group by reward_status
order by referrals desc
