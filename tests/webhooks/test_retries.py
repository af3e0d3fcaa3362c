"""Failed webhooks are sent again later and later, when the receiver wishes, and then no more."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadbook.webhooks.retries import delay_after

NOW = datetime(2026, 1, 1, 9, tzinfo=UTC)
MINUTE, HOUR = 60, 3600
# As the issue has them.
SECONDS = [5, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR, 14 * HOUR]


def delay(failures=1, retry_after=None, seed=1, now=NOW):
    return delay_after(failures, random.Random(seed), now, retry_after)


@pytest.mark.parametrize(("failures", "seconds"), [*enumerate(SECONDS, start=1)])
def test_each_failure_has_its_delay_with_jitter(failures, seconds):
    delays = [delay(failures, seed=seed).total_seconds() for seed in range(200)]
    assert 0.9 * seconds <= min(delays) < 0.92 * seconds
    assert 1.08 * seconds < max(delays) <= 1.1 * seconds


@pytest.mark.parametrize("retry_after", [None, "3600"])
def test_after_the_last_there_is_none(retry_after):
    assert delay(9) is not None
    assert delay(10, retry_after) is None
    assert delay(11, retry_after) is None


def test_delays_are_the_same_for_the_same_seed():
    one, two, other = (
        [delay_after(failures, source, NOW) for failures in range(1, 10)]
        for source in (random.Random(7), random.Random(7), random.Random(8))
    )
    assert one == two != other


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("120", 120),
        ("86400", 86_400),
        # At most a day.
        ("86401", 86_400),
        ("9" * 10, 86_400),
        ("9" * 5000, 86_400),
        # The three forms of a date in HTTP: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
        ("Thu, 01 Jan 2026 10:00:00 GMT", HOUR),
        ("Thursday, 01-Jan-26 10:00:00 GMT", HOUR),
        ("Thu Jan  1 10:00:00 2026", HOUR),
        ("Thu, 01 Jan 2026 10:00:00 +0000", HOUR),
        ("Thu, 01 Jan 2026 10:00:00 -0000", HOUR),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400),
    ],
)
def test_receiver_may_wish_a_later_time(retry_after, seconds):
    assert delay(1, retry_after) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "retry_after",
    [
        "", "0", "1", "4", "-120", "120.5", "+120", "1_000", "soon", "²", "١٢٠", "12 0", ",", "1,2",
        "Thu, 01 Jan 2026 08:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT",
        "Thu, 32 Jan 2026 10:00:00 GMT", "Thu, 01 Jan 2026 10:00:00 +9999999999", "\x00", "0 0 0 0 0",
        "Thu, 01 Jan 99999999999 10:00:00 GMT",
    ],
)  # fmt: skip
def test_earlier_wish_and_what_is_none_change_nothing(retry_after):
    assert delay(1, retry_after) == delay(1)


def test_later_of_both_counts():
    assert delay(4, "120") == delay(4)
    assert delay(4, "7200") == timedelta(hours=2)


def test_date_counts_from_the_given_time():
    later = NOW + timedelta(days=900)
    wish = format_datetime(later + timedelta(hours=3), usegmt=True)
    assert delay(1, wish, now=later) == timedelta(hours=3)


@given(st.text(st.characters(max_codepoint=0x17F)) | st.from_regex(r"\w{3}, \d+ Jan \d+ [\d:]+ .*"))
def test_any_header_leaves_a_delay(retry_after):
    assert timedelta(seconds=4) < delay(1, retry_after) <= timedelta(days=1)
