"""The sample files of other tools, each of which stands for a kind of fault."""

import json

import pytest
from command import invoke
from places import SHARED_DATA

FILES = SHARED_DATA / "moving-in"
MARA = {"name": "Mara Quill", "email": "mara@tannic.example"}
ODD = {"name": "Odd Two", "email": "odd@tannic.example"}
PIP = {"name": "Pip Tree", "email": "pip@tannic.example"}
LONG_SOURCE = "Webinar on wine labels for importers held in Porto in May"

# The options, the leads, and what the summary must say.
EXPECTED = {
    "names_german.csv": ([], [MARA | {"company": "Tannic GmbH", "phone": "+49 221 5550100"}], []),
    "names_french.csv": (
        [],
        [
            MARA
            | {"company": "Tannic SARL", "phone": "06 55 50 01 00", "status": "new"}
            | {"createdAt": "2024-02-23T00:00:00.000Z"}
        ],
        [],
    ),
    "names_first_last.csv": ([], [MARA | {"phone": "5550100"}], []),
    "linkedin_preamble.csv": (
        [],
        [
            MARA
            | {"company": "Tannic, Ltd", "createdAt": "2024-03-12T00:00:00.000Z"}
            | {"custom": {"Position": "COO", "URL": "https://l.example/in/mara"}}
        ],
        ["custom     <- URL, Position"],
    ),
    "hubspot_score.csv": (
        [],
        [
            MARA | {"score": 100, "custom": {"HubSpot Score": "135"}},
            ODD | {"score": 0, "custom": {"HubSpot Score": "-10"}},
            PIP | {"score": 86, "custom": {"HubSpot Score": "85.5"}},
        ],
        ["Changed in score: 2 bent into the range, 1 rounded."],
    ),
    "hubspot_status.csv": (
        [],
        [
            MARA | {"status": "qualified", "custom": {"Lifecycle Stage": "Lead"}},
            ODD | {"status": "contacted", "custom": {"Lifecycle Stage": "Lead"}},
            PIP | {"status": "won", "custom": {}},
        ],
        ["status     <- Lead Status", "lifecycle  <- Lifecycle Stage"],
    ),
    "date_words.csv": (
        [],
        [
            {"name": "Quill", "createdAt": "2021-04-15T00:03:00.000Z"},
            {"name": "Two", "createdAt": "2021-04-15T00:00:00.000Z"},
            {"name": "Tree", "createdAt": "2021-04-15T00:00:00.000Z"},
        ],
        [],
    ),
    "date_slashes.csv": (
        [],
        [
            MARA | {"createdAt": "2024-02-03T00:00:00.000Z", "custom": {}},
            ODD | {"createdAt": "2024-02-23T00:00:00.000Z", "custom": {}},
        ],
        [],
    ),
    "second_email.csv": ([], [MARA, ODD], ["email      <- E-mail Address, E-mail 2 Address"]),
    "google_phones.csv": (
        [],
        [
            MARA
            | {"phone": "555-0100"}
            | {"custom": {"Phone 1 - Label": "Mobile", "Phone 1 - Value": "555-0101"}}
        ],
        [],
    ),
    "optional_field.csv": (
        [],
        [
            MARA | {"phone": "+1 555 0100", "company": "Tannic Ltd", "source": "Web"},
            ODD | {"company": "Tannic Ltd Porto branch"},
            PIP | {"source": LONG_SOURCE[:50], "custom": {"Lead Source": LONG_SOURCE}},
        ],
        [
            "Changed in company: 1 with spaces for line breaks and tabs.",
            "Changed in phone: 1 without characters that cannot be stored.",
            "Changed in source: 1 cut at the limit of 50 characters.",
        ],
    ),
    "placeholders.csv": (
        [],
        [
            each | {"phone": None, "company": None, "source": None, "custom": {}}
            for each in (MARA, ODD)
        ],
        [],
    ),
    "shopify_quote.csv": ([], [MARA | {"phone": "+351 910000001", "company": "Tannic Ltd"}], []),
    "own_export_edited.csv": (
        [],
        [
            MARA
            | {"id": "01a210cd-3a47-7000-9a33-e589e5891361", "phone": "+351 910000001"}
            | {"createdAt": "2024-02-23T10:11:12.000Z", "status": "new", "custom": {}}
        ],
        ["This is an export of Leadbook: ids and times are kept."],
    ),
    "backslash_quote.csv": (
        [],
        [MARA | {"name": 'Mara "Mo" Quill', "company": 'The "Tannic" Co'}, ODD],
        [],
    ),
    "stripe.csv": (
        [],
        [MARA | {"createdAt": "2024-02-23T10:11:00.000Z", "custom": {"id": "cus_1"}}],
        [],
    ),
    "encoding_cp1250.csv": (["--encoding", "cp1250"], [{"name": "Łucja Żak"}], ["cp1250"]),
    "array.json": ([], [MARA], []),
    "document.json": ([], [MARA], []),
    "nested.jsonl": ([], [MARA, ODD], []),
    "contact.vcf": ([], [MARA | {"company": "Tannic Ltd", "phone": "555-0100"}], []),
}


def imported(tmp_path, name, options=()):
    """Return the summary of an import into a new file, and its leads."""
    file = FILES / name
    if not file.exists():
        pytest.skip("the sample files are not beside this checkout")
    database = tmp_path / "leadbook.db"
    rejected = ("--rejected", tmp_path / "rejected")
    done = invoke("import", "leads", file, "--database", database, *rejected, *options)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = invoke("export", "leads", "--format", "jsonl", "--database", database).stdout
    return done.stdout, [json.loads(line) for line in lines.splitlines()]


@pytest.mark.parametrize("name", EXPECTED)
def test_sample_file_comes_in_as_its_readme_says(tmp_path, name):
    options, expected, said = EXPECTED[name]
    summary, leads = imported(tmp_path, name, options)
    by_email = {lead["email"]: lead for lead in leads} | {lead["name"]: lead for lead in leads}
    assert len(leads) == len(expected)
    for fields in expected:
        lead = by_email[fields["name"]]
        assert {field: lead[field] for field in fields} == fields
    assert all(line in summary for line in said), summary


def test_german_names_can_be_mapped_by_hand(tmp_path):
    options = ("--map", "Vorname=first name", "--map", "Nachname=last name")
    assert imported(tmp_path, "names_german.csv", options)[1][0]["name"] == "Mara Quill"


def test_guessed_encoding_is_told(tmp_path):
    summary, _ = imported(tmp_path, "encoding_cp1250.csv")
    assert "The encoding is" in summary


def test_no_sample_file_is_without_a_test():
    if not FILES.exists():
        pytest.skip("the sample files are not beside this checkout")
    assert {file.name for file in FILES.iterdir()} - {"README.md"} == EXPECTED.keys()
