"""Who may use test mode: nobody but a test on this machine."""

import pytest

from leadbook.testing import running_server
from server import call


def test_calls_of_test_mode_are_not_found_without_it(client, make_lead):
    make_lead()
    for method, path in (
        ("post", "/_test/reset"),
        ("get", "/_test/clock"),
        ("post", "/_test/seed"),
    ):
        answer = getattr(client, method)(path)
        assert (answer.status_code, answer.json["error"]["code"]) == (404, "NOT_FOUND")
    assert client.get("/leads").json["pagination"]["total"] == 1
    assert "_test" not in client.get("/openapi.json").text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.test"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"}, {"Origin": "http://app.test"},
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
    ],
)  # fmt: skip
def test_web_page_of_another_origin_cannot_call_it(headers):
    with running_server(CORS_ORIGINS="http://app.test") as leadbook:
        leadbook.add_lead()
        for method, path in (
            ("POST", "/_test/reset"),
            ("GET", "/_test/requests"),
            ("GET", "/_test/clock"),
        ):
            assert call(leadbook.url, path, method, **headers)[0] == 403
        assert len(leadbook.leads()) == 1
        own = {"Origin": leadbook.url, "Sec-Fetch-Site": "same-origin"}
        assert call(leadbook.url, "/_test/reset", "POST", **own)[0] == 204


def test_name_of_somebody_else_for_our_address_is_refused():
    with running_server() as leadbook:
        assert call(leadbook.url, "/_test/reset", "POST", Host="rebound.evil.test")[0] == 400
