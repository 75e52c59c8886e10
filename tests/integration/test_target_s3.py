"""An S3 of this machine holds what is published, as Amazon's does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.errors import TargetUnavailable
from pipelines.base.settings import Settings
from pipelines.publication.targets.fetched import fetch
from pipelines.publication.targets.parquet import bring, brought_run
from tests.integration.test_target_parquet import (
    assert_who_was_erased_is_in_no_file,
    everything,
)
from tests.s3_server import new_bucket, s3_server
from tests.target_sample import publish_odd
from tests.warehouse import settings_at

pytestmark = pytest.mark.spark  # whose lock has the server and the driver


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, str]]:
    """An empty bucket, which the environment leads to."""
    with s3_server() as words:
        for name, text in words.items():
            monkeypatch.setenv(name, text)
        yield new_bucket()


@pytest.fixture
def settings(tmp_path: Path, bucket: tuple[Any, str]) -> Settings:
    return settings_at(tmp_path, parquet=f"s3://{bucket[1]}/marts")


def test_the_file_made_of_a_store_is_the_published_one(settings: Settings, tmp_path: Path) -> None:
    publish_odd(settings)
    brought = bring(settings)
    assert (brought.tables, brought.rows, brought.place) == (5, 4, settings.parquet)
    fetch(str(settings.parquet), tmp_path / "made.duckdb")
    assert everything(tmp_path / "made.duckdb") == everything(settings.published)


def test_who_was_erased_is_in_no_object(
    settings: Settings, bucket: tuple[Any, str], tmp_path: Path
) -> None:
    assert_who_was_erased_is_in_no_file(settings, tmp_path)
    store, name = bucket
    store.invalidate_cache()
    manifest = json.loads(store.cat_file(f"{name}/marts/manifest.json"))
    kept = {path.rpartition("/")[2] for path in store.ls(f"{name}/marts")}
    assert kept == {"manifest.json", manifest["folder"]} and brought_run(settings) == "run-2"


def test_a_store_that_refuses_is_told(settings: Settings) -> None:
    publish_odd(settings)
    with pytest.raises(TargetUnavailable) as caught:
        bring(replace(settings, parquet="s3://nobodys/marts"))
    assert str(caught.value).startswith("s3://nobodys/marts refuses the marts: ")


def test_a_store_that_is_down_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from s3fs import S3FileSystem

    publish_odd(settings)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    S3FileSystem.clear_instance_cache()
    with pytest.raises(TargetUnavailable, match=f"{settings.parquet} refuses the marts: "):
        bring(settings)
