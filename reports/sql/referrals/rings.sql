-- Users on a ring of referrals or below one.
select
    ring_id,
    user_id,
    is_on_ring,
    is_test
from referral_rings
order by ring_id, is_on_ring desc, user_id
limit 200
