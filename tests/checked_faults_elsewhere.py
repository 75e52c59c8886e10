"""More faults to plant: credits, referrals, discounts, operations."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from tests.checked_faults import PACKS, PROFILES, Finding, plant
from tests.checked_rows import AS_OF, HEX, STARTED, Rows

USAGE, REWARDS = "ai_usage", "referral_credits"


def usage_of(rows: Rows, user: UUID) -> UUID:
    """Key of the user's balance."""
    return next(row["id"] for row in rows.raw[USAGE] if row["user_id"] == user)


@plant
def bank_without_packs(rows: Rows, number: int) -> list[Finding]:
    """2,000 credits from nowhere; 4,000 of a pack that never arrived. At 2.95 for 4,000."""
    gift, loss = rows.user(number), rows.user(number + 1)
    rows.change(USAGE, gift, bank_limit_credits=2000)
    rows.pack(loss, "lost", bank=0)
    return [
        ("unexplained_credits", USAGE, usage_of(rows, gift), "1.475"),
        ("unexplained_credits", USAGE, usage_of(rows, loss), "2.95"),
    ]


@plant
def packs_refunded(rows: Rows, number: int) -> list[Finding]:
    """No fault of balances: one bank keeps a refunded pack, one takes it back; a tester's."""
    keeper, taker, tester = (rows.user(number + step) for step in range(3))
    for user, name in ((keeper, "kept"), (taker, "taken")):
        rows.pack(user, name, status="refunded", updated_at=datetime(2026, 10, 12))
    rows.change(USAGE, keeper, bank_limit_credits=4000)
    rows.change(USAGE, taker, bank_used_credits=3000, updated_at=datetime(2026, 10, 12))
    rows.seen_before(USAGE, taker, bank_limit_credits=4000, updated_at=datetime(2026, 10, 8))
    rows.change(PROFILES, tester, role="tester")
    rows.pack(tester, "sandbox")
    return []


@plant
def a_replay_that_reached_the_bank(rows: Rows, number: int) -> list[Finding]:
    """Another's token, and its credits arrived all the same: the money is at stake once."""
    rows.pack(rows.user(number), "lent")
    borrower = rows.user(number + 1)
    again = rows.pack(borrower, "borrowed", purchase_token_hash="hash-lent",
                      at=datetime(2026, 10, 2))  # fmt: skip
    return [
        ("replayed", PACKS, again, "2.95"),
        ("unexplained_credits", USAGE, usage_of(rows, borrower), "0"),
    ]


@plant
def lots_without_their_bank(rows: Rows, number: int) -> list[Finding]:
    """400 were used of a pack, and the bank's counter says 0 again: 400 * 2.95 / 4000."""
    user = rows.user(number)
    rows.pack(user, "restored")
    rows.change(USAGE, user, updated_at=datetime(2026, 10, 30))
    rows.seen_before(USAGE, user, bank_used_credits=400, updated_at=datetime(2026, 10, 10))
    balance = usage_of(rows, user)
    return [
        ("bank_counter_falls", USAGE, balance, "0"),
        ("lots_differ_from_bank", USAGE, balance, "0.295"),
    ]


@plant
def balances_at_fault(rows: Rows, number: int) -> list[Finding]:
    """Below zero, above the allowance, above the bank, no reset, a reset long ago."""
    users = [rows.user(number + step) for step in range(5)]
    rows.change(USAGE, users[0], weekly_used_credits=-1)
    rows.change(USAGE, users[1], weekly_limit_credits=600, weekly_used_credits=841)
    rows.change(USAGE, users[2], bank_used_credits=241)
    rows.change(USAGE, users[3], weekly_limit_credits=600, weekly_reset_date=None)
    rows.change(USAGE, users[4], weekly_reset_date=AS_OF - timedelta(days=8))
    names = ("balance_not_negative", "weekly_used_within_limit", "bank_used_within_limit",
             "reset_date_ahead", "reset_date_ahead")  # fmt: skip
    return [
        (name, USAGE, usage_of(rows, user), None) for name, user in zip(names, users, strict=True)
    ]


@plant
def one_turn_too_long(rows: Rows, number: int) -> list[Finding]:
    """No fault: a started turn of 240 s overshoots both limits; used up before premium ended."""
    user, leaver = rows.user(number), rows.user(number + 1)
    rows.change(USAGE, user, weekly_limit_credits=600, weekly_used_credits=840)
    rows.change(USAGE, user, bank_used_credits=240)
    rows.change(USAGE, leaver, weekly_used_credits=9000)
    rows.change("subscriptions", leaver, expires_at=datetime(2026, 10, 30))
    return []


@plant
def counters_that_fall(rows: Rows, number: int) -> list[Finding]:
    """The bank counter fell by 300, the play counter by 7."""
    user = rows.user(number)
    rows.change(USAGE, user, bank_used_credits=0)
    rows.seen_before(USAGE, user, bank_used_credits=300)
    plays = rows.add("audio_usage", user_id=user, course_code="H01ENB", audio_number="1",
                     no_of_plays=2)  # fmt: skip
    rows.seen_before("audio_usage", plays, no_of_plays=9)
    below = rows.add("audio_usage", user_id=user, course_code="H01ENB", audio_number="2",
                     no_of_plays=-1)  # fmt: skip
    return [
        ("bank_counter_falls", USAGE, usage_of(rows, user), "0"),
        ("play_counter_falls", "audio_usage", plays, "0"),
        ("plays_not_negative", "audio_usage", below, None),
    ]


def premium(rows: Rows, number: int, code: str | None) -> UUID:
    """A user who came by a code and paid for a month."""
    user = rows.user(number, plan="premium", referred_by_code=code)
    rows.event(user, "created", datetime(2026, 10, 10, 8))
    return user


def reward(rows: Rows, owner: UUID, referred: UUID | None, amount: str = "1.00") -> UUID:
    """A referral credit."""
    return rows.add(REWARDS, user_id=owner, referred_user_id=referred, amount=Decimal(amount),
                    source="user_referral", created_at=datetime(2026, 10, 10, 8))  # fmt: skip


@plant
def rewards_at_fault(rows: Rows, number: int) -> list[Finding]:
    """Missing, double, without premium, for nobody, of another amount, to another user."""
    owner, other = rows.user(number), rows.user(number + 1)
    code = f"U{number:06d}"
    unpaid = premium(rows, number + 2, code)
    doubled = premium(rows, number + 3, code)
    reward(rows, owner, doubled)
    second = reward(rows, owner, doubled)
    free = rows.user(number + 4, referred_by_code=code)
    early = reward(rows, owner, free)
    nobody = reward(rows, owner, other)
    high = reward(rows, owner, premium(rows, number + 5, code), "5.00")
    unlucky = premium(rows, number + 6, code)
    astray = reward(rows, other, unlucky)
    return [
        ("reward_missing", PROFILES, unpaid, "1.00"),
        ("reward_missing", PROFILES, unlucky, "1.00"),
        ("reward_duplicate", REWARDS, second, "1.00"),
        ("reward_ineligible", REWARDS, early, "1.00"),
        ("reward_without_referral", REWARDS, nobody, "1.00"),
        ("reward_not_as_expected", REWARDS, high, "5.00"),
        ("reward_not_as_expected", REWARDS, astray, "1.00"),
    ]


@plant
def rewards_badly_used(rows: Rows, number: int) -> list[Finding]:
    """Of no value, and used after its end."""
    owner = rows.user(number)
    code = f"U{number:06d}"
    nothing = reward(rows, owner, rows.user(number + 1, referred_by_code=code), "0.00")
    late = reward(rows, owner, premium(rows, number + 2, code))
    rows.change(REWARDS, late, expires_at=datetime(2026, 10, 20), used_at=datetime(2026, 10, 21))
    return [
        ("reward_amount_positive", REWARDS, nothing, None),
        ("reward_ineligible", REWARDS, nothing, "0"),
        ("reward_used_in_time", REWARDS, late, None),
    ]


@plant
def referrals_at_fault(rows: Rows, number: int) -> list[Finding]:
    """By oneself, in a ring of two, by nobody's code; a code of another shape."""
    alone = rows.user(number, referred_by_code=f"U{number:06d}")
    first = rows.user(number + 1, referred_by_code=f"u{number + 2:06d} ")
    second = rows.user(number + 2, referred_by_code=f"U{number + 1:06d}")
    lost = rows.user(number + 3, referred_by_code="UNOBODY")
    odd = rows.user(number + 4)
    rows.change(PROFILES, odd, referral_code="MINE")
    return [
        ("self_referral", PROFILES, alone, "0"),
        ("referral_cycle", PROFILES, first, "0"),
        ("referral_cycle", PROFILES, second, "0"),
        ("unknown_code", PROFILES, lost, "0"),
        ("referral_code_shape", PROFILES, odd, None),
    ]


@plant
def discounts_at_fault(rows: Rows, number: int) -> list[Finding]:
    """Used late; of a cohort in which the user never was; codes and cohorts of unknown kinds."""
    user, mover = rows.user(number), rows.user(number + 1)
    cohort = rows.add("cohorts", code="IOTHER1", cohort_type="club")
    later = rows.add("cohorts", code="IOTHER2", cohort_type="partner")
    code = rows.add("discount_codes", code="CCF02", product_type="custom_audio", lifespan_days=7)
    theirs = rows.add("discount_codes", code="SBF03", product_type="travel", cohort_id=cohort,
                      lifespan_days=7)  # fmt: skip
    times = {"assigned_at": STARTED, "expires_at": STARTED + timedelta(days=7)}
    used_at = STARTED + timedelta(days=9)
    late = rows.add("user_discounts", user_id=user, discount_code_id=code, used_at=used_at, **times)
    foreign = rows.add("user_discounts", user_id=user, discount_code_id=theirs, **times)
    moved = rows.add("user_cohorts", user_id=mover, cohort_id=later)
    rows.seen_before("user_cohorts", moved, cohort_id=cohort)
    rows.add("user_discounts", user_id=mover, discount_code_id=theirs, **times)
    return [
        ("discount_used_in_time", "user_discounts", late, None),
        ("discount_of_another_cohort", "user_discounts", foreign, None),
        ("cohort_type_known", "cohorts", cohort, None),
        ("discount_product_known", "discount_codes", theirs, None),
        ("cohort_reassigned", "user_cohorts", moved, "0"),
    ]


@plant
def documents_at_fault(rows: Rows, number: int) -> list[Finding]:
    """Manifests whose digest or content is wrong, a course's list that is none, odd digests."""
    text = '{"a": 1}'
    content = {"file_name": "ads.json", "content": text}
    malformed = rows.add("master_manifests", **content, checksum="abc")
    other = rows.add("master_manifests", **content, checksum=HEX)
    plain = rows.add("master_manifests", file_name="shop.json", content='"text"',
                     checksum="7bb4d4d8a1a6c8d4d9ee3a1bbad81a2c")  # fmt: skip
    equal = rows.add("master_manifests", file_name="FAQs.json", content='{"a": 1, "a": 2}',
                     checksum="00")  # fmt: skip
    course = rows.add("courses", course_code="H02ENB", title="Quit", currency="USD", audio='"x"')
    return [
        ("manifest_checksum", "master_manifests", malformed, None),
        ("manifest_checksum", "master_manifests", other, None),
        ("manifest_checksum", "master_manifests", plain, None),
        ("manifest_checksum", "master_manifests", equal, None),
        ("manifest_content", "master_manifests", plain, None),
        ("manifest_content", "master_manifests", equal, None),
        ("course_documents", "courses", course, None),
    ]


@plant
def custom_courses_at_fault(rows: Rows, number: int) -> list[Finding]:
    """A placeholder after two months, digests and documents that are wrong, one link twice."""
    user = rows.user(number)
    owed = rows.custom_audio(user, "owed", is_delivered=False)
    rows.custom_audio(user, "soon", is_delivered=False, created_at=AS_OF - timedelta(days=2))
    first = rows.custom_audio(user, "link-a", link_token_hash="same")
    second = rows.custom_audio(user, "link-b", link_token_hash="same")
    rows.custom_audio(user, "form not sent", is_delivered=False, is_submitted=False)
    faults = {"checksum": "pending", "document_fault": "of another content"}
    checksums = []
    for place, (column, value) in enumerate(faults.items()):
        rows.custom_audio(user, f"digest-{place}")
        course = rows.raw["custom_courses"][-1]
        course[column] = value
        checksums.append(("custom_course_checksum", "custom_courses", course["id"], None))
    documents = []
    for place, value in enumerate(("no object", "a key repeats")):
        rows.custom_audio(user, f"document-{place}")
        course = rows.raw["custom_courses"][-1]
        course["document_fault"] = value
        documents.append(("custom_course_document", "custom_courses", course["id"], None))
    bought = "custom_course_purchases"
    return [
        ("placeholder_course", bought, owed, "8.95"),
        ("link_token_repeated", bought, first, "8.95"),
        ("link_token_repeated", bought, second, "8.95"),
        *checksums,
        *documents,
    ]


@plant
def rows_of_nobody(rows: Rows, number: int) -> list[Finding]:
    """What a user left behind whose profile now has another id; a log entry needs no profile."""
    user = UUID(int=number)
    pack = rows.pack(user, "orphan", bank=0)
    plays = rows.add("audio_usage", user_id=user, course_code="H01ENB", audio_number="1",
                     no_of_plays=1)  # fmt: skip
    rows.add("app_logs", user_id=user, log_type="sign_up", is_skipped_sync=False,
             is_failed_validation=False)  # fmt: skip
    return [
        ("orphaned_row", PACKS, pack, "2.95"),
        ("orphaned_row", "audio_usage", plays, None),
    ]


@plant
def logs_at_fault(rows: Rows, number: int) -> list[Finding]:
    """A type spelt otherwise, a phone ahead of time, a level and a role that nobody knows."""
    flags = {"is_skipped_sync": False, "is_failed_validation": False}
    spelt = rows.add("app_logs", log_type="userreport", **flags)
    ahead = AS_OF + timedelta(minutes=6)
    clock = rows.add("app_logs", log_type="billing", created_at=ahead, **flags)
    rows.add("app_logs", log_type="billing", created_at=AS_OF + timedelta(minutes=4), **flags)
    level = rows.add("server_logs", function_name="handshake", level="fatal")
    boss = rows.user(number)
    rows.change(PROFILES, boss, role="boss")
    return [
        ("log_type_known", "app_logs", spelt, None),
        ("client_clock_right", "app_logs", clock, None),
        ("log_level_known", "server_logs", level, None),
        ("role_known", PROFILES, boss, None),
    ]


@plant
def keys_that_differ_in_blanks(rows: Rows, number: int) -> list[Finding]:
    """Of each table whose key holds text, two rows that trimming makes one."""
    user, other = rows.user(number), rows.user(number + 1)
    rows.change(PROFILES, other, referral_code=f"U{number:06d} ")
    course = {"title": "Twice", "currency": "USD", "audio": "[]"}
    twins: list[tuple[str, UUID]] = [(PROFILES, user), (PROFILES, other)]
    for table, values in (
        ("analytics", {"user_id": user, "course_code": "H77ENB", "voice": "Female"}),
        ("audio_usage", {"user_id": user, "course_code": "H77ENB", "audio_number": "1",
                         "no_of_plays": 5}),
        ("cohorts", {"code": "ITWICEX", "cohort_type": "institution"}),
        ("courses", {"course_code": "H77ENB", **course}),
        ("discount_codes", {"code": "TWICE", "product_type": "ai_credits", "lifespan_days": 7}),
    ):  # fmt: skip
        key = "code" if "code" in values else "course_code"
        for spelling in (values[key], f"{values[key]} "):
            twins.append((table, rows.add(table, **{**values, key: spelling})))
    return [("same_but_for_blanks", table, key, "0") for table, key in twins]
