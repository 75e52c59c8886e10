"""How the app uses each operational table: who writes and reads it, when rows change, what it
cannot tell. The public documentation of the app says what is marked `sourced`; the rest is inferred
from it, from neighboring tables or from common practice, and a live database may differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Evidence = Literal["sourced", "inferred"]


@dataclass(frozen=True)
class Fact:
    """One sentence about a table and what it rests on."""

    text: str
    evidence: Evidence


@dataclass(frozen=True)
class Usage:
    """The usage context of one table. `sourced_columns`: those that the documentation names."""

    area: str
    written_by: tuple[Fact, ...]
    read_by: tuple[Fact, ...]
    changes: tuple[Fact, ...]
    cannot_tell: tuple[Fact, ...]
    sourced_columns: frozenset[str] = frozenset()


def sourced(text: str) -> tuple[Fact, ...]:
    """One sentence of the public documentation."""
    return (Fact(text, "sourced"),)


def inferred(text: str) -> tuple[Fact, ...]:
    """One sentence that is deduced."""
    return (Fact(text, "inferred"),)


PEOPLE = "Accounts and groups"
SUBSCRIPTIONS = "Subscriptions"
CREDITS = "AI credits"
COURSES = "Courses and custom audio"
DISCOUNTS = "Discounts and referrals"
CONTENT = "Content and sync"
LOGS = "Logs"
# Links that the app keeps by code and no foreign key enforces: table, column, table, column.
CONVENTIONS = (
    ("analytics", "course_code", "courses", "course_code"),
    ("audio_usage", "course_code", "courses", "course_code"),
    ("custom_courses", "course_code", "courses", "course_code"),
    ("user_profile", "referred_by_code", "user_profile", "referral_code"),
    ("user_profile", "referred_by_code", "discount_codes", "code"),
    ("user_profile", "referred_by_code", "cohorts", "code"),
)
# In the order in which the overview shows them.
AREAS = (PEOPLE, SUBSCRIPTIONS, CREDITS, COURSES, DISCOUNTS, CONTENT, LOGS)

HANDSHAKE = "The edge function handshake, at each sync"

USAGES: dict[str, Usage] = {
    "ai_credit_purchases": Usage(
        CREDITS,
        inferred("The edge function validate_purchase_ai_credits, once the store confirms a pack."),
        inferred("The duplicate test of that function; support."),
        inferred("Inserted once per store transaction; only the status changes later."),
        inferred("Whether a receipt is new: no unique key stands on tokens or order numbers.")
        + inferred("Refunds other than by status; whether the amount is net of store fees."),
        frozenset({"credits_amount", "transaction_date"}),
    ),
    "ai_usage": Usage(
        CREDITS,
        sourced("validate_purchase_ai_credits raises bank_limit_credits by the size of a pack.")
        + inferred("Who writes spending back is not documented; the handshake most likely does."),
        sourced("Returned by every handshake and by the validation of a pack."),
        sourced("The weekly counter returns to zero by itself at weekly_reset_date.")
        + inferred("One row per user, overwritten; only history.ai_usage knows earlier ones."),
        inferred("When a credit was used: consumption is the difference between two extractions."),
        frozenset({"user_id"}),
    ),
    "analytics": Usage(
        COURSES,
        inferred(f"{HANDSHAKE}, from the settings that the app sends."),
        sourced("The app shows a user's settings of the current course."),
        inferred("Overwritten at each handshake: one row per user and course."),
        inferred("What was played: despite its name the table holds settings, not events."),
    ),
    "app_logs": Usage(
        LOGS,
        sourced("The edge function app_logs; the sign-up flow inserts a row and later updates it."),
        inferred("Support and developers."),
        sourced("Mostly append-only; the sign-up row is overwritten when its state changes."),
        sourced("Users may switch logging off, so volume depends on consent; reports are kept.")
        + inferred("Severity: there is no level column. Client clocks may be off."),
        frozenset(
            {"id", "user_id", "log_type", "message", "origin", "created_at", "updated_at"}
        ),
    ),
    "audio_usage": Usage(
        COURSES,
        inferred(f"{HANDSHAKE}, from the play counts that the app sends."),
        inferred("The handshake, to hold counts against the device's own."),
        inferred("Counters rise; a reinstalled app may start again at zero."),
        inferred("When a track was played, and whether to its end."),
        frozenset({"user_id"}),
    ),
    "cached_handshake_responses": Usage(
        CONTENT,
        inferred("The edge function handshake, after it computed an answer."),
        sourced("The handshake, to answer later syncs in less time."),
        inferred("One row per user, replaced at each full handshake."),
        inferred("What a user is entitled to: the answer is derived and may be stale."),
        frozenset({"user_id"}),
    ),
    "cohorts": Usage(
        PEOPLE,
        inferred("Administrators."),
        inferred("The handshake, for splash screens, manifests and discounts."),
        inferred("Few rows, rarely changed."),
        inferred("Since when a partner's contract runs; the partner portal is another database."),
        frozenset({"code"}),
    ),
    "course_purchases": Usage(
        COURSES,
        inferred("The edge function validate_purchase, once the store confirms a course."),
        inferred("The handshake, to decide which courses a device holds."),
        inferred("Inserted on validation; a course may be held once per voice."),
        inferred("Whether money was paid: under premium a row may mean a filled slot."),
        frozenset({"user_id", "source", "transaction_date"}),
    ),
    "courses": Usage(
        COURSES,
        inferred("Administrators."),
        inferred("The shop manifest is made from it; the app reads that, not this table."),
        inferred("Changed when a course is published or its audio is revised."),
        sourced("Single courses are no longer sold; the price is an earlier list price."),
        frozenset({"course_code", "price", "audio", "icon", "workbooks"}),
    ),
    "custom_course_purchases": Usage(
        COURSES,
        sourced("validate_purchase inserts; submit-custom-course marks the row as submitted."),
        sourced("redirect-custom-course and verify_gen_link, which check the link."),
        sourced("Active and not submitted, then submitted once audio generation has begun.")
        + inferred("Any update of the row extends its 24-hour link, which counts from updated_at."),
        sourced("Who bought it, and at what price: there is no user, price or product column."),
        frozenset(
            {
                "id", "course_id", "purchase_id", "purchase_token", "source", "link_token",
                "is_submitted", "status", "created_at", "updated_at",
            }
        ),
    ),
    "custom_courses": Usage(
        COURSES,
        sourced("submit-custom-course starts generation; update_json appends audio files."),
        sourced("The handshake adds the course to the sync answer."),
        sourced("The document grows as audio arrives; checksum and size are then recomputed."),
        inferred("Whether a course was delivered: rows start as placeholders, so look into data.")
        + sourced("Which course it is by its code: nearly every row has the same code."),
        frozenset(
            {
                "id", "user_id", "course_code", "title", "description", "data", "checksum",
                "file_size_bytes", "created_at", "updated_at",
            }
        ),
    ),
    "discount_codes": Usage(
        DISCOUNTS,
        inferred("Administrators."),
        sourced("The handshake, to hand out discounts; validate_referral_code, before profiles."),
        inferred("Few rows; a code ends by its expiry."),
        inferred("What a discount is worth: the amount lives in the stores' offers."),
        frozenset({"code", "product_type", "lifespan_days", "expires_at"}),
    ),
    "manifest_cohorts": Usage(
        CONTENT,
        inferred("Administrators."),
        inferred("The handshake, to choose the manifests of a user's cohort."),
        inferred("Changed when content is targeted anew; earlier targets are not kept by the app."),
        inferred("Whether a manifest without a cohort goes to everyone or to nobody."),
        frozenset({"manifest_id", "cohort_id"}),
    ),
    "master_manifests": Usage(
        CONTENT,
        inferred("Administrators."),
        sourced("The handshake delivers name, checksum and content to the app."),
        inferred("Replaced when content changes; several versions of one file name may stand."),
        sourced("Whether the meaning changed: the checksum is of bytes, line ends included."),
        frozenset({"file_name"}),
    ),
    "referral_credits": Usage(
        DISCOUNTS,
        sourced("The database trigger handle_premium_subscription_referral awards the credit.")
        + inferred("The checkout of custom audio marks it as used."),
        inferred("The app, to show what a user has earned."),
        inferred("Created when the referred user first becomes premium; ends by use or expiry."),
        sourced("AI credits: a referral credit is money off custom audio.")
        + inferred("Partner payouts, which are paid outside the app."),
        frozenset({"user_id", "amount", "source", "expires_at"}),
    ),
    "server_logs": Usage(
        LOGS,
        inferred("All edge functions."),
        inferred("Developers, for debugging and monitoring."),
        inferred("Append-only; how long rows are kept is not documented."),
        inferred("What the client saw: app_logs is its counterpart. Text may hold personal data."),
    ),
    "subscription_events": Usage(
        SUBSCRIPTIONS,
        inferred("Whatever validates purchases and hears of renewals; no webhook is documented."),
        inferred("Audits; the app reads subscriptions instead."),
        inferred("Append-only: created, renewed, canceled, expired."),
        sourced("Refunds, pauses and changes of plan: four kinds of event are named.")
        + inferred("When the store acted: a row says when it was recorded, which may be later."),
        frozenset({"event_type"}),
    ),
    "subscriptions": Usage(
        SUBSCRIPTIONS,
        inferred("The edge function validate_purchase."),
        sourced("Returned by the handshake; a trigger on becoming premium awards the referrer."),
        inferred("One row per user, overwritten at each purchase, renewal, cancel and expiry."),
        inferred("Who subscribes: free users may have a row too. Earlier plans are in the events."),
        frozenset(
            {"user_id", "plan", "expires_at", "auto_renew", "purchase_token", "transaction_date"}
        ),
    ),
    "user_cohorts": Usage(
        PEOPLE,
        inferred("The sign-up with a partner's code; administrators."),
        inferred("The handshake, for discounts and targeted manifests."),
        sourced("One cohort per user.")
        + inferred("A reassignment overwrites the row, and with it the earlier attribution."),
        inferred("Earlier cohorts, unless an extraction has seen them."),
        frozenset({"user_id", "cohort_id"}),
    ),
    "user_discounts": Usage(
        DISCOUNTS,
        sourced("The handshake assigns a discount, once per user and code."),
        sourced("The app checks that a discount is neither used nor past its days."),
        sourced("Assigned, then valid for the code's days, then used or lapsed."),
        inferred("Interest: a code is assigned when the app is opened, so exposure follows use."),
        frozenset({"user_id", "discount_code_id"}),
    ),
    "user_profile": Usage(
        PEOPLE,
        sourced("The app, after the e-mail is confirmed; referral-code-user-signup adds a code."),
        sourced("The app; validate_referral_code looks up referral_code after discount_codes."),
        sourced("Created on confirmation; a repaired sign-up moves the profile to a new account."),
        inferred("The sign-up funnel: unconfirmed sign-ups stand only in auth.users and app_logs."),
        frozenset(
            {
                "user_id", "first_name", "last_name", "email", "phone_number", "country",
                "lead_source", "devices", "referral_code", "role", "created_at", "updated_at",
            }
        ),
    ),
}  # fmt: skip
