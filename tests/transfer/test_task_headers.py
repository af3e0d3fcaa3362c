"""The headers of tasks that public documentation and sources of other tools show.

`Betreff=subject` says that a column with this header is the subject; nothing behind the sign says
that the column is no field of a follow-up.
"""

from typing import NamedTuple

import pytest

from leadbook.transfer.words import task_words
from leadbook.transfer.words.header_index import normalized
from leadbook.transfer.words.task_index import field_of, fields_of, meanings


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
    Source("Atomic CRM", "https://github.com/marmelab/atomic-crm/blob/1454adfc5d2dff5dc6eb100e1681809eb81c282b/supabase/migrations/20240730075029_init_db.sql", "id=|contact_id=|type=type|text=subject|due_date=dueAt|done_date=doneAt|sales_id=|contact.email=email|contact_email=email|contact.email_jsonb[0].email=email|contact.email_jsonb[0].type="),
    Source("Pipedrive in German", "", "Aktivität - Betreff=subject|Aktivität - Typ=type|Aktivität - Fälligkeitsdatum=dueAt|Aktivität - Uhrzeit=due time|Aktivität - Erledigt=status|Aktivität - Zugewiesen an Benutzer=assignee|Aktivität - Notiz=notes|Aktivität - Hinzugefügt am=createdAt|Person - E-Mail=email|Person - Name="),
    Source("Pipedrive in French", "", "Activité - Objet=subject|Activité - Type=type|Activité - Date d'échéance=dueAt|Activité - Heure d'échéance=due time|Activité - Terminé=status|Activité - Attribué à l'utilisateur=assignee|Activité - Note=notes|Activité - Ajouté le=createdAt|Personne - E-mail=email|Personne - Nom=|Tâche - Objet=subject"),
    Source("Pipedrive in Spanish", "", "Actividad - Asunto=subject|Actividad - Tipo=type|Actividad - Fecha de vencimiento=dueAt|Actividad - Hora de vencimiento=due time|Actividad - Hecho=status|Actividad - Asignado a usuario=assignee|Actividad - Nota=notes|Persona - Correo electrónico=email|Persona - Nombre=|Tarea - Asunto=subject"),
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
        "% Complete",
        "Person - Title",
        "Persona - Estado",
    ],
)
def test_other_columns_are_no_field(header):
    assert field_of(header) is None


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        (["Start date", "Due date"], [None, "dueAt"]),
        (["Date", "Deadline", "When"], [None, "dueAt", None]),
        (["hs_timestamp", "Date"], ["dueAt", None]),
        (["Datum", "Fällig am"], [None, "dueAt"]),
        (["Fecha", "Fecha límite"], [None, "dueAt"]),
        (["Date", "Échéance"], [None, "dueAt"]),
        (["Start date", "Start time"], ["dueAt", "due time"]),
        (["Due date", "Start time"], ["dueAt", None]),
        (["Due date", "Start time", "Due time"], ["dueAt", None, "due time"]),
        (["Reminder", "Reminder time"], ["remindAt", "remind time"]),
    ],
)
def test_dates_of_other_kinds_count_only_alone(headers, fields):
    assert fields_of(headers) == fields


@pytest.mark.parametrize(
    ("field", "choices", "words"),
    [
        ("type", ("call", "email", "meeting", "task"), {"todo": "task", "followup": "task"}),
        ("status", ("open", "done", "cancelled"), {"zuerledigen": "open", "porhacer": "open"}),
        ("status", ("open", "pending", "resolved", "closed"), {"done": "resolved", "solved": "resolved", "waiting": "pending"}),
        ("priority", ("low", "normal", "high", "urgent"), {"medium": "normal", "critical": "urgent"}),
        ("unheardof", ("a", "b"), {"a": "a"}),
    ],
)  # fmt: skip
def test_words_depend_on_the_choices(field, choices, words):
    assert words.items() <= meanings(field, choices).items()


def test_no_header_and_no_word_has_two_meanings():
    found = {}
    for language in task_words.LANGUAGES.values():
        for field, headers in language.items():
            for header in headers.split(", "):
                assert found.setdefault(normalized(header), field) == field, header
    for _, tables in task_words.CHOICES:
        known = {}
        for choice, words in tables.items():
            for word in words.split(", "):
                assert known.setdefault(normalized(word), choice) == choice, word
