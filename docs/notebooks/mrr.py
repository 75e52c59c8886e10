# %% [markdown]
# # What moved MRR?
#
# The published marts in Python. Run `hypnomart run` first; this file is a notebook where it is
# opened as one (VS Code, Jupyter with jupytext), and a script for `python docs/notebooks/mrr.py`.
# The folder it runs in, or its `.env`, says where the published file lies, as for every command.

# %%
import hypnomart

marts = hypnomart.open()
print(marts.tables())

# %% [markdown]
# Any SQL comes as a polars frame, `.pandas(…)` as one of pandas. Money is exact: the bridge closes
# to the cent, and no month is lost between two others.

# %%
bridge = marts.polars("""
    select movement_month, opening_mrr_usd, new_usd, reactivation_usd, expansion_usd,
        contraction_usd, churn_usd, closing_mrr_usd
    from mrr_bridge_monthly where movement_month >= $since order by movement_month
""", since="2026-01-01")  # fmt: skip
moved = bridge.drop("movement_month", "opening_mrr_usd", "closing_mrr_usd").sum_horizontal()
assert (bridge["opening_mrr_usd"] + moved == bridge["closing_mrr_usd"]).all()
print(bridge)

# %% [markdown]
# A metric means the same wherever it is split: the plans of a month add up to the month.

# %%
print(marts.metrics())
by_plan = marts.metric("mrr", by=["month", "plan"], since="2026")
assert by_plan["mrr"].sum() == marts.metric("mrr", by=["month"], since="2026")["mrr"].sum()
print(by_plan)

# %% [markdown]
# What is too large for memory stays in DuckDB: a relation is computed once its rows are asked for.

# %%
receipts = marts.relation("from fct_receipts where not is_test")
print(receipts.aggregate("verdict, count(*) as receipts, sum(paid_usd) as paid_usd", "verdict"))

# %% [markdown]
# The page on subscriptions, into a folder beside this session.

# %%
for path in marts.report("subscriptions", folder="mrr"):
    print(path)
