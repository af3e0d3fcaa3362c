"""Whether two addresses, texts or ids are one, as users of other software reported it."""

import unicodedata
from urllib.parse import quote

import pytest


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(
            "Mary.Pleasant@Harvard.example",
            "mary.pleasant@harvard.example",
            id="gramps-project/gramps-web-api#446",
        ),
        pytest.param("ÉVA@b.example", "éva@b.example", id="casual-simulation/casualos#330"),
        pytest.param("a@bücher.example", "a@xn--bcher-kva.example", id="mozilla/persona#1370"),
        pytest.param(
            "a@BÜCHER.example", "a@XN--BCHER-KVA.example", id="K-and-R/email_validator#87"
        ),
        pytest.param("jose\u0301@b.example", "jos\u00e9@b.example", id="vshulcz/deja-vu#1098"),
    ],
)
def test_active_clients_have_no_address_in_two_spellings(ask, post, first, second):
    client = post("clients", email=first)
    assert client["email"] == unicodedata.normalize("NFC", first)
    refused = ask("POST", "/clients", {"name": "Bob", "email": second})
    assert (refused.status, refused.error["code"]) == (409, "DUPLICATE_EMAIL")
    assert refused.error["details"][0]["existingId"] == client["id"]
    assert ask("GET", f"/clients?email={quote(second)}").json["data"] == [client]


def test_addresses_that_only_resemble_each_other_are_two(ask, post):
    """w3c/html#538: a rule for domains that is too simple takes the mail of others for one."""
    post("clients", email="a@strasse.example")
    post("clients", email="a@straße.example")
    assert ask("GET", "/clients").json["pagination"]["total"] == 2


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("ada\u200b@b.example", id="validatorjs/validator.js#940"),
        pytest.param("\u200bada@b.example", id="mikel/mail#1173"),
        pytest.param("ada@b.example\u2060", id="jstanden/cerb#1349"),
        pytest.param("ada@b\u00ad.example", id="validatorjs/validator.js#802"),
        pytest.param("\ufeffada@b.example", id="docling-project/docling#4097"),
        pytest.param("mailto:ada@b.example", id="nextcloud/contacts#4379"),
        pytest.param("<ada@b.example>", id="mailpile/Mailpile#139"),
        pytest.param("ada@b.example,", id="cypht-org/cypht#867"),
        pytest.param("ada@b.example;", id="tbar0970/jethro-pmm#568"),
    ],
)
def test_what_was_pasted_around_an_address_is_refused(ask, address):
    refused = ask("POST", "/clients", {"name": "Ada", "email": address})
    assert (refused.status, refused.error["code"]) == (400, "VALIDATION_ERROR")
    assert [*refused.faults] == ["email"]
    assert ask("GET", "/clients").json["pagination"]["total"] == 0


@pytest.mark.parametrize(
    "space",
    [
        pytest.param("\n", id="langgenius/dify#39234"),
        pytest.param("\r\n", id="json-schema-org/JSON-Schema-Test-Suite#1119"),
        pytest.param("\u00a0", id="jstanden/cerb#1349"),
    ],
)
def test_white_space_after_an_address_is_no_part_of_it(ask, post, space):
    assert post("clients", email="ada@b.example" + space)["email"] == "ada@b.example"
    refused = ask("POST", "/clients", {"name": "Bob", "email": space + "ADA@b.example"})
    assert refused.error["code"] == "DUPLICATE_EMAIL"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("\u200b\u200d", id="Facepunch/garrysmod-issues#5908"),
        pytest.param("\u3164", id="velopert/velog#36"),
        pytest.param(" \ufeff ", id="owncast/owncast#4522"),
    ],
)
def test_name_of_nothing_visible_is_empty(ask, name):
    refused = ask("POST", "/leads", {"name": name, "email": "ada@b.example"})
    assert (refused.status, [*refused.faults]) == (400, ["name"])


def test_visible_joiners_stay(ask, post):
    """validatorjs/validator.js#2648: whoever removes all invisible characters breaks names."""
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467 می\u200cخواهم"
    assert post(name=family)["name"] == family
    assert ask("GET", "/leads").names == [family]


def test_id_in_capitals_is_the_same_id(ask, post):
    """typeorm/typeorm#8737: tools write UUIDs in capitals."""
    lead = post()
    shout = lead["id"].upper()
    assert ask("GET", f"/leads/{shout}").json == lead
    changed = ask("PUT", f"/leads/{shout}", {"score": 5})
    assert (changed.json["id"], changed.json["version"]) == (lead["id"], 2)
    twice = {"update": [{"id": shout, "score": 6}], "delete": [{"id": lead["id"]}]}
    assert ask("POST", "/leads/batch", twice).status == 400
    done = ask("POST", "/leads/batch", {"update": [{"id": shout, "score": 6}]})
    assert done.json["updated"] == [lead["id"]]


@pytest.mark.parametrize("form", ["{{{}}}", "urn:uuid:{}"])
def test_other_forms_of_an_id_are_no_ids(ask, post, form):
    """directus/directus#16938: a record that is found under two forms is kept twice by callers."""
    assert ask("GET", "/leads/" + quote(form.format(post()["id"]))).status == 404


@pytest.mark.parametrize(
    ("name", "word"),
    [
        pytest.param("Иван Петров", "иван", id="strapi/strapi#14597"),
        pytest.param("хлеб", "ХЛЕБ", id="nocodb/nocodb#6135"),
        pytest.param("Россия", "Рос", id="nicolaslopezj/searchable#137"),
        pytest.param("Ünal", "ünal", id="directus/directus#17941"),
        pytest.param("cafe\u0301", "café", id="vshulcz/deja-vu#1098"),
        pytest.param("캘린더", unicodedata.normalize("NFD", "캘린더"), id="ospfranco/sol#329"),
        pytest.param("Álvaro", "alvaro", id="nextcloud/contacts#4064"),
        pytest.param("Petr Šilhavý", "silh", id="SimpleMobileTools/Simple-Contacts#666"),
        pytest.param("Andre Tremieux", "trémieux", id="mudita/MuditaOS#3742"),
        pytest.param("Ｆｕｌｌ", "full", id="ismaelgv/rnr#31"),
    ],
)
def test_search_finds_the_word_however_it_is_typed(ask, post, name, word):
    post(name=name)
    post(name="Somebody Else")
    found = ask("GET", f"/leads?search={quote(word)}")
    assert found.names == [unicodedata.normalize("NFC", name)]


def test_plus_in_an_address_must_be_escaped_and_the_answer_says_so(ask, post):
    """api-platform/core#3394: a plus in a query is a space, and the list was empty."""
    lead = post(email="ada+shop@b.example")
    refused = ask("GET", "/leads?email=ada+shop@b.example")
    assert refused.status == 400
    assert "%2B" in refused.faults["email"]
    assert ask("GET", "/leads?email=ada%2Bshop@b.example").json["data"] == [lead]
