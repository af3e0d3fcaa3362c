"""A lead that is converted twice."""

from urllib.request import Request, urlopen


def convert(url, lead):
    request = Request(f"{url}/leads/{lead['id']}/convert", method="POST")
    with urlopen(request, timeout=10) as answer:
        return answer.status, answer.read()


def test_second_conversion_finds_the_same_client(leadbook):
    lead = leadbook.add_lead(email="ada@engines.example", status="qualified")
    first_status, first = convert(leadbook.url, lead)
    second_status, second = convert(leadbook.url, lead)
    assert (first_status, second_status) == (201, 200)
    assert first == second
    [client] = leadbook.clients()
    assert leadbook.leads()[0]["clientId"] == client["id"]
