"""Credits, discounts, rewards, custom audio and listening against the simulator's truth."""

from __future__ import annotations

from tests.integration.conftest import UNTIL, Built


def seen_lots(built: Built) -> str:
    """The true lots as a single look can know them.

    The look dates all use at the balance's last change: a pack refunded before it gave nothing,
    the others gave first in, first out.
    """
    return f"""(
        with used as (
            select user_id, sum(bank_credits) as used from {built.truth("credits_daily")} group by 1
        ),
        lots as (
            select t.*, u.updated_at as observed_at, coalesce(used, 0) as used,
                refunded_at is null or refunded_at >= u.updated_at as is_open
            from {built.truth("credit_lots")} as t
            join raw.ai_usage as u on u.user_id = t.user_id::uuid
            left join used on used.user_id = t.user_id
        ),
        drawn as (
            select *, case when is_open then least(credits, greatest(0, used + credits - sum(
                case when is_open then credits else 0 end
            ) over (partition by user_id order by purchased_at, lot_id))) else 0 end as drawn
            from lots
        )
        select *, case when refunded_at is null then
            (2 * (paid_usd * 10000)::bigint * drawn + credits) // (2 * credits) else 0 end
            as earned_units
        from drawn)"""


def test_lots_are_drawn_first_in_first_out_until_their_refund(built: Built) -> None:
    mart = """
        select lot_id, user_id, purchased_at, credits, consumed_credits, revoked_credits,
            remaining_credits, recognised_usd
        from fct_credit_lots"""
    truth = f"""
        select lot_id, user_id::uuid, purchased_at, credits, drawn::bigint,
            case when refunded_at is null then 0 else credits - drawn end::bigint,
            case when refunded_at is null then credits - drawn else 0 end::bigint,
            (earned_units / 10000)::decimal(18, 4)
        from {seen_lots(built)}"""
    built.assert_equal(mart, truth)
    refunded = built.rows("select count(*) as n from fct_credit_lots where revoked_credits > 0")
    assert refunded[0]["n"] >= 3


def test_lots_are_as_lived_unless_use_before_a_refund_was_seen_only_after_it(
    built: Built,
) -> None:
    blurred = f"""
        select t.user_id::uuid from {built.truth("credit_lots")} as t
        join raw.ai_usage as u on u.user_id = t.user_id::uuid
        where t.consumed_credits + t.debt_credits > 0 and t.refunded_at < u.updated_at"""
    # a single look dates all use at itself, so that it sees consumption where a debt was lived
    columns = "consumed_credits + debt_credits, revoked_credits, remaining_credits"
    built.assert_equal(
        f"select lot_id, {columns} from fct_credit_lots where user_id not in ({blurred})",
        f"""select lot_id, {columns} from {built.truth("credit_lots")}
        where user_id::uuid not in ({blurred})""",
    )
    assert built.rows(f"select count(*) as n from ({blurred})")[0]["n"] >= 3
    # what no pack is left to pay for is no revenue: never more was drawn than was lived
    more = built.rows(f"""
        select l.user_id, sum(l.consumed_credits + l.debt_credits) as seen,
            sum(t.consumed_credits + t.debt_credits) as lived
        from fct_credit_lots as l join {built.truth("credit_lots")} as t using (lot_id)
        where l.revoked_at is not null group by all having seen > lived""")
    assert not more


def test_credit_liability_is_what_packs_brought_and_use_earned(built: Built) -> None:
    truth = f"""
        with lots as (from {seen_lots(built)}),
        flows as (
            select date_trunc('month', purchased_at)::date as month, credits as bought,
                0 as drawn, 0 as revoked, paid_usd as bought_usd, 0 as units, 0 as refunded_usd
            from lots
            union all
            select date_trunc('month', observed_at), 0, drawn, 0, 0, earned_units, 0
            from lots where drawn > 0
            union all
            select date_trunc('month', refunded_at), 0, 0, credits - drawn, 0, 0, paid_usd
            from lots where refunded_at is not null
        ),
        months as (
            select unnest(generate_series(
                (select min(month) from flows), date '{UNTIL}', interval '1 month'))::date as month
        ),
        summed as (
            select month, coalesce(sum(bought), 0) as bought, coalesce(sum(drawn), 0) as drawn,
                coalesce(sum(revoked), 0) as revoked, coalesce(sum(bought_usd), 0) as bought_usd,
                (coalesce(sum(units), 0)::decimal(28, 0) * 0.0001)::decimal(18, 4) as earned_usd,
                coalesce(sum(refunded_usd), 0) as refunded_usd
            from months left join flows using (month) group by month
        )
        select month, bought::bigint, drawn::bigint, revoked::bigint,
            (sum(bought - drawn - revoked) over so_far)::bigint, bought_usd::decimal(18, 4),
            earned_usd, refunded_usd::decimal(18, 4),
            (sum(bought_usd - earned_usd - refunded_usd) over so_far)::decimal(18, 4)
        from summed window so_far as (order by month)"""
    mart = """
        select month, purchased_credits, consumed_credits, revoked_credits, outstanding_credits,
            purchased_usd, recognised_usd, refunded_usd, liability_usd
        from credit_liability_monthly"""
    built.assert_equal(mart, truth)
    # one look: all use is of unknown age, and no month before it was observed
    unknown = built.rows("""
        select month from credit_liability_monthly
        where is_observed or debt_credits > 0 or unobserved_consumed_credits <> consumed_credits""")
    assert unknown == []


def test_every_discount_has_its_outcome_receipt_and_saving(built: Built) -> None:
    columns = (
        "user_id::uuid, is_test, discount_code, assigned_at, expires_at, used_at, outcome,"
        " receipt_id, discount_usd"
    )
    built.assert_equal(
        f"select {columns} from fct_discount_assignments",
        f"select {columns} from {built.truth('discount_assignments')}",
    )
    used = built.rows("""
        select left(discount_code, 3) as kind, count(*) as n from fct_discount_assignments
        where outcome = 'used' and receipt_id is not null group by 1""")
    assert {row["kind"] for row in used} == {"SBF", "AID", "CCF"}


def test_the_balance_of_referral_credits_rolls_forward(built: Built) -> None:
    truth = f"""
        with rewards as (
            from {built.truth("referral_rewards")} select * where not is_test
        ),
        moves as (
            select earned_at as moved_at, amount_usd as earned, 0 as used, 0 as expired from rewards
            union all
            select used_at, 0, amount_usd, 0 from rewards where used_at is not null
            union all
            select expired_at, 0, 0, amount_usd from rewards where expired_at is not null
        ),
        summed as (
            select month, coalesce(sum(earned), 0) as earned, coalesce(sum(used), 0) as used,
                coalesce(sum(expired), 0) as expired
            from (
                select unnest(generate_series(
                    date_trunc('month', min(moved_at)), timestamp '{UNTIL}',
                    interval '1 month'
                ))::date as month from moves
            ) left join moves on date_trunc('month', moved_at) = month group by 1
        ),
        balanced as (select *, sum(earned - used - expired) over (order by month) as left_usd
            from summed)
        select month, (left_usd - earned + used + expired)::decimal(18, 4),
            earned::decimal(18, 4), used::decimal(18, 4), expired::decimal(18, 4),
            left_usd::decimal(18, 4)
        from balanced"""
    mart = """
        select month, opening_usd, earned_usd, used_usd, expired_usd, outstanding_usd
        from referral_credit_balance_monthly"""
    built.assert_equal(mart, truth)
    flows = built.rows(f"select sum(used_usd) as u, sum(expired_usd) as e from ({mart})")[0]
    assert flows["u"] > 0
    assert flows["e"] > 0


def test_the_custom_audio_funnel_is_that_of_the_deliveries(built: Built) -> None:
    truth = f"""
        with orders as (
            select *, case when resubmitted_at is not null then true
                when reopened_at is not null then false else submitted_at is not null end as sent
            from {built.truth("deliveries")} where not is_test
        )
        select date_trunc('month', purchased_at)::date as month, count(*) as purchased,
            count(*) filter (where sent) as submitted, count(delivered_at) as delivered,
            count(*) filter (where not sent
                and coalesce(reopened_at, purchased_at) + interval 24 hours <= timestamp '{UNTIL}'
            ) as expired_links,
            round(median(epoch(delivered_at - purchased_at)) / 3600, 9) as hours
        from orders group by 1"""
    mart = """
        select month, purchased, submitted, delivered, expired_links,
            round(median_hours_to_delivery, 9) as hours
        from custom_course_funnel_monthly"""
    built.assert_equal(mart, truth)


def test_plays_are_those_lived(built: Built) -> None:
    mart = "select user_id, course_code, audio_number, plays from fct_listening"
    truth = f"""
        select user_id::uuid, course_code, audio_number, plays from {built.truth("listening")}
        where plays > 0"""
    built.assert_equal(mart, truth)
