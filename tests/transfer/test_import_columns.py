"""What the columns and words of other tools become."""

import json

import pytest
from reports import HEADER, NOW, counts, created

from leadbook.transfer.words.synonyms import field_of


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("name,email\nZoë Łukasz,z@a.test\n", "utf-8"), ("name,email\nZoë Łukasz,z@a.test\n", "utf-8-sig"),
        ("name,email\nZoë Łukasz,z@a.test\n", "utf-16"), ("name,email\nZoë Łukasz,z@a.test\n", "utf-16-le"),
        ("name;email\r\nZoë “Łukasz”,z@a.test\n".replace(",", ";").replace("Ł", "L"), "cp1252"),
        ("name,email\n" + "Ann,ann@a.test\n" * 5_000 + "Zoë Lukasz,z@a.test\n", "cp1252"),
    ],
)  # fmt: skip
def test_encodings_are_recognised(take, leadbook, text, encoding):
    report = take(text, encoding=encoding)
    assert report["rejected"] == 0
    [lead] = leadbook.leads(email="z@a.test")
    assert lead["name"].startswith("Zoë")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_are_recognised(take, leadbook, separator, end):
    rows = [
        ["name", "email", "notes"],
        ["Ada", "a@a.test", '"1, 2; 3|4 ""5"""'],
        ["B", "b@a.test", ""],
    ]
    report = take(end.join(separator.join(row) for row in rows))
    assert counts(report) == created(2)
    assert leadbook.leads()[0]["notes"] == '1, 2; 3|4 "5"'


@pytest.mark.parametrize(
    "text",
    [
        'sep=;\r\nname;email\r\nAda "A" B;a@a.test\r\n',
        'name,email\n"Ada \\"A\\" B",a@a.test\n',
        "'name','email'\n'Ada \"A\" B','a@a.test'\n",
        '\n\nname,email,\n\nAda "A" B,a@a.test,\n\n',
    ],
)
def test_quoting_of_others_is_recognised(take, leadbook, text):
    assert counts(take(text)) == created(1)
    assert leadbook.leads()[0]["name"] == 'Ada "A" B'


def test_dates_that_can_be_read_in_two_ways_are_counted(take, leadbook):
    dates = [
        "3/4/2024",
        "2024-02-30",
        "soon",
        "3/14/2024 2:05 PM",
        "14/3/2024",
        "2024-03-14",
        "1901-01-01",
        "5/5/2024",
    ]
    text = "name,email,created\n" + "".join(
        f"A,a{n}@a.test,{each}\n" for n, each in enumerate(dates)
    )
    report = take(text)
    assert report["notUnderstood"]["createdAt"] == {
        "3/4/2024": 1, "2024-02-30": 1, "soon": 1, "1901-01-01": 1,
    }  # fmt: skip
    days = {lead["email"]: lead["createdAt"] for lead in leadbook.leads()}
    assert days["a3@a.test"] == "2024-03-14T14:05:00.000Z"
    assert days["a4@a.test"] == days["a5@a.test"] == "2024-03-14T00:00:00.000Z"
    assert days["a7@a.test"] == "2024-05-05T00:00:00.000Z"
    assert days["a0@a.test"] == NOW


@pytest.mark.parametrize(
    ("score", "stored", "done"),
    [
        ("80", 80, {}), ("80.0", 80, {}), ("", 0, {}), ("N/A", 0, {}), ("85 %", 85, {}), ("+7", 7, {}), ("1e1", 10, {}),
        ("80.5", 81, {"rounded": 1}), ("84.5", 85, {"rounded": 1}), ("85,4", 85, {"rounded": 1}), ("0.37", 0, {"rounded": 1}),
        ("101", 100, {"bent": 1}), ("-1", 0, {"bent": 1}), ("−1", 0, {"bent": 1}), ("1,234", 100, {"bent": 1}), ("9" * 20, 100, {"bent": 1}),
    ]
)  # fmt: skip
def test_scores(take, leadbook, score, stored, done):
    report = take(f'name,email,lead score\nA,a@a.test,"{score}"\n')
    [lead] = leadbook.leads()
    assert lead["score"] == stored
    assert report["adjusted"] == ({"score": done} if done else {})
    assert lead["custom"] == ({"lead score": score} if done else {})


@pytest.mark.parametrize("score", ["x", "85/100", "1.2.3", "inf", "true", "9" * 5_000, "1," * 900])
def test_score_that_is_no_number_is_kept_and_counted(take, leadbook, score):
    report = take(f'name,email,lead score\nA,a@a.test,"{score}"\n')
    [lead] = leadbook.leads()
    assert (lead["score"], lead["custom"]) == (0, {"lead score": score[:1_000]})
    assert report["notUnderstood"]["score"] == {score[:100]: 1}


@pytest.mark.parametrize(
    "date", ["9999-12-31T23:59:59-12:00", "9999-12-31 23:59 -12:00", "10000-01-01"]
)
def test_date_that_no_answer_could_show_is_not_understood(take, leadbook, date):
    report = take(f"name,email,created\nA,a@a.test,{date}\n")
    # The last day of the calendar stands for "none".
    unknown = {} if date.startswith("9999-12-31") else {date: 1}
    assert report["notUnderstood"]["createdAt"] == unknown
    [lead] = leadbook.leads()
    assert leadbook.client.put(f"/leads/{lead['id']}", json={"score": 1}).status_code == 200


@pytest.mark.parametrize(
    ("header", "cells", "name"),
    [
        ("Name,Surname", "Ada,Byron", "Ada Byron"), ("Name,Last Name", "Ada Byron,Byron", "Ada Byron"), ("Name,First Name,Last Name", "A. B.,Ada,Byron", "Ada Byron"),
        ("firstname,lastname", "Ada,Byron", "Ada Byron"), ("FNAME,LNAME", "Ada,Byron", "Ada Byron"), ("First Name,Last Name", ",Byron", "Byron"),
        ("Fullname", "Ada Byron", "Ada Byron"), ("Lead - Contact person", "Ada Byron", "Ada Byron"), ("Deal Name,Name", "Big deal,Ada", "Ada"),
    ],
)  # fmt: skip
def test_names_come_together(take, leadbook, header, cells, name):
    take(f"{header},E-Mail1\n{cells},a@a.test\n")
    assert [lead["name"] for lead in leadbook.leads()] == [name]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Email1", "email"), ("mail", "email"), ("email_work", "email"), ("E-mail Address", "email"), ("Secondary Email", "email"), ("Person - Email - Other", "email"),
        ("Phone1", "phone"), ("Mobile Phone Number", "phone"), ("Primary Company", "company"), ("Account Name", "company"), ("Organization 1 - Name", "company"),
        ("StageName", "status"), ("Deal Stage", "status"), ("Deal Status", "status"), ("HubSpot Score", "score"), ("Lead Source", "source"), ("leadSource", "source"),
        ("CreatedDate", "createdAt"), ("Date Added", "createdAt"), ("Email Opt Out", None), ("E-mail 1 - Label", None), ("Fax", "phone"), ("Deal Name", None), ("Account Id", None),
        ("Lead Owner", None), ("Email Domain", None), ("Company Size", None), ("Job Title", None),
    ],
)  # fmt: skip
def test_headers_of_others(header, field):
    assert field_of(header) == field


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Open - Not Contacted", "new"), ("Contact Made", "contacted"), ("closedwon", "won"), ("Closed-Lost", "lost"), ("Proposal/Price Quote", "qualified"),
        ("Negotiation/Review", "qualified"), ("RE-ENGAGEMENT", "contacted"),
    ],
)  # fmt: skip
def test_words_of_others(take, leadbook, word, status):
    report = take(HEADER + f"A,a@a.test,{word}\n")
    assert [lead["status"] for lead in leadbook.leads()] == [status]
    assert report["notUnderstood"]["status"] == {}


def test_unknown_status_does_not_set_a_lead_back(take, leadbook):
    lead = leadbook.add_lead(email="a@a.test", status="qualified")
    leadbook.client.post(f"/leads/{leadbook.add_lead(email='b@a.test')['id']}/convert")
    text = HEADER + "A,a@a.test,On Hold\nB,b@a.test,On Hold\nC,c@a.test,On Hold\n"
    assert counts(take(text, onDuplicate="update")) == created(1, updated=2)
    statuses = {each["name"]: each["status"] for each in leadbook.leads()}
    assert statuses == {"A": lead["status"], "B": "won", "C": "new"}


def test_words_are_told_only_so_far(take):
    rows = "".join(f"A,a{n}@a.test,word {n} {'x' * 300}\n" for n in range(1_500))
    words = take(HEADER + rows)["notUnderstood"]["status"]
    assert len(words) == 1_001
    assert words["(others)"] == 500
    assert max(map(len, words)) == 100


def test_columns_are_told_only_so_far(take):
    header = ",".join(f"column {n}" for n in range(5_000))
    report = take(f"name,email,{header}\nA,a@a.test{',' * 5_000}\n")
    assert counts(report) == created(1)
    assert (report["custom"], report["leftOut"]) == ([], [])
    report = take(f"name,email,{header}\nA,a@a.test{',x' * 5_000}\n")
    assert (len(report["custom"]), len(report["leftOut"])) == (50, 1_000)
    lines = "\n".join(
        json.dumps({"name": "A", "email": "a@a.test", f"k{n}": 1}) for n in range(3_000)
    )
    report = take(lines, media_type="application/x-ndjson")
    assert report["custom"] == [f"k{n}" for n in range(50)]
    assert len(report["leftOut"]) == 1_000


def test_bytes_of_another_encoding_are_called_so(take):
    report = take("name,email\nZoë,z@a.test\nZoé,e@a.test\n".encode() + b"Zo\xeb,l@a.test\n")
    assert report["rejects"] == [
        {"line": 4, "reason": "Some bytes are not utf-8, unlike the rest."}
    ]
    cut = "name,email\nZoë,z@a.test\n".encode("utf-16") + b"a"
    report = take(cut)
    # What is left of the last row is one cell, as a footer has.
    assert (report["created"], report["rejected"], report["remarks"]) == (1, 0, 1)


def test_a_date_that_another_column_says_is_not_reported_as_lost(take, leadbook):
    report = take("name,email,OPT_IN,ADDED_TIME\nAda,a@a.test,Yes,28-02-2024 14:22:05\n")
    assert report["notUnderstood"]["createdAt"] == {}
    [lead] = leadbook.leads()
    assert lead["createdAt"] == "2024-02-28T14:22:05.000Z"
    assert lead["custom"] == {"OPT_IN": "Yes"}


def test_words_in_front_of_a_last_name_are_part_of_the_name(take, leadbook):
    take("Voornaam,Tussenvoegsel,Achternaam,Email\nAna,van der,Berg,a@a.test\nBo,,Kraan,b@a.test\n")
    assert {lead["name"]: lead["custom"] for lead in leadbook.leads()} == {
        "Ana van der Berg": {"Tussenvoegsel": "van der"},
        "Bo Kraan": {},
    }


@pytest.mark.parametrize(
    ("cell", "kept"),
    [("'01067", "01067"), ("'+49 30 1", "+49 30 1"), ("'90s kid", "'90s kid"), ("'a'", "'a'")],
)
def test_apostrophe_in_front_of_a_number_is_taken_off(take, leadbook, cell, kept):
    take(f"name,email,Zip\nAda,a@a.test,{cell}\n")
    assert leadbook.leads()[0]["custom"] == {"Zip": kept}
