"""The headers of tasks and activities of other tools, by language, and the words in their cells.

As in header_words.py, a table has the headers of each field, separated by commas. Capitals,
accents, spaces and hyphens make no difference. The address of the person and the time of creation
have the headers that they have for people.
"""

# fmt: off
LANGUAGES: dict[str, dict[str, str]] = {
    "English": {
        "subject": "subject, title, task name, activity name, summary, text, task, activity, to do, what",
        "type": "type, kind",
        "notes": "note, notes, body, description, details, content, comment, comments",
        "dueAt": "due date, due, due at, due on, due by, deadline, date, when, start date, scheduled for, hs timestamp",
        "due time": "due time, time, start time, time of day",
        "remindAt": "reminder, reminders, remind at, reminder date, reminder at",
        "assignee": "assigned to, assigned to user, assigned user, assignee, owner, owner name, responsible, sales rep, user",
        "status": "status, done, completed, complete, state, is done, is completed, finished",
        "doneAt": "done date, done at, done on, done time, completed at, completed date, completed on, completion date, completed time, completion time, marked as done time, date completed, date done",
        "outcome": "outcome, result, call outcome, meeting outcome",
    },
    "German": {
        "subject": "Betreff, Titel, Aufgabe, Aktivität, Bezeichnung",
        "type": "Typ, Art, Aufgabentyp, Aktivitätstyp, Art der Aktivität",
        "notes": "Notiz, Notizen, Beschreibung, Bemerkung",
        "dueAt": "Fälligkeitsdatum, Fällig, Fällig am, Fälligkeit, Datum, Termin",
        "due time": "Uhrzeit, Fälligkeitszeit, Zeit",
        "remindAt": "Erinnerung, Erinnern am",
        "assignee": "Zugewiesen an, Zugeordnet zu, Verantwortlich, Zuständig, Inhaber, Besitzer, Bearbeiter",
        "status": "Status, Erledigt, Abgeschlossen",
        "doneAt": "Erledigt am, Abgeschlossen am, Als erledigt markiert am",
        "outcome": "Ergebnis",
    },
    "French": {
        "subject": "Objet, Sujet, Titre, Tâche, Activité",
        "type": "Type, Type de tâche, Type d'activité",
        "notes": "Note, Notes, Description, Remarque, Remarques",
        "dueAt": "Date d'échéance, Échéance, Date",
        "due time": "Heure d'échéance, Heure",
        "remindAt": "Rappel",
        "assignee": "Attribué à, Assigné à, Affecté à, Responsable, Propriétaire",
        "status": "Statut, Terminé, Terminée, Fait, Effectué",
        "doneAt": "Terminé le, Terminée le, Fait le, Date de réalisation",
        "outcome": "Résultat",
    },
    "Spanish": {
        "subject": "Asunto, Título, Tarea, Actividad",
        "type": "Tipo, Tipo de tarea, Tipo de actividad",
        "notes": "Nota, Notas, Descripción, Observaciones",
        "dueAt": "Fecha de vencimiento, Vencimiento, Fecha límite, Fecha",
        "due time": "Hora de vencimiento, Hora",
        "remindAt": "Recordatorio",
        "assignee": "Asignado a, Asignada a, Responsable, Propietario",
        "status": "Estado, Hecho, Hecha, Completado, Completada, Finalizada",
        "doneAt": "Completado el, Completada el, Fecha de finalización",
        "outcome": "Resultado",
    },
}

# What a header may name first: "Activity - Subject", "hs_task_body", "Associated contact emails".
BEFORE = "activity, activities, task, tasks, engagement, hs, properties, property, all, associated, Aufgabe, Aufgaben, Aktivität"
# With one of these, an address is that of a colleague.
COLLEAGUES = "owner, assigned, assignee, user, creator, created, by, rep, Inhaber, Besitzer, propietario, responsable"

CHOICES: dict[str, dict[str, str]] = {
    "type": {
        "call": "call, phone call, phone, telephone, Anruf, Telefonat, appel, llamada",
        "email": "email, mail, correo, correo electrónico, courriel",
        "meeting": "meeting, lunch, demo, appointment, visit, video call, conference, event, Besprechung, Treffen, Termin, Mittagessen, réunion, rendez-vous, déjeuner, reunión, cita, almuerzo",
        "task": "task, to do, deadline, follow up, reminder, Aufgabe, Frist, tâche, échéance, tarea, plazo",
    },
    "status": {
        "open": "open, to do, not done, not started, not completed, in progress, waiting, deferred, planned, pending, scheduled, new, active, incomplete, no, false, 0, Offen, Nein, Nicht begonnen, In Bearbeitung, À faire, Non, En cours, Pendiente, En curso",
        "done": "done, completed, complete, finished, closed, yes, true, 1, x, Erledigt, Abgeschlossen, Ja, Terminé, Terminée, Fait, Oui, Hecho, Hecha, Completado, Completada, Sí",
        "cancelled": "cancelled, canceled, Abgebrochen, Abgesagt, Storniert, Annulé, Annulée, Cancelado, Cancelada",
    },
}
# fmt: on
