"""Back off after a 429, for as long as it says."""

import json
from urllib.error import HTTPError
from urllib.request import urlopen


def read_leads(url, sleep):
    while True:
        try:
            with urlopen(f"{url}/leads", timeout=10) as answer:
                return json.load(answer)["data"]
        except HTTPError as error:
            with error:
                if error.code != 429:
                    raise
                sleep(int(error.headers["Retry-After"]))


def test_it_waits_as_long_as_it_is_told(leadbook):
    lead = leadbook.add_lead()
    leadbook.fail("GET", "/leads", status=429, headers={"Retry-After": "30"})
    leadbook.fail("GET", "/leads", status=429)
    waited = []
    assert read_leads(leadbook.url, sleep=waited.append) == [lead]
    assert waited == [30, 1]
