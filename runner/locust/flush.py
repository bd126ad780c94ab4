"""Lets speedgate see the history of this test while it runs."""

from locust import stats

# Locust writes a row each second, but leaves it in a buffer for five seconds, or ten
# before 2.29. What ends a test that is lost must not wait for that.
stats.CSV_STATS_FLUSH_INTERVAL_SEC = 0
