"""What the app knows of people: profiles, cohorts."""

from __future__ import annotations

from models.tables.contract import Column, Table

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
    ),
)
