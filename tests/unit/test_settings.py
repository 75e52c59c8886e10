"""Settings come from the environment; what is unusable is named."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from models.errors import BadConfiguration
from pipelines.base.delivery_settings import shown_store
from pipelines.base.settings import PROJECT, load_settings
from pipelines.base.source_url import masked
from reports.deliver.channels import Channels


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
        ("HYPNOMART_TARGET", "postgres", "HYPNOMART_TARGET_URL names no server"),
        ("HYPNOMART_TARGET", "ducklake", "HYPNOMART_LAKE names no folder"),
        ("HYPNOMART_TARGET", "duckdb,postgres", "postgres,ducklake"),
        ("HYPNOMART_LAKE", ".hypnomart/lake", "inside home"),
        ("HYPNOMART_LAKE_CATALOG", "postgresql://db/lake", "HYPNOMART_LAKE names no folder"),
        ("HYPNOMART_TARGET", "spark", "HYPNOMART_PARQUET names no place"),
        ("HYPNOMART_PARQUET", ".hypnomart/marts", "inside home"),
        ("HYPNOMART_PARQUET", "s3://a/b\nc", "write it without"),
        ("HYPNOMART_PARQUET", "sftp://me@host/marts", "s3://, gs://, az://, abfs://); name one of"),
        ("HYPNOMART_SPARK_FOLDER", "gs://bucket/spark", "gs://, which is not among"),
        ("HYPNOMART_SPARK_FOLDER", ".hypnomart/spark", "inside home"),
        ("HYPNOMART_TARGET_URL", "mysql://db", "postgresql://"),
        ("HYPNOMART_TARGET_SCHEMA", "public", "other programs"),
        ("HYPNOMART_TARGET_SCHEMA", "pg_marts", "pg_"),
        ("HYPNOMART_TARGET_SCHEMA", "Marts", "small letters"),
        ("HYPNOMART_TARGET_SCHEMA", "m" * 41, "40"),
        ("HYPNOMART_SOURCE_URL", "mysql://db", "postgresql://"),
        ("HYPNOMART_VARS", "{", "not JSON"),
        ("HYPNOMART_VARS", "[1]", "JSON object"),
        ("HYPNOMART_VARS", '{"grace_day": 3}', "sets grace_day, which nothing reads"),
        ("HYPNOMART_SEEDS", "/does/not/exist", "/does/not/exist"),
        ("HYPNOMART_REPORTS_KEEP", "0", "how many days stay"),
        ("HYPNOMART_REPORTS", "sftp://host/a\nb", "write it without"),
        ("HYPNOMART_WEBHOOK_URL", "file:///etc/passwd", "https://"),
        ("HYPNOMART_SMTP_URL", "smtp://mail", "HYPNOMART_MAIL_FROM and HYPNOMART_MAIL_TO not"),
    ],
)
def test_an_unusable_value_is_named(variable: str, text: str, told: str) -> None:
    with pytest.raises(BadConfiguration, match=variable) as caught:
        load_settings({variable: text})
    assert told in str(caught.value)


def test_a_publication_may_go_to_several_engines() -> None:
    variables = {
        "HYPNOMART_TARGET": "ducklake, postgres", "HYPNOMART_LAKE": "/srv/lake",
        "HYPNOMART_TARGET_URL": "postgresql://bi/bi",
    }  # fmt: skip
    assert load_settings(variables).targets == ("ducklake", "postgres")
    assert load_settings({"HYPNOMART_TARGET": "duckdb"}).targets == ()


def test_parquet_goes_to_a_folder_or_an_object_store(tmp_path: Path) -> None:
    for text, place in (
        (str(tmp_path), str(tmp_path)),
        (f"file://{tmp_path}", str(tmp_path)),
        ("s3://bucket/marts", "s3://bucket/marts"),
    ):
        assert load_settings({"HYPNOMART_PARQUET": text}).parquet == place
    assert load_settings({}).parquet is None


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


@pytest.mark.parametrize(
    "text",
    [
        '{"grace_days": "0; drop table x"}',
        '{"grace_days": 1.5}',
        '{"grace_days": true}',
        '{"movement_window_minutes": -1}',
        '{"tax_rate": -5}',
        '{"tax_rate": NaN}',
        '{"tax_rate": {"soon": 0.1}}',
        '{"fee_program": "x\' or 1=1"}',
        '{"partner_payout_usd": [2]}',
        '{"annual_discount_rate": null}',
        '{"receipt_fault_share": 1}',  # with which the shares of receipts in doubt cannot fail
        '{"receipts_for_a_share": 1000000}',
    ],
)
def test_a_variable_of_no_use_is_refused(text: str) -> None:
    with pytest.raises(BadConfiguration, match="HYPNOMART_VARS: "):
        load_settings({"HYPNOMART_VARS": text})


def test_every_variable_of_the_project_has_a_range_and_its_default_is_within() -> None:
    project = Path(__file__).resolve().parents[2] / "dbt_project" / "dbt_project.yml"
    defaults = yaml.safe_load(project.read_text(encoding="utf-8"))["vars"]
    assert load_settings({"HYPNOMART_VARS": json.dumps(defaults)}).dbt_vars == defaults


def test_dated_values_pass() -> None:
    dated = {"tax_rate": {"2020-01-01": 0, "2026-07-01": 0.19}, "grace_days": 3}
    assert load_settings({"HYPNOMART_VARS": json.dumps(dated)}).dbt_vars == dated


@pytest.mark.parametrize(
    "query", ["pgbouncer=true&connection_limit=1", "sslmode=require&pgbouncer=true", "pgbouncer"]
)
def test_a_parameter_of_another_driver_is_named(query: str) -> None:
    with pytest.raises(BadConfiguration, match=r"pgbouncer.* another driver") as caught:
        load_settings({"HYPNOMART_SOURCE_URL": f"postgresql://u:s3cret@db/app?{query}"})
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("query", ["sslmode=s3cret", "gssencmode=on&sslmode=require"])
def test_a_value_that_libpq_does_not_know_is_named_by_its_parameter(query: str) -> None:
    name = query.partition("=")[0]
    with pytest.raises(BadConfiguration, match=f"a value of {name} that libpq") as caught:
        load_settings({"HYPNOMART_SOURCE_URL": f"postgresql://u:s3cret@a:1,b:2/app?{query}"})
    assert "s3cret" not in str(caught.value)


def test_a_port_that_cannot_be_is_refused() -> None:
    with pytest.raises(BadConfiguration, match="not a connection URL"):
        load_settings({"HYPNOMART_SOURCE_URL": "postgresql://db:99999/app"})


MAIL = {
    "HYPNOMART_SMTP_URL": "smtp://u%40x:s3cr%2Fet@mail.example.com",
    "HYPNOMART_MAIL_FROM": "reports@example.com",
    "HYPNOMART_MAIL_TO": "a@example.com, b@example.com",
}


def test_reports_go_to_a_store_by_url_from_a_folder_in_home() -> None:
    url = "sftp://me:s3cret@host:22/reports"
    settings = load_settings({"HYPNOMART_REPORTS": url, "HYPNOMART_HOME": "/h"})
    assert settings.channels.store == url and settings.reports_dir == Path("/h/reports")
    assert "s3cret" not in repr(settings) and shown_store(url) == "sftp://me:***@host:22/reports"
    assert shown_store("s3://key:s3/cr@et@bucket/marts") == "s3://key:***@bucket/marts"
    assert shown_store("az://box/marts?sig=s3cret") == "az://box/marts?***"
    assert shown_store("s3://bucket/a:b@c") == "s3://bucket/a:b@c"
    assert load_settings({"HYPNOMART_REPORTS": "file:///srv/r"}).reports_dir == Path("/srv/r")
    assert load_settings({}).channels == Channels()


def test_a_mailbox_is_read_with_what_is_escaped_in_its_url() -> None:
    mailbox = load_settings(MAIL).channels.mailbox
    assert mailbox is not None
    assert (mailbox.host, mailbox.port, mailbox.is_tls) == ("mail.example.com", 587, False)
    assert (mailbox.user, mailbox.password) == ("u@x", "s3cr/et")
    assert mailbox.recipients == ("a@example.com", "b@example.com")
    assert "s3cr" not in repr(mailbox)


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("HYPNOMART_SMTP_URL", "http://mail.example.com"),
        ("HYPNOMART_SMTP_URL", "smtp://mail:s3cret"),
        ("HYPNOMART_MAIL_TO", "a@example.com, nobody"),
        ("HYPNOMART_MAIL_FROM", "a@example.com\nBcc: c@example.com"),
    ],
)
def test_a_mailbox_that_cannot_be_is_named(variable: str, text: str) -> None:
    with pytest.raises(BadConfiguration, match=variable) as caught:
        load_settings({**MAIL, variable: text})
    assert "s3cret" not in str(caught.value)


def test_the_page_of_rules_has_each_variable_and_its_default() -> None:
    page = (PROJECT / "docs" / "rules.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\w.]+) \|", page, re.M))
    project = yaml.safe_load((PROJECT / "dbt_project" / "dbt_project.yml").read_text("utf-8"))
    assert {name: yaml.safe_load(default) for name, default in rows.items()} == project["vars"]
