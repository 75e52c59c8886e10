"""Rows of app_logs and server_logs, in the documented shapes."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.engine.calendar import instants
from models.simulation.engine.columns import chosen, constant, listed
from models.simulation.engine.draws import Draws, Ints, Keys
from models.simulation.parameters import DAY
from models.simulation.subjects.people.behaviour import People
from models.simulation.subjects.people.rows import user_ids

APP_MESSAGES = (  # type, message, weight
    ("sync_module", "Sync completed: 12.4 Mbps", 20),
    ("sync_module", "Sync skipped: average speed 0.9 Mbps", 5),
    ("sync_module", "Download interrupted: H01ENB_3.mp3", 3),
    ("billing", "Purchase initiated: h01enb", 6),
    ("billing", "Purchase validated: ai_credits_4000", 5),
    ("billing", "Validation failed: purchase not acknowledged and will be refunded", 1),
    ("authentication", "Signed in", 12),
    ("audio_playback", "Playback started: C99ENB 1", 20),
    ("ai_chat", "Recording sent", 8),
    ("error", "Unhandled exception in player", 3),
    ("user_action", "Opened shop", 14),
    ("user_report", "Audio Player Issue: it stops after a minute", 1),
    ("user_report", "Suggestions: more sleep courses please", 1),
    ("user_reports", "Billing Problems: charged twice?", 0.4),
    ("user_reports", "AI Voice Issues: too fast", 0.4),
    ("user_report", "Course Download Problems: stuck at 80 %", 0.5),
    ("user_report", "Other: thank you", 0.4),
)
SERVER_RUNS = (  # function, message, level, weight, median duration in ms
    ("handshake", "answered", "info", 50, 420),
    ("handshake", "cache hit", "debug", 12, 60),
    ("handshake", "manifest query timed out", "error", 1, 9_000),
    ("validate_purchase", "receipt valid", "info", 6, 800),
    ("validate_purchase", "receipt rejected by the store", "warn", 1, 900),
    ("validate_purchase_ai_credits", "bank raised", "info", 4, 700),
    ("generate_ai_token", "token issued", "info", 14, 90),
    ("submit-custom-course", "generate_audio", "info", 3, 15_000),
    ("submit-custom-course", "generate_scripts failed", "error", 0.5, 30_000),
    ("app_logs", "stored", "debug", 8, 40),
)
ENTRIES, RUNS = 2.0, 2.5


def entry_times(
    draws: Draws, people: People, *, name: str, mean: float, until: int
) -> tuple[Ints, Ints, Keys]:
    """(person, second, key) of log entries, dense after sign-up and thinning out."""
    counts = draws.poisson(f"{name} entries", people.key, mean=mean)
    user = np.repeat(np.arange(len(people)), counts)
    place = np.arange(len(user)) - np.repeat(np.cumsum(counts) - counts, counts)
    keys = draws.child_keys(name, people.key[user], counter=place)
    at = people.signup[user] + draws.exponential(f"{name} at", keys, mean=40.0 * DAY).astype(
        np.int64
    )
    here = at < until
    return user[here], at[here], keys[here]


def owners(draws: Draws, people: People, *, user: Ints, until: int) -> pl.Series:
    """Account ids; null where the account has been closed since."""
    ids = user_ids(draws, people.key[user])
    return chosen(people.closed[user] < until, yes=constant(None, len(user)), no=ids)


def app_logs(draws: Draws, people: People, *, until: int) -> pl.DataFrame:
    """app_logs: one overwritten sign-up row per person and what the client reports later."""
    user, at, keys = entry_times(draws, people, name="app log", mean=ENTRIES, until=until)
    kind = draws.pick("app kind", keys, weights=[m[2] for m in APP_MESSAGES])
    everyone = np.arange(len(people))
    users, size = np.concatenate([everyone, user]), len(people)
    types = pl.concat([constant("sign_up", size), listed([m[0] for m in APP_MESSAGES], kind)])
    texts = pl.concat(
        [
            constant("Sign-up confirmed, profile created", size),
            listed([m[1] for m in APP_MESSAGES], kind),
        ]
    )
    return pl.DataFrame(
        {
            "id": pl.concat([draws.uuids("sign-up log", people.key), draws.uuids("app log", keys)]),
            "user_id": owners(draws, people, user=users, until=until),
            "log_type": types,
            "message": texts,
            "origin": constant("app", len(users)),
            "created_at": instants(np.concatenate([people.signup - 60, at])),
            "updated_at": instants(np.concatenate([people.signup, at])),
        }
    )


def server_logs(draws: Draws, people: People, *, until: int) -> pl.DataFrame:
    """server_logs: runs of edge functions with level and duration."""
    user, at, keys = entry_times(draws, people, name="server log", mean=RUNS, until=until)
    kind = draws.pick("server kind", keys, weights=[r[3] for r in SERVER_RUNS])
    middle = np.array([r[4] for r in SERVER_RUNS])[kind]
    duration = middle * (0.4 + draws.exponential("duration", keys, mean=0.9))
    return pl.DataFrame(
        {
            "id": draws.uuids("server log", keys),
            "function_name": listed([r[0] for r in SERVER_RUNS], kind),
            "level": listed([r[2] for r in SERVER_RUNS], kind),
            "message": listed([r[1] for r in SERVER_RUNS], kind),
            "user_id": user_ids(draws, people.key[user]),
            "metadata": constant('{"region": "eu-1"}', len(user)),
            "duration_ms": duration.astype(np.int64),
            "created_at": instants(at),
        }
    )
