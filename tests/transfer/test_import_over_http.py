"""Files over HTTP: the Content-Type names the format."""

import json

import pytest
from workbook_files import workbook_of

MARA = {"name": "Mara Quill", "email": "mara@tannic.example"}
CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Mara Quill\nEMAIL:mara@tannic.example\nEND:VCARD\n"
WORKBOOK = workbook_of(Cover=[["Report"]], People=[[*MARA], [*MARA.values()]])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize("kind", ["leads", "clients"])
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (XLSX, WORKBOOK), ("text/vcard", CARD), ("text/x-vcard; charset=utf-8", CARD), ("text/directory", CARD),
        ("application/json", json.dumps([MARA])), ("application/json", json.dumps({"records": [MARA]}, indent=2)),
        ("application/jsonl", json.dumps(MARA)), ("application/x-ndjson", json.dumps(MARA, indent=1)),
    ],
)  # fmt: skip
def test_each_type_comes_in(client, kind, content_type, body):
    answer = client.post(f"/{kind}/import", data=body, content_type=content_type)
    assert (answer.status_code, answer.json["created"], answer.json["rejected"]) == (200, 1, 0)
    [found] = client.get(f"/{kind}").json["data"]
    assert MARA.items() <= found.items()


def test_sheet_is_chosen_by_the_query(client):
    def ask(sheet):
        return client.post(f"/leads/import?sheet={sheet}", data=WORKBOOK, content_type=XLSX)

    assert ask("People").json["notices"] == [
        "These are the rows of the sheet 'People'; other sheets: 'Cover'."
    ]
    refused = ask("Persons")
    assert refused.status_code == 400
    assert "The sheets are: 'Cover', 'People'." in refused.json["error"]["details"][0]["message"]


@pytest.mark.parametrize(
    ("content_type", "body"), [("text/csv", WORKBOOK), (XLSX, "name,email\n"), ("text/vcard", "[]"), (XLSX, b"PK\3\4")]
)  # fmt: skip
def test_content_that_contradicts_its_type_is_a_400(client, content_type, body):
    answer = client.post("/leads/import", data=body, content_type=content_type)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert client.get("/leads").json["data"] == []
