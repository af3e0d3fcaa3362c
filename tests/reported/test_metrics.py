"""Figures for Prometheus, as they went wrong elsewhere."""

import pytest

from leadbook.testing import running_server

KEY = "leadbook_for_reports"


@pytest.fixture(scope="module")
def measured():
    pytest.importorskip("prometheus_client", reason="prometheus-client is not installed")
    with running_server(METRICS="on", api_key=KEY) as leadbook:
        yield leadbook


def test_figures_are_closed_like_everything_else(measured, send):
    """mozilla-ai/otari#264: whoever reached the port read the figures."""
    assert send(measured.url, "GET", "/metrics").status == 401
    answer = send(measured.url, "GET", "/metrics", Authorization=f"Bearer {KEY}")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith(("text/plain", "application/openmetrics"))


def test_paths_that_callers_invent_make_no_new_series(measured, send):
    """artifact-keeper/artifact-keeper#2220, authup/authup#3253: scanners filled the memory."""

    def series_after_calls_to(name):
        for path in (f"/wp-admin/{name}", f"/leads/{name}", f"/docs/{name}"):
            send(measured.url, "GET", path, Authorization=f"Bearer {KEY}")
        text = send(measured.url, "GET", "/metrics", Authorization=f"Bearer {KEY}").body.decode()
        assert name not in text
        return {line.rpartition(" ")[0] for line in text.splitlines()}

    series_after_calls_to("first-scanner")
    assert series_after_calls_to("second-scanner") == series_after_calls_to("third-scanner")


def test_nobody_is_told_figures_unless_that_is_set(ask):
    """gptme/gptme#2870: the figures were there before anybody had asked for them."""
    assert ask("GET", "/metrics").status == 404
