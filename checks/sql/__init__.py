"""The SQL of the checks: border views, findings, reconciliation."""
