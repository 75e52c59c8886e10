"""What people do in the app, and what app and server log."""

from __future__ import annotations

from models.tables.contract import Column, Derived, Table
from models.tables.usage import HANDSHAKE, Area, Usage, inferred, sourced

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

ACTIVITY = (
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
        usage=Usage(
            Area.COURSES,
            inferred(f"{HANDSHAKE}, from the settings that the app sends."),
            sourced("The app shows a user's settings of the current course."),
            inferred("Overwritten at each handshake: one row per user and course."),
            inferred("What was played: despite its name the table holds settings, not events."),
        ),
    ),
    Table(
        "audio_usage",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("course_code", "text"),
            Column("audio_number", "text"),
            Column("title", "text", is_nullable=True, erased="null"),
            Column("no_of_plays", "integer", default="0", is_summed=True),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        unique=(("user_id", "course_code", "audio_number"),),
        policies=("select",),
        usage=Usage(
            Area.COURSES,
            inferred(f"{HANDSHAKE}, from the play counts that the app sends."),
            inferred("The handshake, to hold counts against the device's own."),
            inferred("Counters rise; a reinstalled app may start again at zero."),
            inferred("When a track was played, and whether to its end."),
            frozenset({"user_id"}),
        ),
    ),
    Table(
        "cached_handshake_responses",
        columns=(
            Column("id", "uuid", default="gen_random_uuid()"),
            Column("user_id", "uuid"),
            Column("response", "json", policy="pii"),
            Column("checksum", "text", is_nullable=True, erased="md5(user_id::VARCHAR)"),
            Column("created_at", "timestamptz", default="now()"),
            Column("updated_at", "timestamptz", default="now()"),
        ),
        key=("id",),
        unique=(("user_id",),),
        no_history="a cache, derived from other tables",
        usage=Usage(
            Area.CONTENT,
            inferred("The edge function handshake, after it computed an answer."),
            sourced("The handshake, to answer later syncs in less time."),
            inferred("One row per user, replaced at each full handshake."),
            inferred("What a user is entitled to: the answer is derived and may be stale."),
            frozenset({"user_id"}),
        ),
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
        usage=Usage(
            Area.LOGS,
            sourced(
                "The edge function app_logs; the sign-up flow inserts a row and later updates it."
            ),
            inferred("Support and developers."),
            sourced("Mostly append-only; the sign-up row is overwritten when its state changes."),
            sourced("Users may switch logging off, so volume depends on consent; reports are kept.")
            + inferred("Severity: there is no level column. Client clocks may be off."),
            frozenset(
                {"id", "user_id", "log_type", "message", "origin", "created_at", "updated_at"}
            ),
        ),
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
        usage=Usage(
            Area.LOGS,
            inferred("All edge functions."),
            inferred("Developers, for debugging and monitoring."),
            inferred("Append-only; how long rows are kept is not documented."),
            inferred(
                "What the client saw: app_logs is its counterpart. Text may hold personal data."
            ),
        ),
    ),
)
