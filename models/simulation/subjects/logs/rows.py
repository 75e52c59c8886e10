"""Rows of app_logs and server_logs, in the documented shapes."""

from __future__ import annotations

import numpy as np
import polars as pl

from models.simulation.engine.calendar import instants
from models.simulation.engine.columns import chosen, frame_of, listed
from models.simulation.engine.draws import Ints, Keys, repeated
from models.simulation.parameters import DAY
from models.simulation.world import Batch

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
    ("sign_up", "Sign-up confirmed, profile created", 0),  # of everyone once
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


def entries(batch: Batch, name: str, *, mean: float) -> tuple[Ints, Ints, Keys]:
    """(person, second, key) of log entries, dense after sign-up and thinning out."""
    draws, people = batch.draws, batch.people
    user, place = repeated(draws.poisson(f"{name} entries", people.key, mean=mean))
    keys = draws.child_keys(name, people.key[user], counter=place)
    at = people.signup[user] + draws.wait(f"{name} at", keys, mean=40.0 * DAY)
    here = at < batch.until
    return user[here], at[here], keys[here]


def app_logs(batch: Batch) -> pl.DataFrame:
    """app_logs: one overwritten sign-up row per person and what the client reports later; null
    where the account has been closed since."""
    draws, people = batch.draws, batch.people
    user, at, keys = entries(batch, "app log", mean=ENTRIES)
    reported = draws.pick("app kind", keys, weights=[m[2] for m in APP_MESSAGES])
    kind = np.concatenate([np.full(len(people), len(APP_MESSAGES) - 1), reported])
    users = np.concatenate([np.arange(len(people)), user])
    return frame_of(
        id=pl.concat([draws.uuids("sign-up log", people.key), draws.uuids("app log", keys)]),
        user_id=chosen(people.closed[users] >= batch.until, yes=batch.ids(users)),
        log_type=listed([m[0] for m in APP_MESSAGES], kind),
        message=listed([m[1] for m in APP_MESSAGES], kind),
        origin="app",
        created_at=instants(np.concatenate([people.signup - 60, at])),
        updated_at=instants(np.concatenate([people.signup, at])),
    )


def server_logs(batch: Batch) -> pl.DataFrame:
    """server_logs: runs of edge functions with level and duration."""
    draws = batch.draws
    user, at, keys = entries(batch, "server log", mean=RUNS)
    kind = draws.pick("server kind", keys, weights=[r[3] for r in SERVER_RUNS])
    middle = np.array([r[4] for r in SERVER_RUNS])[kind]
    duration = middle * (0.4 + draws.exponential("duration", keys, mean=0.9))
    return frame_of(
        id=draws.uuids("server log", keys),
        function_name=listed([r[0] for r in SERVER_RUNS], kind),
        level=listed([r[2] for r in SERVER_RUNS], kind),
        message=listed([r[1] for r in SERVER_RUNS], kind),
        user_id=batch.ids(user),
        metadata='{"region": "eu-1"}',
        duration_ms=duration.astype(np.int64),
        created_at=instants(at),
    )
