"""Settings come from the environment; what is unusable is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import BadConfiguration
from pipelines.settings import load_settings, masked


def test_without_any_variable_everything_lies_below_the_working_directory() -> None:
    settings = load_settings({})
    assert settings.home == Path.cwd() / ".hypnomart"
    assert settings.published == Path.cwd() / ".hypnomart" / "published" / "hypnomart.duckdb"
    assert settings.reports_dir == Path.cwd() / "reports" / "out"
    assert settings.source_url is None


def test_an_empty_variable_counts_as_unset() -> None:
    assert load_settings({"HYPNOMART_SOURCE_URL": " ", "HYPNOMART_VARS": ""}).source_url is None


@pytest.mark.parametrize(
    ("variable", "text", "told"),
    [
        ("HYPNOMART_TARGET", "oracle", "duckdb"),
        ("HYPNOMART_TARGET", "spark", "duckdb"),
        ("HYPNOMART_SOURCE_URL", "mysql://db", "postgresql://"),
        ("HYPNOMART_VARS", "{", "not JSON"),
        ("HYPNOMART_VARS", "[1]", "JSON object"),
        ("HYPNOMART_VARS", '{"grace_day": 3}', "sets grace_day, which nothing reads"),
        ("HYPNOMART_SEEDS", "/does/not/exist", "/does/not/exist"),
    ],
)
def test_an_unusable_value_is_named(variable: str, text: str, told: str) -> None:
    with pytest.raises(BadConfiguration, match=variable) as caught:
        load_settings({variable: text})
    assert told in str(caught.value)


def test_a_bad_url_is_not_repeated_in_the_error() -> None:
    with pytest.raises(BadConfiguration) as caught:
        load_settings({"HYPNOMART_SOURCE_URL": "mysql://user:s3cret@db"})
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:s3cret@db:5432/app",
        "postgresql://user:s3cret@db/app?sslmode=require",
        "postgresql://db/app?user=u&password=s3cret&sslmode=require",
        "postgresql://user:s3cret%40@db/app",
        "postgresql://user:s3cret:x@db/app",
        "postgresql://user:s3cret?x@db/app",
        "postgresql://user@db/app?pass%77ord=s3cret",
        "postgresql://user@db/app?password=a%20s3cret",
        "postgresql://user@db/app?sslpassword=s3cret",
        "postgresql://:s3cret@db/app",
    ],
)
def test_a_password_is_masked_wherever_it_stands(url: str) -> None:
    assert "s3cret" not in masked(url)
    assert "db" in masked(url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:s3cret/@db/app",
        "postgresql://user:pa@s3cret@db/app",
        "postgresql://user:pa@s3cret:x/y@db/app",
        "postgresql://user@corp:s3cret@db/app",
        "postgresql://us/er:s3cret@db/app",
        "postgresql://user:5432/s3cret@db/app",
        "postgresql://user:a s3cret@db/app",
        "postgresql://user:s3cret%zz@db/app",
    ],
)
def test_a_url_that_libpq_cuts_inside_the_password_is_refused_before_any_use(url: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        load_settings({"HYPNOMART_SOURCE_URL": url})
    assert "s3cret" not in str(caught.value)
    assert "%40" in str(caught.value)


def test_settings_do_not_show_the_source_url() -> None:
    url = "postgresql://user:s3cret@db/app"
    assert "s3cret" not in repr(load_settings({"HYPNOMART_SOURCE_URL": url}))


def test_settings_do_not_show_the_hash_key() -> None:
    assert "k3y" not in repr(load_settings({"HYPNOMART_HASH_KEY": "k3y"}))
