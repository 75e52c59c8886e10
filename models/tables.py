"""The 21 operational tables: columns, keys, policies, and what may leave PostgreSQL.

`policy` of a column: `keep` is extracted as it is, `secret` only as a keyed hash named
`<column>_hash`, `pii` never. `derived` columns are computed inside the remote query.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Policy = Literal["keep", "secret", "pii"]
Command = Literal["select", "insert", "update", "delete"]


@dataclass(frozen=True)
class Column:
    """A column as PostgreSQL declares it; `type` in the spelling of the contract (timestamptz)."""

    name: str
    type: str
    is_nullable: bool = False
    default: str | None = None
    policy: Policy = "keep"


@dataclass(frozen=True)
class Derived:
    """A column computed from personal data inside the remote query; `sql` is PostgreSQL."""

    name: str
    type: str
    sql: str


@dataclass(frozen=True)
class Table:
    """One operational table in schema public. `policies`: commands open to a row's own user;
    `server_set`: columns of an own row that only the server sets; `triggers`: what must fire."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...] = ()
    policies: tuple[Command, ...] = ()
    server_set: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    derived: tuple[Derived, ...] = ()
    no_history: str = ""

    @property
    def has_history(self) -> bool:
        """Whether every version seen is kept; where not, `no_history` says why."""
        return not self.no_history


APP_LOGS_DERIVED = (
    Derived(
        "issue_type",
        "text",
        """case when lower(log_type::text) in ('user_report', 'user_reports') then
            case lower(trim(split_part(message, ':', 1)))
                when 'audio player issue' then 'Audio Player Issue'
                when 'billing problems' then 'Billing Problems'
                when 'suggestions' then 'Suggestions'
                when 'course download problems' then 'Course Download Problems'
                when 'ai voice issues' then 'AI Voice Issues'
                else 'Other'
            end
        end""",
    ),
    Derived(
        "is_skipped_sync",
        "boolean",
        "coalesce(lower(log_type::text) = 'sync_module' and message ilike '%skipped%', false)",
    ),
    Derived(
        "is_failed_validation",
        "boolean",
        """coalesce(lower(log_type::text) = 'billing' and (message ilike '%validation failed%'
            or message ilike '%not acknowledged%'), false)""",
    ),
)

AUDIO_FILES = """case
    when json_typeof(data) <> 'object' then 0
    when json_typeof(data -> 'audio_files') = 'array' then json_array_length(data -> 'audio_files')
    when json_typeof(data -> 'audio_files') = 'object'
        then (select count(*)::integer from json_object_keys(data -> 'audio_files'))
    else 0
end"""

# `_<column>_digest` is the MD5 of a document as it was stored, null where that is not kept (jsonb).
DOCUMENT_FAULT = """case
    when json_typeof(data) <> 'object' then 'no object'
    when (
        select count(*) > count(distinct key) from json_object_keys(data) as keys (key)
    ) then 'a key repeats'
    when _data_digest <> lower(btrim(checksum)) then 'of another content'
end"""

CUSTOM_COURSES_DERIVED = (
    Derived("is_delivered", "boolean", f"({AUDIO_FILES}) > 0"),
    Derived("audio_files", "integer", AUDIO_FILES),
    Derived("document_fault", "text", DOCUMENT_FAULT),
)

TABLES: tuple[Table, ...] = (
    Table(
        "ai_credit_purchases",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("product_id", "text"),
            Column("purchase_id", "text"),
            Column("purchase_token", "text", policy="secret"),
            Column("source", "text"),
            Column("credits_amount", "integer"),
            Column("amount_paid", "numeric(12,4)", is_nullable=True),
            Column("currency", "text", is_nullable=True),
            Column("status", "text"),
            Column("transaction_date", "text"),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        policies=("select",),
    ),
    Table(
        "ai_usage",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("weekly_limit_credits", "integer"),
            Column("weekly_used_credits", "integer", default="0"),
            Column("weekly_reset_date", "timestamptz", is_nullable=True),
            Column("bank_limit_credits", "integer", default="0"),
            Column("bank_used_credits", "integer", default="0"),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        unique=(("user_id",),),
        policies=("select",),
    ),
    Table(
        "analytics",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("course_code", "text"),
            Column("voice", "text", is_nullable=True),
            Column("background", "text", is_nullable=True),
            Column("induction", "text", is_nullable=True),
            Column("deepening", "text", is_nullable=True),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        unique=(("user_id", "course_code"),),
        policies=("select",),
    ),
    Table(
        "app_logs",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid", is_nullable=True),
            Column("log_type", "text"),
            Column("message", "text", is_nullable=True, policy="pii"),
            Column("origin", "text", is_nullable=True, default="'app'"),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        policies=("insert",),
        derived=APP_LOGS_DERIVED,
    ),
    Table(
        "audio_usage",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("course_code", "text"),
            Column("audio_number", "text"),
            Column("title", "text", is_nullable=True),
            Column("no_of_plays", "integer", default="0"),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        unique=(("user_id", "course_code", "audio_number"),),
        policies=("select",),
    ),
    Table(
        "cached_handshake_responses",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("response", "json", policy="pii"),
            Column("checksum", "text", is_nullable=True),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        unique=(("user_id",),),
        no_history="a cache, derived from other tables",
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
        "course_purchases",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("course_code", "text"),
            Column("voice", "text", is_nullable=True),
            Column("product_id", "text", is_nullable=True),
            Column("purchase_id", "text", is_nullable=True),
            Column("purchase_token", "text", is_nullable=True, policy="secret"),
            Column("source", "text"),
            Column("status", "text"),
            Column("transaction_date", "text", is_nullable=True),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        policies=("select",),
    ),
    Table(
        "courses",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("course_code", "text"),
            Column("title", "text"),
            Column("description", "text", is_nullable=True),
            Column("price", "numeric(10,2)", is_nullable=True),
            Column("currency", "text", default="'USD'"),
            Column("audio", "json", is_nullable=True),
            Column("icon", "text", is_nullable=True),
            Column("workbooks", "json", is_nullable=True),
            Column("checksum", "text", is_nullable=True),
            Column("file_size_bytes", "integer", is_nullable=True),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        unique=(("course_code",),),
    ),
    Table(
        "custom_course_purchases",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("course_id", "uuid"),
            Column("purchase_id", "text"),
            Column("purchase_token", "text", policy="secret"),
            Column("source", "text"),
            Column("link_token", "text", policy="secret"),
            Column("is_submitted", "boolean", is_nullable=True, default="false"),
            Column("status", "text", is_nullable=True),
            Column("created_at", "timestamptz", is_nullable=True, default="now()"),
            Column("updated_at", "timestamptz", is_nullable=True, default="now()"),
        ),
        key=("id",),
        policies=("select",),
    ),
    Table(
        "custom_courses",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("course_code", "text"),
            Column("title", "text", policy="pii"),
            Column("description", "text", policy="pii"),
            Column("data", "json", policy="pii"),
            Column("checksum", "text"),
            Column("file_size_bytes", "integer"),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        derived=CUSTOM_COURSES_DERIVED,
    ),
    Table(
        "discount_codes",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("code", "text"),
            Column("product_type", "text"),
            Column("cohort_id", "uuid", is_nullable=True),
            Column("lifespan_days", "integer", default="7"),
            Column("expires_at", "timestamptz", is_nullable=True),
            Column("store_offer_id", "text", is_nullable=True),
            Column("product_suffix", "text", is_nullable=True),
            Column("parent_code", "text", is_nullable=True),
            Column("referrer_user_id", "uuid", is_nullable=True),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        unique=(("code",),),
    ),
    Table(
        "manifest_cohorts",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("manifest_id", "uuid"),
            Column("cohort_id", "uuid"),
            Column("created_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        unique=(("manifest_id", "cohort_id"),),
    ),
    Table(
        "master_manifests",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("file_name", "text"),
            Column("content", "json"),
            Column("checksum", "text"),
            Column("file_size_bytes", "integer", is_nullable=True),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        no_history="content files: large, and only the present one is served",
    ),
    Table(
        "referral_credits",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("referred_user_id", "uuid", is_nullable=True),
            Column("amount", "numeric(10,2)"),
            Column("source", "text"),
            Column("expires_at", "timestamptz", is_nullable=True),
            Column("used_at", "timestamptz", is_nullable=True),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        policies=("select",),
    ),
    Table(
        "server_logs",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("function_name", "text"),
            Column("level", "text"),
            Column("message", "text", is_nullable=True, policy="pii"),
            Column("user_id", "uuid", is_nullable=True),
            Column("metadata", "jsonb", is_nullable=True, policy="pii"),
            Column("duration_ms", "integer", is_nullable=True),
            Column("created_at", "timestamptz", default="now()"),
        ),
        key=("id",),
    ),
    Table(
        "subscription_events",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("subscription_id", "uuid", is_nullable=True),
            Column("event_type", "text"),
            Column("product_id", "text", is_nullable=True),
            Column("base_plan_id", "text", is_nullable=True),
            Column("offer_id", "text", is_nullable=True),
            Column("source", "text", is_nullable=True),
            Column("purchase_id", "text", is_nullable=True),
            Column("expires_at", "timestamptz", is_nullable=True),
            Column("details", "json", is_nullable=True, policy="pii"),
            Column("created_at", "timestamptz", default="now()"),
        ),
        key=("id",),
    ),
    Table(
        "subscriptions",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("plan", "text", default="'free'"),
            Column("expires_at", "timestamptz", is_nullable=True),
            Column("auto_renew", "boolean", default="false"),
            Column("purchase_token", "text", is_nullable=True, policy="secret"),
            Column("purchase_id", "text", is_nullable=True),
            Column("product_id", "text", is_nullable=True),
            Column("base_plan_id", "text", is_nullable=True),
            Column("offer_id", "text", is_nullable=True),
            Column("plan_title", "text", is_nullable=True),
            Column("plan_description", "text", is_nullable=True),
            Column("source", "text", is_nullable=True),
            Column("transaction_date", "text", is_nullable=True),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        unique=(("user_id",),),
        policies=("select",),
        triggers=("handle_premium_subscription_referral",),
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
    Table(
        "user_discounts",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("discount_code_id", "uuid"),
            Column("assigned_at", "timestamptz", default="now()"),
            Column("expires_at", "timestamptz"),
            Column("used_at", "timestamptz", is_nullable=True),
            Column("purchase_id", "text", is_nullable=True),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        unique=(("user_id", "discount_code_id"),),
        policies=("select",),
    ),
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
)

TABLES_BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}
