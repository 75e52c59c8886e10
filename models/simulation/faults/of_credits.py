"""Faults of counters: balances that do not match, resets in the past, plays that fall."""

from __future__ import annotations

from models.simulation.faults.plot import Plot, Victim, fault, moment, typical_fault, unseen
from models.simulation.faults.stories import pack
from models.simulation.parameters import DAY

USAGE = "ai_usage"


def changed_usage(plot: Plot, **values: object) -> None:
    """One user's balance, changed."""
    victim = plot.victim()
    plot.change(USAGE, victim.user_id, updated_at=moment(victim.at(1)), **values)
    plot.plant(USAGE, victim.usage_id, victim.user_id)


@typical_fault
def bank_without_pack(plot: Plot) -> None:
    """Credits in the bank that no pack explains."""
    changed_usage(plot, bank_limit_credits=2_500)


@fault
def bank_below_packs(plot: Plot) -> None:
    """A pack that never reached the bank."""
    victim = plot.victim()
    pack(plot, victim, 1, "only")
    plot.change(USAGE, victim.user_id, bank_limit_credits=0)
    plot.plant(USAGE, victim.usage_id, victim.user_id)


@fault
def weekly_used_above_limit(plot: Plot) -> None:
    """More used than the week allowed, by far more than a turn."""
    changed_usage(plot, weekly_limit_credits=600, weekly_used_credits=25_000)


@fault
def bank_used_above_limit(plot: Plot) -> None:
    """More used than was ever bought."""
    changed_usage(plot, bank_limit_credits=0, bank_used_credits=9_000)


@fault
def reset_in_the_past(plot: Plot) -> None:
    """A next reset that passed long ago."""
    changed_usage(plot, weekly_reset_date=moment(plot.opened - 200 * DAY))


@fault
def reset_missing(plot: Plot) -> None:
    """An allowance without a next reset."""
    changed_usage(plot, weekly_limit_credits=600, weekly_reset_date=None)


@fault
def bank_counter_fell(plot: Plot) -> None:
    """A bank total that was 500 used and is 20 from the first day after the opening."""
    changed_usage(
        plot,
        bank_limit_credits=5_000,
        bank_used_credits=500 if plot.until <= plot.opened else 20,
    )


def plays(
    plot: Plot, victim: Victim, course: str, track: int, count: int, changed_at: int, *, lived: int
) -> None:
    """A play counter of a track that only this fault has; `lived` plays are its truth."""
    row = plot.add(
        "audio_usage",
        {
            "id": plot.new_id(),
            "user_id": victim.user_id,
            "course_code": course,
            "audio_number": str(track),
            "title": None,
            "no_of_plays": count,
            "created_at": moment(victim.at(0)),
            "updated_at": moment(changed_at or victim.at(3)),
        },
    )
    plot.tell(
        "listening",
        user_id=victim.user_id,
        course_code=course,
        audio_number=str(track),
        plays=lived,
        counter_reset_at=moment(changed_at) if changed_at else None,
    )
    plot.plant("audio_usage", row["id"], victim.user_id)


@typical_fault
def plays_counter_fell(plot: Plot) -> None:
    """40 plays of each of five tracks that are 2 from the day after the opening: a reinstall."""
    victim, fell = plot.victim(), plot.until > plot.opened
    reset = plot.opened + 60 if fell else 0
    for track in range(1, 6):
        plays(plot, victim, "H23ENB", track, 2 if fell else 40, reset, lived=42 if fell else 40)


@fault
def plays_negative(plot: Plot) -> None:
    """A play counter below zero."""
    plays(plot, plot.victim(), "C14ENB", 1, -3, 0, lived=0)


@unseen("A refund is no fault; what it claws back of used credits is the next lot's debt.")
@fault
def refund_of_used_credits(plot: Plot) -> None:
    """A pack of which 3,000 credits are used on the day after the opening, refunded two days later
    with the bank, and another pack half a day after."""
    victim, opened = plot.victim(), plot.opened
    used, refunded, again = opened + DAY // 2, opened + 5 * DAY // 2, opened + 3 * DAY
    first = pack(plot, victim, 1, "first")
    lot = plot.truth["credit_lots"][-1]
    if plot.until > used:
        lot |= {"consumed_credits": 3_000, "remaining_credits": 1_000}
        plot.tell(
            "credits_daily",
            user_id=victim.user_id,
            date=moment(used).date(),
            weekly_credits=0,
            bank_credits=3_000,
        )
        plot.change(USAGE, victim.user_id, bank_used_credits=3_000, updated_at=moment(used))
    if plot.until > refunded:
        at = moment(refunded)
        first |= {"status": "refunded", "updated_at": at}
        plot.truth["receipts"][-1]["refunded_at"] = at
        lot |= {"refunded_at": at, "revoked_credits": 1_000, "remaining_credits": 0}
        plot.change(USAGE, victim.user_id, bank_limit_credits=0, updated_at=at)
    if plot.until > again:
        pack(plot, victim, (again - victim.at(0)) / DAY, "second")
        plot.truth["credit_lots"][-1] |= {"debt_credits": 3_000, "remaining_credits": 1_000}
    plot.plant(USAGE, victim.usage_id, victim.user_id)
