"""Who is the same: addresses in every spelling, ids in capitals, and texts that nobody sees."""

import json
import re
import shutil
import subprocess
import unicodedata

import pytest
from marshmallow import ValidationError

from leadbook.schemas import NewLead

INVISIBLE = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Cf"]
BLANK = ["\u115f", "\u1160", "\u3164", "\uffa0", "\u2800", "\ufe0f", "\u034f", "\u180b", "\u17b4"]
UNSEEN = ["\u200b", "\u2060\ufeff", " \u00ad ", "\u3164", "\u2800\u2800", "\u0301", "\U000e0041"]
PEOPLE = "a@bücher.example", "A@XN--BCHER-KVA.example"


def message_of(answer, field):
    assert answer.status_code == 400, answer.json
    [detail] = answer.json["error"]["details"]
    assert detail["field"] == field
    return detail["message"]


def post(client, kind, **fields):
    return client.post(f"/{kind}", json={"name": "Ada", "email": "ada@engines.test"} | fields)


def found(client, kind, **query):
    answer = client.get(f"/{kind}", query_string=query)
    assert answer.status_code == 200, answer.json
    assert answer.json["pagination"]["total"] == len(answer.json["data"])
    return [record["name"] for record in answer.json["data"]]


def test_invisible_characters_in_an_address_are_refused_by_their_names(client, kind):
    wanted = "Must not contain the invisible character U+{:04X}; type the address again."
    told = "Must not contain control or text-direction characters."
    for each in [*INVISIBLE, *BLANK]:
        for email in (f"a{each}da@engines.test", f"ada@en{each}gines.test", f"{each}ada@e.test"):
            message = message_of(post(client, kind, email=email), "email")
            assert message in (wanted.format(ord(each)), told)


@pytest.mark.parametrize(
    ("email", "advice"),
    [
        ("mailto:ada@engines.test", "remove mailto:"),
        (" MailTo:ada@engines.test?subject=Hi", "remove mailto:"),
        ("<ada@engines.test>", "without angle brackets"),
        ("Ada Byron <ada@engines.test>", "without angle brackets"),
        ("ada@engines.test>", "without angle brackets"),
        ("＜ada@engines.test＞", "without angle brackets"),
        ("ada@engines.test,", "remove the comma or semicolon"),
        ("ada@engines.test; ", "remove the comma or semicolon"),
        (",ada@engines.test", "remove the comma or semicolon"),
        ("ada@engines.test；", "remove the comma or semicolon"),
        ("ada@engines.test、", "remove the comma or semicolon"),
        ("ada@engi,nes.test", "Must be an e-mail address"),
        ("ada@engines.test.", "Must be an e-mail address"),
        ("ada@engines.test。", "Must be an e-mail address"),
        ("ada@engines。", "Must be an e-mail address"),
        ("ada＠engines.test", "Must be an e-mail address"),
    ],
)
def test_address_with_something_around_it_is_refused_with_advice(client, kind, email, advice):
    assert advice in message_of(post(client, kind, email=email), "email")


@pytest.mark.parametrize(
    "email",
    ["a@b。example", "a@b．example", "ada+mailto:x@e.test", "a,b@e.test"],
)
def test_address_that_only_looks_unusual_is_kept_as_it_is(client, kind, email):
    assert post(client, kind, email=email).json["email"] == email


@pytest.mark.parametrize("text", UNSEEN)
def test_text_of_nothing_visible_is_empty(client, kind, text):
    assert message_of(post(client, kind, name=text), "name") == "Must not be empty."
    record = post(client, kind, phone=text, company=text, source=text, notes=text).json
    assert [record[name] for name in ("phone", "company", "source", "notes")] == [None] * 4
    answer = client.put(f"/{kind}/{record['id']}", json={"name": text})
    assert message_of(answer, "name") == "Must not be empty."


@pytest.mark.parametrize("name", ["می\u200cروم", "👩\u200d👩\u200d👧", "❤\ufe0f", "\u200fעברית"])
def test_visible_text_keeps_its_joiners(client, kind, name):
    assert post(client, kind, name=name, notes=name).json["name"] == name


@pytest.mark.parametrize("text", ["\u200b", "\u2060\ufeff", "\u3164", "\u0301"])
def test_cells_of_nothing_visible_are_empty(client, kind, text):
    def sent(rows):
        answer = client.post(f"/{kind}/import", data=rows.encode(), content_type="text/csv")
        return answer.json

    report = sent(f"name,email,phone,mobile\nAda,ada@e.test,{text},123\n{text},b@e.test,,\n")
    assert (report["created"], report["rejected"]) == (1, 1)
    assert report["rejects"] == [{"line": 3, "reason": "name: Must not be empty."}]
    assert client.get(f"/{kind}").json["data"][0]["phone"] == "123"


def test_import_refuses_such_an_address_with_the_reason(client, kind):
    data = "name,email\nAda,a\u200bda@e.test\n".encode()
    report = client.post(f"/{kind}/import", data=data, content_type="text/csv").json
    said = message_of(post(client, kind, email="a\u200bda@e.test"), "email")
    assert report["rejects"] == [{"line": 2, "reason": f"email: {said}"}]
    assert found(client, kind) == []


@pytest.mark.parametrize("email", ["mailto:a@e.test", "<a@e.test>", "a@e.test;"])
def test_import_takes_the_address_in_such_a_cell(client, kind, email):
    data = f"name,email\nAda,{email}\n".encode()
    report = client.post(f"/{kind}/import", data=data, content_type="text/csv").json
    assert report["rejects"] == []
    assert client.get(f"/{kind}").json["data"][0]["email"] == "a@e.test"


def test_domain_is_one_with_its_ascii_form(client, make_lead):
    for number, email in enumerate(PEOPLE):
        make_lead(name=f"Ada {number}", email=email)
    for email in (*PEOPLE, "a@BÜCHER。example", "a@b\u0075\u0308cher.example"):
        assert found(client, "leads", email=email) == ["Ada 1", "Ada 0"]
    assert [lead["email"] for lead in client.get("/leads").json["data"]] == [*PEOPLE[::-1]]
    captured = client.post(
        "/leads?onDuplicate=reject", json={"name": "B", "email": "a@bücher.EXAMPLE"}
    )
    assert captured.json["error"]["code"] == "DUPLICATE_EMAIL"


def test_clients_have_one_address_in_any_spelling(client, make_client, make_lead):
    first = make_client(name="Ada", email=PEOPLE[0])
    answer = post(client, "clients", email=PEOPLE[1])
    assert answer.status_code == 409
    assert answer.json["error"]["details"][0]["existingId"] == first["id"]
    lead = make_lead(email=PEOPLE[1])
    assert client.post(f"/leads/{lead['id']}/convert").status_code == 409
    linked = client.post(f"/leads/{lead['id']}/convert?onDuplicate=link").json
    assert linked["id"] == first["id"]
    client.delete(f"/clients/{first['id']}")
    second = make_client(email=PEOPLE[1])
    assert client.post(f"/clients/{first['id']}/restore").status_code == 409
    rows = f"name,email\nB,{PEOPLE[0]}\nC,c@é.example\nD,c@xn--9ca.example\n".encode()
    for query in ("?dryRun=true", ""):
        path = f"/clients/import{query}"
        report = client.post(path, data=rows, content_type="text/csv").json
        assert [each["line"] for each in report["rejects"]] == [2, 4]
    export = client.get("/clients/export", query_string={"email": PEOPLE[0], "status": "active"})
    assert second["id"] in export.text
    assert export.text.count("\n") == 2
    # What version 5 took for one.
    make_client(email="a@strasse.example")
    make_client(email="a@straße.example")


def test_ids_in_capitals_are_the_same_ids(client, kind, make):
    record = make()
    shouted = f"/{kind}/{record['id'].upper()}"
    assert client.get(shouted).json == record
    changed = client.put(shouted, json={"phone": "1"}).json
    assert (changed["id"], changed["version"]) == (record["id"], 2)
    batch = {"update": [{"id": record["id"].upper(), "phone": "2"}]}
    assert client.post(f"/{kind}/batch", json=batch).json["updated"] == [record["id"]]
    twice = {"update": batch["update"], "delete": [{"id": record["id"]}]}
    [detail] = client.post(f"/{kind}/batch", json=twice).json["error"]["details"]
    assert detail == {"field": "delete[0].id", "message": "Must not be named more than once."}
    removed = client.post(f"/{kind}/batch", json={"delete": [{"id": record["id"].upper()}]})
    assert removed.json["deleted"] == [record["id"]]


def test_own_export_is_imported_with_ids_in_capitals(client, kind, make):
    record = make()
    rows = client.get(f"/{kind}/export").text.replace(record["id"], record["id"].upper())
    path = f"/{kind}/import?onDuplicate=skip"
    report = client.post(path, data=rows.encode(), content_type="text/csv").json
    assert (report["skipped"], report["created"], report["rejected"]) == (1, 0, 0)
    client.delete(f"/{kind}/{record['id']}{'?permanent=true' if kind == 'clients' else ''}")
    assert client.post(path, data=rows.encode(), content_type="text/csv").json["created"] == 1
    assert client.get(f"/{kind}/{record['id']}").json == record


def test_retry_with_the_id_in_capitals_is_the_same_request(client, make_lead):
    lead, key = make_lead(), {"Idempotency-Key": "once"}
    first = client.post(f"/leads/{lead['id']}/convert", headers=key)
    again = client.post(f"/leads/{lead['id'].upper()}/convert", headers=key)
    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.headers["Location"] == f"/clients/{first.json['id']}"


@pytest.mark.parametrize("written", ["{{{}}}", "urn:uuid:{}", "{}-", " {}", "x{}"])
def test_anything_around_an_id_makes_it_no_id(client, kind, make, written):
    known = make()["id"]
    for each in (known, known.upper()):
        assert client.get(f"/{kind}/{written.format(each)}").status_code == 404
        batch = {"update": [{"id": written.format(each), "phone": "1"}]}
        assert client.post(f"/{kind}/batch", json=batch).status_code == 404
    assert client.get(f"/{kind}/{known.replace('-', '')}").status_code == 404


@pytest.mark.parametrize("path", ["", "/export"])
def test_plus_that_became_a_space_is_told(client, kind, make, path):
    make(email="ada+x@engines.test", name="Ada")
    assert "%2B" in message_of(client.get(f"/{kind}{path}?email=ada+x@engines.test"), "email")
    answer = client.get(f"/{kind}{path}?email=ada%2Bx@engines.test")
    assert (answer.status_code, "ada+x@" in answer.text) == (200, True)
    # At an end, too: some addresses begin with a plus, and a plus alone is not the empty filter.
    for email in ("+1555@sms.test", "ada@engines.test+", "+"):
        answer = client.get(f"/{kind}{path}?email={email}")
        assert "%2B" in message_of(answer, "email")
    for name in ("createdSince", "updatedSince"):
        moment = "2026-01-01T00:00:00{}02:00"
        answer = client.get(f"/{kind}{path}?{name}={moment.format('+')}")
        assert "%2B" in message_of(answer, name)
        assert client.get(f"/{kind}{path}?{name}={moment.format('%2B')}").status_code == 200
        assert "%2B" not in message_of(client.get(f"/{kind}{path}?{name}=yesterday"), name)


def test_search_ignores_accents_and_width(client, kind, make):
    make(name="Hábito")
    make(name="İstanbul Ｔｅｋｓｔｉｌ")
    make(name="がぎ")
    assert found(client, kind, search="habito") == ["Hábito"]
    assert found(client, kind, search="HÁBITO") == ["Hábito"]
    assert found(client, kind, search="istanbul tekstil") == ["İstanbul Ｔｅｋｓｔｉｌ"]
    assert found(client, kind, search="İSTANBUL") == ["İstanbul Ｔｅｋｓｔｉｌ"]
    assert found(client, kind, search="かき") == []


@pytest.mark.parametrize("search", ["\u0301", "\u200b", "\u0301\u0301\u0301\u0301", "´", "\u064b"])
def test_search_of_which_nothing_is_left_finds_nothing(client, kind, make, search):
    make(name="Ada")
    assert found(client, kind, search=search) == []
    answer = client.get(f"/{kind}/export", query_string={"search": search})
    assert "Ada" not in answer.text
    assert found(client, kind, search="ada \u0301") == ["Ada"]
    assert found(client, kind, search=" ") == ["Ada"]


@pytest.mark.parametrize("status", [None, "new", "active"])
def test_names_are_ordered_without_accents_and_then_by_id(client, kind, make, status):
    if status and (status == "new") != (kind == "leads"):
        pytest.skip("not a status of this kind")
    made = [make(name=name) for name in ("Zoë", "ábito", "Zoe", "Łuk", "ｂob", "zoe", "Öl", "Mia")]
    wanted = [made[place]["id"] for place in (1, 4, 3, 7, 6, 0, 2, 5)]
    query = {"sort": "name", "order": "asc", "limit": 3} | ({"status": status} if status else {})
    page = client.get(f"/{kind}", query_string=query).json
    seen = [each["id"] for each in page["data"]]
    while following := page["pagination"]["next"]:
        page = client.get(f"/{kind}", query_string={"cursor": following, "limit": 3}).json
        seen += [each["id"] for each in page["data"]]
    assert seen == wanted
    answer = client.get(f"/{kind}", query_string=query | {"order": "desc", "limit": 100}).json
    assert [each["id"] for each in answer["data"]] == wanted[::-1]


@pytest.mark.parametrize("form", ["a{}da@e.test", "ada@e{}.test", "{}ada@e.test", "ada@e.test{}"])
def test_pattern_in_the_document_agrees_with_what_is_accepted(client, form):
    field = NewLead().fields["email"]
    properties = client.get("/openapi.json").json["components"]["schemas"]["NewLead"]["properties"]
    pattern = re.compile(properties["email"]["pattern"])
    wrong = []
    # Without lone surrogates, which are no characters.
    for code in (*range(0xD800), *range(0xE000, 0x10000)):
        # What NFC makes another character of is measured after that.
        text = form.format(chr(code))
        if unicodedata.is_normalized("NFC", text) and is_accepted(field, text) != bool(
            pattern.search(text)
        ):
            wrong.append(text)
    assert wrong == []


def is_accepted(field, text):
    try:
        return field.clean(text) is not None
    except ValidationError:
        return False


def test_pattern_is_one_for_javascript_too(client):
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    properties = client.get("/openapi.json").json["components"]["schemas"]["NewLead"]["properties"]
    texts = ["ada@e.test", " Ada+x@bücher。example ", "mailto:a@e.test", "<a@e.test>", "a@e.test;"]
    script = """
    const [pattern, texts] = JSON.parse(process.argv[1]);
    const found = ["", "u"].map((flag) => texts.map((each) => new RegExp(pattern, flag).test(each)));
    console.log(JSON.stringify(found));
    """
    asked = json.dumps([properties["email"]["pattern"], texts])
    done = subprocess.run([node, "-e", script, asked], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[True, True, False, False, False]] * 2
