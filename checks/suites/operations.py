"""Logs, content files, roles: what the app and its server report, each row by itself."""

from __future__ import annotations

from checks.suites.rule import Rule, Suite

LOG_TYPES = (
    "sync_module",
    "billing",
    "authentication",
    "audio_playback",
    "ai_chat",
    "error",
    "user_action",
    "user_report",
    "user_reports",
    "sign_up",
)

SUITE = Suite(
    "operations",
    "engagement_and_operations",
    (
        Rule(
            "log_type_known",
            "client_logs",
            "log_type",
            "raw/app_logs",
            "The log entry's type is none of the documented ones",
            known=LOG_TYPES,
        ),
        Rule(
            "client_clock_right",
            "client_logs",
            "clock",
            "raw/app_logs",
            "The phone dated its entry later than the extraction that read it",
            known=("right",),
        ),
        Rule(
            "log_level_known",
            "server_logs",
            "level",
            "raw/server_logs",
            "The level of the server's entry is none of the documented ones",
            known=("debug", "info", "warn", "error"),
        ),
        Rule(
            "role_known",
            "accounts",
            "role",
            "raw/user_profile",
            "The role is none of the contract's: the account counts as a customer's",
            known=("user", "tester", "admin"),
        ),
        Rule(
            "plays_not_negative",
            "plays",
            "no_of_plays",
            "raw/audio_usage",
            "The play counter is below zero",
            minimum=0,
        ),
        Rule(
            "custom_course_checksum",
            "custom_courses",
            "checksum",
            "raw/custom_courses",
            "The course and its checksum disagree",
            known=("right",),
            shows_value=True,
        ),
        Rule(
            "custom_course_document",
            "custom_courses",
            "document",
            "raw/custom_courses",
            "The course's document is not what the app can read",
            known=("sound",),
            shows_value=True,
        ),
        Rule(
            "manifest_checksum",
            "manifests",
            "checksum",
            "raw/master_manifests",
            "The file and its checksum disagree",
            known=("right",),
            shows_value=True,
        ),
        Rule(
            "manifest_content",
            "manifests",
            "content",
            "raw/master_manifests",
            "The file's content is not what the app can read",
            known=("sound",),
            shows_value=True,
        ),
        Rule(
            "course_documents",
            "courses",
            "documents",
            "raw/courses",
            "The course's audio or workbooks have a wrong shape",
            known=("sound",),
            shows_value=True,
        ),
    ),
)
