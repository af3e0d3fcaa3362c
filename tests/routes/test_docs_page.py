"""The page to read and try the API."""

import re
from urllib.parse import urljoin, urlsplit

import pytest


@pytest.mark.parametrize("prefix", ["", "/v1"])
def test_page_loads_everything_from_here(client, prefix):
    with client.get(f"{prefix}/docs") as page:
        assert page.content_type == "text/html; charset=utf-8"
        text = page.text
    links = re.findall(r'(?:src|href)="([^"]+)"', text.replace("data:,", ""))
    assert len(links) == 3
    for link in links:
        assert not urlsplit(link).netloc
        assert not link.startswith("/")
        with client.get(urljoin(f"http://localhost{prefix}/docs", link)) as asset:
            assert asset.status_code == 200


def test_page_runs_under_a_strict_policy(client):
    with client.get("/docs") as page:
        policy = page.headers["Content-Security-Policy"]
        assert "<script>" not in page.text
        assert " style=" not in page.text
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "http" not in policy


def test_own_script_names_no_other_host(client):
    with client.get("/docs/docs.js") as script:
        assert script.content_type.startswith("text/javascript")
        assert "//" not in re.sub(r"^\s*//.*$", "", script.text, flags=re.MULTILINE)
        assert 'url: "openapi.json"' in script.text


@pytest.mark.parametrize("asset", ["nope.js", "..", "index.css", "%2e%2e%2fapp.py", "docs.html"])
def test_nothing_else_is_served(client, asset):
    answer = client.get(f"/docs/{asset}")
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "NOT_FOUND")
