"""Retry after a dropped connection, with an Idempotency-Key."""

import json
import uuid
from urllib.request import Request, urlopen


def create_lead(url, lead, attempts=3):
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    request = Request(f"{url}/leads", json.dumps(lead).encode(), headers)
    for _ in range(attempts):
        try:
            with urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except ConnectionError:
            # Nobody knows whether the lead was made: ask again, with the same key.
            continue
    raise ConnectionError(f"no answer in {attempts} attempts")


def test_lead_is_made_once_though_the_answer_was_lost(leadbook):
    leadbook.fail("POST", "/leads", drop="after")
    made = create_lead(leadbook.url, {"name": "Ada Byron", "email": "ada@engines.example"})
    assert leadbook.leads() == [made]
    assert [request.status for request in leadbook.requests] == [None, 201]


def test_lead_is_made_though_the_request_was_lost(leadbook):
    leadbook.fail("POST", "/leads", drop="before", times=2)
    made = create_lead(leadbook.url, {"name": "Ada Byron", "email": "ada@engines.example"})
    assert leadbook.leads() == [made]
