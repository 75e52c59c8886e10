"""What the app knows of people: profiles, cohorts."""

from __future__ import annotations

from models.tables.contract import Column, Table
from models.tables.usage import Area, Usage, inferred, sourced

PEOPLE = (
    Table(
        "user_profile",
        columns=(
            Column("user_id", "uuid"),
            Column("first_name", "text", is_nullable=True, policy="pii"),
            Column("last_name", "text", is_nullable=True, policy="pii"),
            Column("email", "text", policy="pii"),
            Column("phone_number", "text", is_nullable=True, policy="pii"),
            Column("country", "text", is_nullable=True),
            Column("lead_source", "text", is_nullable=True),
            Column("devices", "json", is_nullable=True, policy="pii"),
            Column("referral_code", "text", is_nullable=True),
            Column("referred_by_code", "text", is_nullable=True),
            Column("role", "text", default="'user'"),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("user_id",),
        unique=(("referral_code",),),
        policies=("select", "insert", "update"),
        server_set=("role", "referral_code", "referred_by_code", "created_at"),
        triggers=("refuse_server_set_columns",),
        usage=Usage(
            Area.PEOPLE,
            sourced(
                "The app, after the e-mail is confirmed; referral-code-user-signup adds a code."
            ),
            sourced("The app; validate_referral_code looks up referral_code after discount_codes."),
            sourced(
                "Created on confirmation; a repaired sign-up moves the profile to a new account."
            ),
            inferred(
                "The sign-up funnel: unconfirmed sign-ups stand only in auth.users and app_logs."
            ),
            frozenset(
                {
                    "user_id",
                    "first_name",
                    "last_name",
                    "email",
                    "phone_number",
                    "country",
                    "lead_source",
                    "devices",
                    "referral_code",
                    "role",
                    "created_at",
                    "updated_at",
                }
            ),
        ),
    ),
    Table(
        "cohorts",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("code", "text"),
            Column("name", "text", is_nullable=True),
            Column("cohort_type", "text"),
            Column("description", "text", is_nullable=True),
            Column("splash_screen_url", "text", is_nullable=True),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        unique=(("code",),),
        usage=Usage(
            Area.PEOPLE,
            inferred("Administrators."),
            inferred("The handshake, for splash screens, manifests and discounts."),
            inferred("Few rows, rarely changed."),
            inferred(
                "Since when a partner's contract runs; the partner portal is another database."
            ),
            frozenset({"code"}),
        ),
    ),
    Table(
        "user_cohorts",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("cohort_id", "uuid"),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        unique=(("user_id",),),
        policies=("select",),
        usage=Usage(
            Area.PEOPLE,
            inferred("The sign-up with a partner's code; administrators."),
            inferred("The handshake, for discounts and targeted manifests."),
            sourced("One cohort per user.")
            + inferred("A reassignment overwrites the row, and with it the earlier attribution."),
            inferred("Earlier cohorts, unless an extraction has seen them."),
            frozenset({"user_id", "cohort_id"}),
        ),
    ),
)
