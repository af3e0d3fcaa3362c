"""Values that a record cannot have as they are: mended, kept and counted, and no person lost."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from marshmallow import ValidationError
from reports import HEADER, counts, created

from leadbook.models import Lead
from leadbook.schemas import ContactInput
from leadbook.storage.text import is_visible
from leadbook.transfer.columns.kinds import kind_of
from leadbook.transfer.parsers import _check_of_text
from leadbook.transfer.values.mending import mended_text

FIELDS = ContactInput().fields
JSON = "application/x-ndjson"


@pytest.mark.parametrize(
    ("field", "longest"), [("name", 200), ("company", 200), ("Lead Source", 50), ("source", 50)]
)
def test_text_that_is_too_long_is_cut_and_kept_whole(take, leadbook, field, longest):
    long = "abcdefghi " * 30
    others = ",name" if field != "name" else ""
    report = take(f"email,{field}{others}\na@a.test,{long}{',Ada' if others else ''}\n")
    assert counts(report) == created(1)
    [lead] = leadbook.leads()
    name = "source" if field == "Lead Source" else field
    assert lead[name] == long[:longest].strip()
    assert lead["custom"] == {field: long.strip()}
    assert report["adjusted"] == {name: {"cut": 1}}


@pytest.mark.parametrize(
    ("cell", "stored", "done"),
    [
        ("Tannic\r\nLtd", "Tannic Ltd", {"lineBreaks": 1}), ("Tannic \t Ltd", "Tannic Ltd", {"lineBreaks": 1}),
        ("\u202aTannic\u202c", "Tannic", {"characters": 1}), ("Tan\x00nic\x07", "Tannic", {"characters": 1}),
        ("\u202a\u202c", None, {}), ("a" + "\u0301" * 40, "\u00e1" + "\u0301" * 14, {"characters": 1}),
        ("\u202aTannic\nLtd\u202c", "Tannic Ltd", {"lineBreaks": 1, "characters": 1}),
        (" Tannic ", "Tannic", {}), ("ﬁne", "ﬁne", {}), ("Tannic\u200e", "Tannic", {"characters": 1}), ("אב\u200eab", "אב\u200eab", {}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("field", ["name", "company", "source"])
def test_characters_of_a_line_are_mended(take, leadbook, field, cell, stored, done):
    header = ",".join(dict.fromkeys(["email", field, "name", "company"]))
    others = {"name": ",Engines", "company": ",Ada", "source": ",Ada,"}[field]
    report = take(f'{header}\na@a.test,"{cell}"{others}\n')
    [lead] = leadbook.leads()
    if field == "name" and stored is None:
        assert (lead["name"], report["adjusted"]) == ("Engines", {"name": {"fromCompany": 1}})
        return
    assert lead[field] == stored
    assert report["adjusted"].get(field, {}) == done


def test_notes_keep_their_lines(take, leadbook):
    report = take('name,email,notes\nAda,a@a.test,"one\r\ntwo\rthree\tfour\x00\u202a"\n')
    assert leadbook.leads()[0]["notes"] == "one\ntwo\nthree\tfour"
    assert report["adjusted"] == {"notes": {"characters": 1}}


def test_entries_keep_their_lines(take, leadbook):
    report = take('name,email,page\nAda,a@a.test,"one\r\ntwo\x00"\n')
    assert leadbook.leads()[0]["custom"] == {"page": "one\ntwo"}
    assert report["adjusted"] == {"custom": {"characters": 1}}


@pytest.mark.parametrize(
    "email", ["a@a.test\u202c", "\u200ea@a.test", "a@\x00a.test", "\ufeffa@a.test"]
)
def test_address_without_its_marks_is_usable(take, leadbook, email):
    assert counts(take(f"name,email\nAda,{email}\n")) == created(1)
    assert leadbook.leads()[0]["email"] == "a@a.test"


@pytest.mark.parametrize("email", ["", "n/a", "nobody", "a@b", "x" * 260 + "@a.test", "a@b@c.test"])
def test_row_without_a_usable_address_is_rejected(take, email):
    report = take(f"name,email\nAda,{email}\nBo,b@a.test\n")
    assert counts(report) == created(1, rejected=1) or report["remarks"] == 1
    assert report["adjusted"] == {}


def test_bytes_of_another_encoding_cost_only_their_field(take, leadbook):
    rows = b"Ada,a@a.test,Engin\xe9s,Gr\xf6sse\nB\xf6,b@a.test,,\nCy,c\xf6@a.test,,\n"
    others = "name,email,company,page\n" + "Zoë,z@a.test,Zoé,ü\n" * 3
    report = take(others.encode() + rows)
    assert counts(report) == created(4, rejected=2)
    assert {each["reason"] for each in report["rejects"]} == {
        "Some bytes are not utf-8, unlike the rest."
    }
    lead = next(each for each in leadbook.leads() if each["name"] == "Ada")
    assert (lead["company"], lead["custom"]) == ("Engin\ufffds", {"page": "Gr\ufffdsse"})
    assert report["adjusted"] == {"company": {"lostBytes": 1}, "custom": {"lostBytes": 1}}


def test_counts_are_of_rows_that_were_taken(take):
    report = take("name,email,score,status\nAda,no,135,Zorbing\nBo,b@a.test,135,\n")
    assert report["adjusted"] == {"score": {"bent": 1}}
    assert report["notUnderstood"]["status"] == {}


@pytest.mark.parametrize(
    ("cell", "stored", "done"), [("135", 100, {"bent": 1}), ("7.6", 8, {"rounded": 1})]
)
def test_edited_export_of_ours_is_mended_too(take, leadbook, cell, stored, done):
    leadbook.add_lead(score=7, company="Engines")
    header, row = leadbook.client.get("/leads/export").text.splitlines()
    cells = row.split(",")
    cells[header.split(",").index("score")] = cell
    cells[header.split(",").index("company")] = "Engines\u202c"
    leadbook.reset()
    report = take(f"{header}\n{','.join(cells)}\n")
    assert counts(report) == created(1)
    assert report["adjusted"] == {"score": done, "company": {"characters": 1}}
    [lead] = leadbook.leads()
    assert (lead["score"], lead["company"], lead["custom"]) == (stored, "Engines", {"score": cell})


def test_json_values_are_mended(take, leadbook):
    text = '{"name":"Ada","email":"a@a.test","score":85.5,"company":"\\ud800x"}\n'
    report = take(text, media_type=JSON)
    assert report["adjusted"] == {"score": {"rounded": 1}, "company": {"lostBytes": 1}}
    assert leadbook.leads()[0]["score"] == 86


def test_field_that_no_value_fits_keeps_its_default(take, leadbook):
    report = take(HEADER.replace("status", "score") + "Ada,a@a.test,high\n")
    assert (counts(report), leadbook.leads()[0]["score"]) == (created(1), 0)
    assert report["notUnderstood"]["score"] == {"high": 1}


@given(st.sampled_from(["name", "phone", "notes", "email"]), st.text(max_size=40))
@example("name", "\u3164")
@example("name", "\xad")
@example("email", "\u00e9@a.test")
@example("email", "e\u0301@a.test")
def test_usual_texts_are_what_the_rules_make_of_them(name, text):
    field, check = FIELDS[name], _check_of_text(FIELDS[name])
    try:
        expected = field.clean(text)
    except ValidationError:
        with pytest.raises(ValidationError):
            check(text)
    else:
        assert check(text) == expected


@given(st.sampled_from(["name", "phone", "company", "source", "notes"]), st.text(max_size=300))
@example("notes", "x" * 10_001)
@example("phone", "a" + "\u0301" * 100)
@example("phone", "\u0344" * 31)
def test_mended_text_can_be_stored(name, text):
    field = FIELDS[name]
    mended = mended_text(text, field).value
    if name != "name" or is_visible(mended):
        assert field.clean(mended) in (mended, None)


def test_long_texts_take_linear_time():
    field = kind_of(Lead).inputs["company"]
    for text in (" " * 250_000 + "x", "\n" * 250_000, "\u202a" * 250_000, "a\u0301" * 125_000):
        assert len(mended_text(text, field).value) <= 200
