"""A proxy that answers with HTML, and a page that comes late."""

import json
from urllib.error import HTTPError
from urllib.request import urlopen

HTML = "<html><h1>502 Bad Gateway</h1></html>"
HTML_TYPE = {"Content-Type": "text/html"}


def read_all(url, timeout=10):
    leads, query = [], "?limit=2"
    while query:
        page = read_page(f"{url}/leads{query}", timeout)
        leads += page["data"]
        cursor = page["pagination"]["next"]
        query = cursor and f"?limit=2&cursor={cursor}"
    return leads


def read_page(url, timeout, attempts=5):
    for _ in range(attempts):
        try:
            with urlopen(url, timeout=timeout) as answer:
                return json.load(answer)
        except (HTTPError, TimeoutError, json.JSONDecodeError):
            # Neither a proxy's page nor a late one says anything of the leads: ask again.
            continue
    raise ConnectionError(f"no page in {attempts} attempts")


def test_second_page_is_read_again_after_html(leadbook):
    leads = [leadbook.add_lead() for _ in range(5)]
    leadbook.fail("GET", "/leads", query={"cursor": "*"}, status=502, body=HTML, headers=HTML_TYPE)
    leadbook.fail("GET", "/leads", query={"cursor": "*"}, status=200, body=HTML, headers=HTML_TYPE)
    assert read_all(leadbook.url) == leads[::-1]
    assert [each.status for each in leadbook.requests] == [200, 502, 200, 200, 200]


def test_page_that_comes_late_is_read_again(leadbook):
    leadbook.fail("GET", "/leads", delay_ms=60_000)
    assert read_all(leadbook.url, timeout=1) == []
