"""Columns beside the status that say that a person must not be contacted."""

import pytest


@pytest.mark.parametrize(
    ("column", "told", "not_told"),
    [
        ("Unsubscribed from all email", "true", "false"),
        ("Email Opt Out", "1", "0"),
        ("Has Opted Out of Email", "Yes", "No"),
        ("BLOCKLISTED", "Yes", ""),
        ("Do Not Call", "1", "0"),
        ("do_not_email", "TRUE", "FALSE"),
        ("Do not allow Emails", "Do Not Allow", "Allow"),
        ("Person - Marketing status", "Unsubscribed", "Subscribed"),
        ("Email Status", "Bounced", "Verified"),
    ],
)
def test_a_column_that_forbids_contact_is_counted(take, leadbook, column, told, not_told):
    report = take(f"name,email,{column}\nAda,a@a.test,{told}\nBo,b@a.test,{not_told}\n")
    assert report["optedOut"] == 1
    kept = {lead["name"]: lead["custom"].get(column) for lead in leadbook.leads()}
    assert kept == {"Ada": told, "Bo": not_told or None}


@pytest.mark.parametrize(
    ("column", "cell"), [("Email Count", "1"), ("Opt in", "Yes"), ("Marketing status", "1")]
)
def test_other_columns_forbid_nothing(take, column, cell):
    assert take(f"name,email,{column}\nAda,a@a.test,{cell}\n")["optedOut"] == 0
