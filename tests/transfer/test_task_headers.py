"""The headers of tasks that public documentation and sources of other tools show.

`Betreff=subject` says that a column with this header is the subject; nothing behind the sign says
that the column is no field of a follow-up.
"""

from typing import NamedTuple

import pytest

from leadbook.transfer.words import task_words
from leadbook.transfer.words.header_index import normalized
from leadbook.transfer.words.task_index import field_of


class Source(NamedTuple):
    tool: str
    url: str
    columns: str


# No public page shows the labels of the exports themselves: these have no address.
SOURCES = [
    Source("Pipedrive", "", "Activity - ID=|Activity - Subject=subject|Activity - Type=type|Activity - Due date=dueAt|Activity - Due time=due time|Activity - Duration=|Activity - Done=status|Activity - Assigned to user=assignee|Activity - Contact person=|Activity - Organization=|Activity - Deal=|Activity - Note=notes|Activity - Add time=createdAt|Activity - Update time=|Activity - Marked as done time=doneAt|Person - Email=email|Person - Email (Work)=email|Person - Name=|Deal - Title="),
    Source("Pipedrive", "https://github.com/DeskproApps/pipedrive/blob/main/src/types/pipedrive/pipedriveCreateActivity.ts", "due_date=dueAt|due_time=due time|duration=|deal_id=|person_id=|org_id=|note=notes|location=|subject=subject|type=type|user_id=|participants=|done=status"),
    Source("Pipedrive", "https://rdrr.io/cran/Rpipedrive/man/activities.add.html", "subject=subject|type=type|done=status|due_date=dueAt|due_time=due time|duration=|user_id=|deal_id=|person_id=|org_id=|note=notes"),
    Source("HubSpot", "https://developers.hubspot.com/docs/api/crm/tasks", "hs_timestamp=dueAt|hs_task_body=notes|hubspot_owner_id=|hs_task_subject=subject|hs_task_status=status|hs_task_priority=|hs_task_type=type|hs_task_reminders=remindAt|properties.hs_task_subject=subject|properties.hs_timestamp=dueAt"),
    Source("HubSpot", "", "Task Title=subject|Task Type=type|Due Date=dueAt|Task Status=status|Priority=|Task Notes=notes|Assigned to=assignee|Associated Contact=|Associated contact emails=email|All associated contact emails=email|Completed at=doneAt|Reminder=remindAt|Create date=createdAt"),
    Source("Atomic CRM", "https://github.com/marmelab/atomic-crm/blob/1454adfc5d2dff5dc6eb100e1681809eb81c282b/supabase/migrations/20240730075029_init_db.sql", "id=|contact_id=|type=type|text=subject|due_date=dueAt|done_date=doneAt|sales_id=|contact.email=email|contact_email=email"),
]  # fmt: skip


@pytest.mark.parametrize("source", SOURCES, ids=lambda each: f"{each.tool} {each.columns[:10]}")
def test_documented_headers_are_known(source):
    columns = dict(each.rsplit("=", 1) for each in source.columns.split("|"))
    assert {header: field_of(header) or "" for header in columns} == columns


@pytest.mark.parametrize(
    "header",
    [
        "Owner email",
        "Assigned to email",
        "User Email",
        "Organization",
        "Deal",
        "Lead ID",
        "Priority",
    ],
)
def test_other_columns_are_no_field(header):
    assert field_of(header) is None


def test_no_header_and_no_word_has_two_meanings():
    found = {}
    for language in task_words.LANGUAGES.values():
        for field, headers in language.items():
            for header in headers.split(", "):
                assert found.setdefault(normalized(header), field) == field, header
    for tables in task_words.CHOICES.values():
        known = {}
        for choice, words in tables.items():
            for word in words.split(", "):
                assert known.setdefault(normalized(word), choice) == choice, word
