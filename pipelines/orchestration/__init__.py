"""Dagster's part: assets, checks, jobs, schedules, and the web interface."""
