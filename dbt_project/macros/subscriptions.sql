{# Months that one period lasts; a plan of unknown length counts as one month. #}
{% macro term_months(billing_months) -%}
    greatest(coalesce({{ billing_months }}, 1), 1)
{%- endmacro %}

{# Whether a period gave any access: one that another replaced as it began gave none. #}
{% macro gave_access(periods="") -%}
{%- set of = periods ~ "." if periods else "" -%}
    coalesce({{ of }}access_end_at > {{ of }}period_start_at, true)
{%- endmacro %}

{# Whether a period of a user who is no tester was paid for and gave access. #}
{% macro was_paid() -%}
    not is_test
    and not is_trial
    and {{ gave_access() }}
{%- endmacro %}

{# A row for each age in months, from `first` to `reached` by a clock, that can fall into one of `periods`. #}
{% macro ages_within_periods(clock_starts_at, first, reached) -%}
    {{ numbers_through(
        "greatest(" ~ months_passed(clock_starts_at, "periods.period_start_at") ~ ", " ~ first ~ ")",
        "least(" ~ months_passed(clock_starts_at, "coalesce(periods.access_end_at, clock.as_of_at)")
        ~ ", " ~ reached ~ ")"
    ) }}
{%- endmacro %}

{# Whether a period gave access at an age in months by a clock. #}
{% macro gave_access_at_age(clock_starts_at, months) -%}
    {{ add_months(clock_starts_at, months) }} >= period_start_at
    and coalesce({{ add_months(clock_starts_at, months) }} < access_end_at, true)
{%- endmacro %}

{# What movements did to MRR and customers, a column for each type. #}
{% macro movement_sums() -%}
    {%- for type in ["new", "reactivation", "expansion", "contraction", "churn"] %}
        sum(case when movement_type = '{{ type }}' then mrr_delta_usd else 0 end) as {{ type }}_usd,
    {%- endfor %}
    {%- for type, name in {"new": "new", "reactivation": "reactivated", "churn": "churned"}.items() %}
        count(case when movement_type = '{{ type }}' then 1 end) as {{ name }}_customers
        {{- "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# TIMESTAMP, so many days of grace earlier; subtracted, since an absurd end plus days is no instant. #}
{% macro grace_before(expression, grace_days) -%}
    ({{ expression }} - {{ days_long(grace_days) }})
{%- endmacro %}

{# TIMESTAMP, so many days of 24 hours later, their number an expression. #}
{% macro days_after(expression, days) -%}
    ({{ expression }} + {{ days_long(days) }})
{%- endmacro %}

{# Whether two instants, the earlier first, are the same end of a period: less than movement_window_minutes apart. #}
{% macro same_end(earlier, later) -%}
    (
        {{ later }} = {{ earlier }}
        or {{ later }} - interval '{{ var("movement_window_minutes") }} minutes' < {{ earlier }}
    )
{%- endmacro %}

{# Whether two instants, in any order and either absent, are the same end of a period. #}
{% macro is_one_end(one, other) -%}
    (
        {{ one }} is not null
        and {{ other }} is not null
        and {{ same_end("least(" ~ one ~ ", " ~ other ~ ")", "greatest(" ~ one ~ ", " ~ other ~ ")") }}
    )
{%- endmacro %}

{#
    Whether a purchase was running when another took its place: its end lies after that instant, or an expired
    event, told as it was replaced, names that same instant and not the end that was paid for.
#}
{% macro was_running_at(terms, at) -%}
    (
        {{ at }} < {{ terms }}.end_at
        or ({{ terms }}.end_at < {{ terms }}.period_end_at and {{ same_end(terms ~ ".end_at", at) }})
    )
{%- endmacro %}

{# What the order numbers of one purchase share: renewals on Google add ..0, ..1; null where there is none. #}
{% macro order_base(order_id) -%}
    nullif({{ without_match("lower(" ~ order_id ~ ")", "'[.][.][0-9]+$'") }}, '')
{%- endmacro %}

{#
    End of paid access of a period by its own events. An expired event says its expires_at, else the
    earlier of its created_at and the period's end. One that names an instant up to the start speaks
    of an earlier period and changes nothing. A named end far beyond the plan's length is none.
#}
{% macro term_end(opening, start_at) -%}
    case
        when {{ term_has_expired(opening, start_at) }}
            then greatest(
                {{ start_at }},
                coalesce(
                    {{ opening }}.expired_expires_at,
                    least({{ opening }}.expired_at, {{ term_period_end(opening, start_at) }})
                )
            )
        when {{ term_is_too_long(opening, start_at) }} then {{ add_months(start_at, opening ~ ".term_months") }}
        else {{ term_period_end(opening, start_at) }}
    end
{%- endmacro %}

{% macro term_has_expired(opening, start_at) -%}
    ({{ opening }}.expired_at is not null and coalesce({{ opening }}.expired_expires_at > {{ start_at }}, true))
{%- endmacro %}

{#
    End of a period that starts at start_at: the event's expires_at, unless absent or not after the start. One
    that names the end at which it starts gives no time.
#}
{% macro term_period_end(opening, start_at) -%}
    case
        when {{ opening }}.expires_at > {{ start_at }} then {{ opening }}.expires_at
        when {{ opening }}.is_without_time then {{ start_at }}
        else {{ add_months(start_at, opening ~ ".term_months") }}
    end
{%- endmacro %}

{# Whether the named end lies more than period_length_factor times the plan's length after the start. #}
{% macro term_is_too_long(opening, start_at) -%}
    coalesce(
        {{ opening }}.billing_months > 0
        and {{ seconds_between(start_at, opening ~ ".expires_at") }} > {{ var("period_length_factor") }}
        * {{ seconds_between(start_at, add_months(start_at, opening ~ ".billing_months")) }}, false
    )
{%- endmacro %}

{# Whether the named end lies less than the plan's length divided by period_length_factor after the start. #}
{% macro term_is_too_short(opening, start_at) -%}
    coalesce(
        {{ opening }}.billing_months > 0
        and {{ opening }}.expires_at > {{ start_at }}
        and {{ seconds_between(start_at, opening ~ ".expires_at") }} * {{ var("period_length_factor") }}
        < {{ seconds_between(start_at, add_months(start_at, opening ~ ".billing_months")) }}, false
    )
{%- endmacro %}

{#
    Whether a renewal that is told after the grace of an earlier period names the one that follows it, rather than
    one that begins as it is told: its end is nearer to the end of that one, of a length that the plan bears out.
#}
{% macro names_next(renewal, earlier_end_at) -%}
    {%- set start_at = "least(" ~ earlier_end_at ~ ", " ~ renewal ~ ".created_at)" -%}
    {%- set months = renewal ~ ".term_months" -%}
    coalesce(
        {{ renewal }}.expires_at > {{ start_at }}
        and abs({{ seconds_between(add_months(start_at, months), renewal ~ ".expires_at") }})
        < abs({{ seconds_between(add_months(renewal ~ ".created_at", months), renewal ~ ".expires_at") }})
        and not {{ term_is_too_long(renewal, start_at) }}
        and not {{ term_is_too_short(renewal, start_at) }}, false
    )
{%- endmacro %}

{# Whether a renewal opens a chain of its own: told after grace, and not of the period that follows. #}
{% macro renewal_opens_chain(renewal, earlier_end_at) -%}
    (
        {{ grace_before(renewal ~ ".created_at", renewal ~ ".grace_days") }} > {{ earlier_end_at }}
        and not {{ names_next(renewal, earlier_end_at) }}
    )
{%- endmacro %}

{# Whole seconds from one timestamp to another. #}
{% macro seconds_between(from_at, to_at) -%}
    {{ whole_number_of(epoch_seconds(to_at) ~ " - " ~ epoch_seconds(from_at)) }}
{%- endmacro %}

{# DOUBLE, null over 0. #}
{% macro ratio(numerator, denominator) -%}
    cast(cast({{ numerator }} as {{ type_double() }}) / nullif(cast({{ denominator }} as {{ type_double() }}), 0) as {{ type_double() }})
{%- endmacro %}

{#
    Whole months from one timestamp to another by the first one's day of month, the largest n for which
    add_months(from, n) is not after the other; below 0 if the other is earlier.
#}
{% macro months_passed(from_at, to_at) -%}
    {%- set months = (
        "(extract(year from " ~ to_at ~ ") - extract(year from " ~ from_at ~ ")) * 12 + extract(month from " ~ to_at
        ~ ") - extract(month from " ~ from_at ~ ")"
    ) -%}
    cast(
        {{ months }} - case when {{ add_months(from_at, months) }} > {{ to_at }} then 1 else 0 end as bigint
    )
{%- endmacro %}

{# The last renewal, by the first paid period's clock, whose date and grace_days have passed; from 0. #}
{% macro renewals_settled(first_paid_at, billing_months, grace_days, at) -%}
    greatest(
        {{ whole_quotient(months_passed(first_paid_at, grace_before(at, grace_days)), billing_months) }}, 0
    )
{%- endmacro %}

{# Whether an event by its type opens a period, and so is a sale; null for an event of no type. #}
{% macro opens_a_period(event_type) -%}
    {{ event_type }} in ('created', 'renewed')
{%- endmacro %}
