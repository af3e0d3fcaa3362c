"""What the tests of a lead or a client, and of what is erased with it, may ask for."""

import pytest


@pytest.fixture
def erase(client, kind):
    def erase(person, query=""):
        permanent = "permanent=true&" if kind == "clients" else ""
        answer = client.delete(f"/{kind}/{person['id']}?{permanent}{query}")
        assert answer.status_code == 204, answer.json

    return erase


@pytest.fixture
def link(kind):
    return {"leads": "leadId", "clients": "clientId"}[kind]
