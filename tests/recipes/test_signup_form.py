"""A signup form that posts leads."""

import json
from urllib.request import Request, urlopen

import pytest
from flask import Flask, request


def create_shop(leads_url):
    shop = Flask("shop")

    @shop.post("/signup")
    def signup():
        lead = {"name": request.form["name"], "email": request.form["email"], "source": "Signup"}
        headers = {"Content-Type": "application/json"}
        with urlopen(Request(leads_url, json.dumps(lead).encode(), headers)):
            return "Thank you.", 201

    return shop


@pytest.fixture
def shop(leadbook):
    return create_shop(f"{leadbook.url}/leads").test_client()


def test_form_makes_a_lead(shop, leadbook):
    answer = shop.post("/signup", data={"name": "Ada Byron", "email": "ada@engines.example"})
    assert answer.status_code == 201
    [lead] = leadbook.leads(email="ada@engines.example")
    assert (lead["status"], lead["source"]) == ("new", "Signup")
    assert leadbook.requests[-1].json["name"] == "Ada Byron"
