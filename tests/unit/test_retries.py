"""What can pass is tried again, what cannot is not, and nothing while somebody waits for it."""

import threading
from contextlib import ExitStack
from pathlib import Path

import dagster as dg
import psycopg
import pytest

from models.drift import compare_schema
from models.errors import SourceChanged, SourceUnavailable, SourceUnavailableNow, WarehouseLocked
from pipelines.orchestration.defs import retries
from pipelines.orchestration.defs.resources import _lock
from pipelines.orchestration.defs.retries import AT_TERMINAL, tried_again
from tests.unit.test_lock import holder


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "WAITS", (0.01, 0.01, 0.01))


def tries(error: Exception, *, failing: int, **tags: str) -> tuple[int, dg.ExecuteInProcessResult]:
    """How often an asset is tried that fails a number of times, and its run."""
    begun = []

    @dg.asset
    def one(context: dg.AssetExecutionContext) -> None:
        begun.append(context.retry_number)
        with tried_again(context):
            if len(begun) <= failing:
                raise error

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([one], instance=instance, raise_on_error=False, tags=tags)
    return len(begun), result


def test_what_can_pass_is_tried_again_until_it_has_passed() -> None:
    count, result = tries(SourceUnavailableNow("Nobody answers."), failing=2)
    assert (count, result.success) == (3, True)


def test_what_does_not_pass_fails_after_the_last_wait_with_its_own_sentence() -> None:
    count, result = tries(SourceUnavailableNow("Nobody answers."), failing=9)
    (failure,) = result.get_step_failure_events()
    assert (count, result.success) == (4, False)
    assert "Nobody answers." in str(failure.step_failure_data.error)


@pytest.mark.parametrize("error", [SourceChanged("A column is gone."), ValueError("a fault")])
def test_what_cannot_pass_is_tried_once(error: Exception) -> None:
    count, result = tries(error, failing=1)
    assert (count, result.success) == (1, False)


def test_who_waits_at_a_terminal_is_told_at_once() -> None:
    error = SourceUnavailableNow("Nobody answers.")
    count, result = tries(error, failing=1, **{AT_TERMINAL: "true"})
    assert (count, result.success) == (1, False)


def test_a_lock_that_is_held_is_waited_for(tmp_path: Path) -> None:
    process = holder(tmp_path)
    threading.Timer(0.5, process.kill).start()
    with ExitStack() as stack:
        _lock(stack, tmp_path, waits=[0.1] * 200)
    assert process.wait() < 0


def test_a_lock_that_stays_held_is_named_in_the_end(tmp_path: Path) -> None:
    process = holder(tmp_path)
    try:
        with ExitStack() as stack, pytest.raises(WarehouseLocked, match=str(process.pid)):
            _lock(stack, tmp_path, waits=[0.01])
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("url", "can_pass"),
    [
        ("postgresql://nobody@127.0.0.1:1/shop", True),
        ("postgresql://nobody@no-such-host.invalid/shop?sslmode=bogus", False),
    ],
)
def test_a_server_that_does_not_answer_may_answer_later(url: str, can_pass: bool) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        compare_schema(url)
    assert caught.value.can_pass is can_pass
    assert isinstance(caught.value.__cause__, psycopg.Error)
