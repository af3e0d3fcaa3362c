"""What /metrics tells, read as Prometheus reads it."""

import pytest

pytest.importorskip("prometheus_client", reason="the library of leadbook[metrics] is missing")

from prometheus_client import REGISTRY, Counter  # noqa: F401  # after the look; for tests
from prometheus_client.openmetrics import parser as openmetrics  # as above
from prometheus_client.parser import text_string_to_metric_families  # as above


def samples_of(text):
    """Return all samples of a page; each is a name, labels and a value."""
    return [sample for family in text_string_to_metric_families(text) for sample in family.samples]


def openmetrics_names(text):
    """Return the names of the families of a page in the format OpenMetrics, read strictly."""
    return [family.name for family in openmetrics.text_string_to_metric_families(text)]


def total(text, name, **labels):
    """Return the sum of the samples with this name and these labels, or None if there are none."""
    found = [
        sample.value
        for sample in samples_of(text)
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    return sum(found) if found else None


def answered(text, **labels):
    """Return how many requests were answered, with these labels."""
    return total(text, "leadbook_http_requests_total", **labels) or 0
