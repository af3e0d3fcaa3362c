"""What becomes of the tickets and follow-ups of a person who is erased."""

import pytest
from erased_people import ADDRESS, NAME, PERSON, WORDS, make_ticket
from repeated_posts import post


def say(client, ticket, key="comment", **fields):
    return post(client, f"/tickets/{ticket['id']}/comments", key=key, json=fields).json


def plan(client, **fields):
    body = {"subject": f"Call {NAME}", "dueAt": "2026-02-02T10:00:00Z"} | fields
    return client.post("/follow-ups", json=body).json


def get(client, record, kind="tickets"):
    return client.get(f"/{kind}/{record['id']}")


def assert_nowhere(app, *words):
    for file in app.extensions["leadbook"].path.parent.iterdir():
        kept = file.read_bytes().lower()
        assert not [word for word in words if word.lower() in kept], file.name


@pytest.mark.parametrize("query", ["", "tickets=erase"])
def test_tickets_go_with_their_person(app, client, make, link, erase, query):
    person = make(**PERSON)
    ticket = make_ticket(client, "k", **{link: person["id"]}, subject=NAME, requesterEmail=ADDRESS)
    comment = say(client, ticket, text=f"{NAME} again", author=NAME)
    client.put(f"/tickets/{ticket['id']}", json={"subject": "b"})
    other = make_ticket(client, subject="Another")
    followed = plan(client, **{link: person["id"]})
    erase(person, query)
    assert get(client, ticket).status_code == 404
    assert get(client, followed, "follow-ups").status_code == 404
    assert client.get(f"/tickets/{ticket['id']}/comments/{comment['id']}").status_code == 404
    assert get(client, other).json == other
    assert_nowhere(app, *WORDS)


def test_kept_ticket_has_no_word_of_its_person(app, client, make, link, erase):
    person = make(**PERSON)
    ticket = make_ticket(
        client, "k", **{link: person["id"]}, requesterEmail=ADDRESS.upper(), assignee="Grace",
        subject=f"{NAME.upper()} has a question", tags=[NAME, "[ERASED]", "Hot"],
        description=f"From: Ünforgettäble  Byron <{ADDRESS}>\n\nHelp!",
    )  # fmt: skip
    comment = say(client, ticket, text=f"I told {NAME}s assistant.", author=NAME)
    client.put(
        f"/tickets/{ticket['id']}/comments/{comment['id']}", json={"text": f"Not {ADDRESS}."}
    )
    earlier = make_ticket(client, **{link: person["id"]}, description=NAME)
    client.put(f"/tickets/{earlier['id']}", json={"description": None})
    followed = plan(client, **{link: person["id"]})
    erase(person, "tickets=keep")
    kept = get(client, ticket).json
    shown = ("subject", "description", "tags", "assignee", "leadId", "clientId", "requesterEmail")
    assert {name: kept[name] for name in shown} == {
        "subject": "[erased] has a question", "description": "From: [erased] <[erased]>\n\nHelp!",
        "tags": ["[erased]", "Hot"], "assignee": "Grace",
        "leadId": None, "clientId": None, "requesterEmail": None,
    }  # fmt: skip
    [said] = client.get(f"/tickets/{ticket['id']}/comments").json["data"]
    assert (said["text"], said["author"]) == ("Not [erased].", "[erased]")
    assert kept["commentCount"] == 1
    assert get(client, followed, "follow-ups").status_code == 404
    assert_nowhere(app, *WORDS)
    searches = {words: found(client, words) for words in ("unforgettable", "erased", "question")}
    assert searches == {"unforgettable": 0, "erased": 1, "question": 1}
    # Its stored answers had the words.
    assert post(client, "/tickets", key="k", json={"subject": "Help"}).status_code == 410


def found(client, words):
    return client.get("/tickets", query_string={"search": words}).json["pagination"]["total"]


def test_kept_ticket_can_be_sent_back(client, make, link, erase):
    person = make(name="Al", email="al@engines.test")
    texts = {"subject": "Al " * 66, "tags": ["Al " * 16, "Al"]}
    ticket = make_ticket(client, **{link: person["id"]}, **texts)
    erase(person, "tickets=keep")
    kept = get(client, ticket).json
    assert len(kept["subject"]) <= 200
    assert client.put(f"/tickets/{ticket['id']}", json=kept).json == kept


def test_earlier_name_and_address_go_too(app, client, kind, make, link, erase):
    person = make(**PERSON)
    ticket = make_ticket(client, **{link: person["id"]}, subject=NAME, description=ADDRESS)
    client.put(f"/{kind}/{person['id']}", json={"name": "Ada King", "email": "ada@engines.test"})
    erase(person, "tickets=keep")
    assert get(client, ticket).json["subject"] == "[erased]"
    assert_nowhere(app, *WORDS, b"Ada King")


@pytest.mark.parametrize("query", ["", "tickets=keep"])
@pytest.mark.parametrize("first", ["lead", "client"])
def test_ticket_of_a_converted_lead_stays_with_the_other_half(app, client, make_lead, query, first):
    lead = make_lead(**PERSON)
    ticket = make_ticket(client, leadId=lead["id"], subject=NAME, requesterEmail=ADDRESS)
    followed = plan(client, leadId=lead["id"])
    made = client.post(f"/leads/{lead['id']}/convert").json
    paths = {"lead": f"/leads/{lead['id']}?", "client": f"/clients/{made['id']}?permanent=true&"}
    links = {"leadId": lead["id"], "clientId": made["id"]} | {f"{first}Id": None}
    assert client.delete(f"{paths.pop(first)}{query}").status_code == 204
    for record, kind in ((ticket, "tickets"), (followed, "follow-ups")):
        kept = get(client, record, kind).json
        assert {name: kept[name] for name in links} == links
        # The other half has the same name and address.
        assert kept["subject"] == record["subject"]
    assert get(client, ticket).json["requesterEmail"] == ADDRESS
    [last] = paths.values()
    assert client.delete(f"{last}{query}").status_code == 204
    assert get(client, ticket).status_code == (200 if query else 404)
    assert get(client, followed, "follow-ups").status_code == 404
    assert_nowhere(app, *WORDS)


def test_other_half_does_not_keep_what_it_does_not_show(app, client, make_lead):
    lead = make_lead(**PERSON)
    fields = {"subject": f"{NAME}, {ADDRESS}", "requesterEmail": ADDRESS}
    ticket = make_ticket(client, leadId=lead["id"], **fields)
    followed = plan(client, leadId=lead["id"])
    overrides = {"name": "Ada King", "email": "ada@engines.test"}
    made = client.post(f"/leads/{lead['id']}/convert", json=overrides).json
    assert client.delete(f"/leads/{lead['id']}").status_code == 204
    kept = get(client, ticket).json
    assert (kept["subject"], kept["requesterEmail"]) == ("[erased], [erased]", None)
    assert (kept["clientId"], kept["leadId"]) == (made["id"], None)
    assert get(client, followed, "follow-ups").json["subject"] == "Call [erased]"
    assert_nowhere(app, *WORDS)


@pytest.mark.parametrize("tickets", [None, "erase", "keep"])
def test_batch_erases_in_the_same_way(app, client, kind, make, link, tickets):
    person = make(**PERSON)
    ticket = make_ticket(client, **{link: person["id"]}, subject=NAME)
    item = {"id": person["id"]} | ({"permanent": True} if kind == "clients" else {})
    item |= {"tickets": tickets} if tickets else {}
    assert client.post(f"/{kind}/batch", json={"delete": [item]}).status_code == 200
    answer = get(client, ticket)
    assert answer.status_code == (200 if tickets == "keep" else 404)
    assert tickets != "keep" or answer.json["subject"] == "[erased]"
    assert_nowhere(app, *WORDS)


@pytest.mark.parametrize("tickets", ["erase", "keep"])
def test_archived_client_keeps_its_tickets_whatever_is_said_of_them(client, make_client, tickets):
    known, other = make_client(), make_client(name="Grace", email="grace@navy.test")
    asked = [make_ticket(client, clientId=each["id"]) for each in (known, other)]
    archived = client.delete(f"/clients/{known['id']}?tickets={tickets}").json
    item = {"id": other["id"], "tickets": tickets}
    batch = client.post("/clients/batch", json={"delete": [item]})
    assert (archived["status"], batch.status_code) == ("archived", 200)
    assert [get(client, each).json for each in asked] == asked


def test_tickets_are_said_of_people_and_only_in_known_words(client, make_client, make_lead):
    known, lead, ticket = make_client(), make_lead(), make_ticket(client)
    assert client.delete(f"/leads/{lead['id']}?tickets=all").status_code == 400
    assert client.delete(f"/clients/{known['id']}?permanent=true&tickets=all").status_code == 400
    assert client.delete(f"/tickets/{ticket['id']}?tickets=keep").status_code == 400
    item = {"id": ticket["id"], "tickets": "keep"}
    assert client.post("/tickets/batch", json={"delete": [item]}).status_code == 400


@pytest.mark.parametrize("query", ["", "tickets=keep"])
def test_what_belonged_to_the_person_once_loses_the_words_too(
    app, client, make_lead, make, link, erase, query
):
    person, other = make(**PERSON), make_lead(name="Ada", email="ada@engines.test")
    moved = make_ticket(client, "a", **{link: person["id"]}, subject=NAME, requesterEmail=ADDRESS)
    unlinked = make_ticket(client, "b", **{link: person["id"]}, description=f"From {NAME}")
    followed = plan(client, **{link: person["id"]})
    to_other = {"leadId": None, "clientId": None} | {"leadId": other["id"]}
    changes = to_other | {"subject": "Help", "requesterEmail": None}
    assert client.put(f"/tickets/{moved['id']}", json=changes).status_code == 200
    assert client.put(f"/tickets/{unlinked['id']}", json={link: None}).status_code == 200
    assert client.put(f"/follow-ups/{followed['id']}", json=to_other).status_code == 200
    erase(person, query)
    assert get(client, moved).json["leadId"] == other["id"]
    assert get(client, unlinked).json["description"] == "From [erased]"
    assert get(client, followed, "follow-ups").json["subject"] == "Call [erased]"
    assert_nowhere(app, *WORDS)


def test_ticket_of_nobody_loses_the_address(app, client, make, erase):
    ticket = make_ticket(client, "k", requesterEmail=ADDRESS.upper(), subject="Help")
    person = make(**PERSON)
    erase(person)
    assert get(client, ticket).json["requesterEmail"] is None
    assert_nowhere(app, *WORDS)


def test_ticket_of_nobody_keeps_the_address_of_another(client, make, make_lead, erase):
    make_lead(name="Ada", email=ADDRESS)
    ticket = make_ticket(client)
    client.put(f"/tickets/{ticket['id']}", json={"requesterEmail": ADDRESS})
    client.put(f"/tickets/{ticket['id']}", json={"leadId": None})
    erase(make(**PERSON))
    assert get(client, ticket).json["requesterEmail"] == ADDRESS


def test_history_without_a_word_of_the_erased_half_stays(client, make_lead, make_client):
    owner, lead = make_client(**PERSON), make_lead(name="A. Byron", email=ADDRESS)
    ticket = make_ticket(client, clientId=owner["id"], subject="Help")
    assert client.post(f"/leads/{lead['id']}/convert?onDuplicate=link").status_code == 200
    assert client.delete(f"/leads/{lead['id']}").status_code == 204
    [created] = client.get(f"/tickets/{ticket['id']}/history").json["data"]
    assert created["changes"]["subject"]["to"] == "Help"


@pytest.mark.parametrize("query", ["", "tickets=keep"])
@pytest.mark.parametrize("times", [60, pytest.param(500, marks=pytest.mark.long)])
def test_person_with_much_can_be_erased(app, client, make, kind, link, erase, query, times):
    person = make(**PERSON)
    for start in range(0, times, 500):
        numbers = range(start, min(times, start + 500))
        text = f"{NAME} asks. " + "Some longer description of the trouble. " * 8
        new = [{link: person["id"], "subject": f"{each}", "description": text} for each in numbers]
        answer = client.post("/tickets/batch", json={"create": new})
        assert answer.status_code == 200, answer.json
        due = {"subject": f"Call {NAME}", "dueAt": "2026-02-02T10:00:00Z"}
        new = [{link: person["id"]} | due for _ in numbers]
        assert client.post("/follow-ups/batch", json={"create": new}).status_code == 200
    ticket = answer.json["created"][0]
    for number in range(times):
        said = {"text": f"{number}: {NAME} is sorry.", "author": NAME}
        assert client.post(f"/tickets/{ticket}/comments", json=said).status_code == 201
    app.extensions["leadbook"].time_limit.hurry(0.05)
    erase(person, query)
    app.extensions["leadbook"].time_limit.hurry(60)
    assert client.get("/follow-ups").json["pagination"]["total"] == 0
    kept = client.get("/tickets").json["pagination"]["total"]
    assert kept == (times if query else 0)
    assert client.get("/tickets?search=nforgettable").json["pagination"]["total"] == 0
