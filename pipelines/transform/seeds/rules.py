"""What each seed must hold."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.words import STORES

KINDS = ("subscription", "ai_credits", "custom_audio", "course")


@dataclass(frozen=True)
class Rule:
    """What a seed must hold.

    `key`: rows alike in these columns are one; where `is_dated`, on one day only one may hold.
    `required`: never empty. `ranges`: least and greatest value. `choices`: the words allowed.
    """

    key: tuple[str, ...]
    required: tuple[str, ...]
    is_dated: bool = False
    ranges: dict[str, tuple[str, str]] = field(default_factory=dict)
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)


RULES = {
    "price_book": Rule(
        key=("product_key", "offer_id", "store"),
        required=("product_key", "price_usd"),
        is_dated=True,
        ranges={
            "price_usd": ("0", "1000000"),
            "billing_months": ("1", "120"),
            "credits_amount": ("1", "1000000000"),
        },
        choices={"store": tuple(STORES)},
    ),
    "discount_map": Rule(
        key=("discount_code", "product_key", "store", "offer_id"),
        required=("discount_code", "product_key", "offer_id"),
        choices={"store": tuple(STORES)},
    ),
    "store_fees": Rule(
        key=(
            "store",
            "product_kind",
            "program",
            "region",
            "min_paid_days",
            "min_year_to_date_usd",
            "is_existing_install",
        ),
        required=("service_fee_rate",),
        is_dated=True,
        ranges={
            "service_fee_rate": ("0", "1"),
            "billing_fee_rate": ("0", "1"),
            "min_paid_days": ("0", "36500"),
            "min_year_to_date_usd": ("0", "1000000000000"),
        },
        choices={"store": tuple(STORES), "product_kind": KINDS},
    ),
    "fx_rates": Rule(
        key=("currency", "rate_date"),
        required=("currency", "rate_date", "usd_per_unit"),
        ranges={"usd_per_unit": ("0.00000001", "1000")},
    ),
    "stores": Rule(
        key=("store",),
        required=("store", "sale_is"),
        ranges={"grace_days": ("0", "3650")},
        choices={"store": tuple(STORES), "sale_is": ("token_or_order", "order")},
    ),
    "country_regions": Rule(key=("country",), required=("country", "region")),
}
