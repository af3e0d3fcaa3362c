"""What the summary says about words of a status that Leadbook does not understand."""

import pytest
from command import invoke

ROWS = """name,email,Lead Status,Lifecycle Stage
A,a@a.test,CLOSED - Disqualified,
B,b@a.test,On Hold,
C,c@a.test,Contacted,Something
D,d@a.test,Lost - price,Customer
B,b@a.test,On Hold,
"""


@pytest.fixture
def said(tmp_path):
    def said(*options):
        file = tmp_path / "file.csv"
        file.write_text(ROWS)
        done = invoke("import", "leads", file, "--database", tmp_path / "x.db", *options)
        return [line for line in done.stdout.splitlines() if "status" in line and "<-" not in line]

    return said


IN_PART = (
    "Not fully understood as status: 'CLOSED - Disqualified', imported as lost (1); "
    "'Something', imported as contacted (1); 'Lost - price', imported as lost (1). "
    "custom keeps the words."
)


def test_only_words_of_leads_that_became_new_are_told_as_new(said):
    assert said() == [
        "Not understood as status, so imported as new: 'On Hold' (2). custom keeps the words.",
        IN_PART,
    ]


def test_skipped_rows_are_not_told(said):
    assert said("--on-duplicate", "skip") == [
        "Not understood as status, so imported as new: 'On Hold' (1). custom keeps the words.",
        IN_PART,
    ]


def test_updated_leads_keep_their_status(said):
    assert said("--on-duplicate", "update") == [
        "Not understood as status, so imported as new: 'On Hold' (1). custom keeps the words.",
        "Not understood as status, so the old status stays: 'On Hold' (1). custom keeps the words.",
        IN_PART,
    ]


def test_nothing_is_told_as_imported_if_nothing_was(said, tmp_path):
    rejected = ROWS + "E,,New,\n"
    file = tmp_path / "bad.csv"
    file.write_text(rejected)
    done = invoke("import", "leads", file, "--database", tmp_path / "x.db", "--strict")
    assert "Not understood as status: 'On Hold' (2)." in done.stdout
    assert "imported as" not in done.stdout


def test_api_counts_all_such_words(take):
    assert take(ROWS)["notUnderstood"]["status"] == {
        "CLOSED - Disqualified": 1, "On Hold": 2, "Something": 1, "Lost - price": 1,
    }  # fmt: skip
