"""What becomes of tickets that belonged to an erased person before, or have the address."""

import pytest
from erased_people import ADDRESS, NAME, PERSON, WORDS, make_ticket
from repeated_posts import post

from leadbook.models import Ticket
from leadbook.storage.events import former_link


def get(client, ticket):
    return client.get(f"/tickets/{ticket['id']}")


def assert_nowhere(app, *words):
    for file in app.extensions["leadbook"].path.parent.iterdir():
        kept = file.read_bytes().lower()
        assert not [word for word in words if word.lower() in kept], file.name


@pytest.mark.parametrize("query", ["", "tickets=keep"])
@pytest.mark.parametrize(
    ("moved", "then"),
    [
        ("other", {"subject": "[erased] asks", "requesterEmail": None}),
        ("other", {"subject": "Help", "requesterEmail": "eve@engines.test"}),
        ("nobody", {"subject": "[erased] asks", "requesterEmail": None}),
        ("nobody", {"subject": "Help", "requesterEmail": None}),
    ],
)
def test_ticket_that_was_moved_forgets_whose_it_was(
    app, client, make, link, erase, moved, then, query
):
    person, other = make(**PERSON), make(name="Eve", email="eve@engines.test")
    texts = {"subject": f"{NAME} asks", "requesterEmail": ADDRESS}
    ticket = make_ticket(client, **{link: person["id"]}, **texts)
    changes = {name: value for name, value in then.items() if value and "erased" not in value}
    changes |= {link: other["id"] if moved == "other" else None}
    moved_to = client.put(f"/tickets/{ticket['id']}", json=changes)
    assert moved_to.status_code == 200, moved_to.json
    erase(person, query)
    kept = get(client, ticket).json
    assert {name: kept[name] for name in then} == then
    assert kept[link] == changes[link]
    assert_nowhere(app, *WORDS)


@pytest.mark.parametrize("named", [1, 2, 3])
def test_ticket_of_several_people_forgets_all_of_them(app, client, make, link, erase, named):
    people = [make(name=f"Unforgettable{n}", email=f"a{n}@engines.test") for n in range(3)]
    said = " and ".join(each["name"] for each in people[:named])
    ticket = make_ticket(client, **{link: people[0]["id"]}, subject=said)
    for person in people[1:]:
        client.put(f"/tickets/{ticket['id']}", json={link: person["id"]})
    for person in reversed(people):
        erase(person, "tickets=keep")
    assert_nowhere(app, b"nforgettable")


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        ("Unmistakable@Engines.test", ADDRESS),
        ("unmistakable@BÜCHER.example", "unmistakable@xn--bcher-kva.example"),
    ],
)
def test_ticket_of_nobody_forgets_the_address_of_who_is_erased(
    app, client, make, erase, asked, address
):
    ticket = make_ticket(client, subject=f"{NAME} asks", requesterEmail=asked)
    another = make_ticket(client, requesterEmail="eve@engines.test")
    erase(make(name=NAME, email=address), "")
    assert get(client, ticket).json["requesterEmail"] is None
    assert get(client, ticket).json["subject"] == "[erased] asks"
    assert get(client, another).json == another
    assert_nowhere(app, *WORDS)


def test_ticket_whose_history_goes_forgets_whose_it_was(app, client, make_lead):
    first, lead = make_lead(name="Unforgettable"), make_lead(name="Grace Hopper")
    ticket = make_ticket(client, leadId=first["id"], subject="Unforgettable and Grace Hopper")
    client.put(f"/tickets/{ticket['id']}", json={"leadId": lead["id"]})
    made = client.post(f"/leads/{lead['id']}/convert", json={"name": "Ada King"}).json
    for each in (lead, first):
        assert client.delete(f"/leads/{each['id']}").status_code == 204
    kept = get(client, ticket).json
    assert (kept["subject"], kept["clientId"]) == ("[erased] and [erased]", made["id"])
    assert_nowhere(app, b"nforgettable")


def test_history_stays_where_nothing_says_a_word_of_the_person(client, make_lead, make_client):
    known = make_client(**PERSON)
    quiet = make_ticket(client, "quiet", clientId=known["id"], subject="The engine stops")
    client.put(f"/tickets/{quiet['id']}", json={"subject": "The engine stops at noon"})
    loud = make_ticket(client, clientId=known["id"], subject="Not the duplicate's")
    client.put(f"/tickets/{loud['id']}", json={"subject": "Duplicate Lovelace called"})
    client.put(f"/tickets/{loud['id']}", json={"subject": "Somebody called"})
    before = get(client, quiet).json, client.get(f"/tickets/{quiet['id']}/history").json
    lead = make_lead(name="Duplicate Lovelace", email=ADDRESS)
    client.post(f"/leads/{lead['id']}/convert?onDuplicate=link")
    client.delete(f"/leads/{lead['id']}")
    assert (get(client, quiet).json, client.get(f"/tickets/{quiet['id']}/history").json) == before
    new = {"subject": "The engine stops", "clientId": known["id"]}
    assert post(client, "/tickets", key="quiet", json=new).status_code == 201
    changes = [
        each["changes"] for each in client.get(f"/tickets/{loud['id']}/history").json["data"]
    ]
    assert changes == [None, None, None]
    assert get(client, loud).json["subject"] == "Somebody called"


@pytest.mark.parametrize("link", ["lead_id", "client_id"])
def test_former_records_are_found_by_an_index(app, link):
    was = former_link(Ticket.schema().fields[link].data_key)
    found = f"SELECT DISTINCT record_id FROM events WHERE {was} IS NOT NULL AND {was} = 'a'"
    address = "requester_email IS NOT NULL AND coalesce(requester_key, requester_email) = 'a'"
    asked = f"SELECT number FROM tickets WHERE {address} AND {link} IS NOT x'00' ORDER BY number"
    with app.extensions["leadbook"].use() as database:
        for sql, index in ((found, f"event_former_{link[:-3]}"), (asked, "ticket_requester")):
            [plan, *_] = database.execute_sql(f"EXPLAIN QUERY PLAN {sql}").fetchall()
            assert f"INDEX {index}" in plan[-1]
