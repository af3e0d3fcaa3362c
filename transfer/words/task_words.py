"""The headers of tasks and activities of other tools, by language, and the words in their cells.

As in header_words.py, a table has the headers of each field, separated by commas. Capitals,
accents, spaces and hyphens make no difference. The address of the person and the time of creation
have the headers that they have for people. A header behind "dueAt?" counts only if no other column
of the file is the field; so with all fields.
"""

# fmt: off
LANGUAGES: dict[str, dict[str, str]] = {
    "English": {
        "subject": "subject, title, task name, activity name, summary, text, task, activity, to do, what",
        "type": "type, kind",
        "notes": "note, notes, body, description, details, content, comment, comments",
        "dueAt": "due date, due, due at, due on, due by, deadline, due date time, hs timestamp",
        "dueAt?": "date, when, start date, scheduled for",
        "due time": "due time, time, time of day",
        "due time?": "start time",
        "remindAt": "reminder, reminders, remind at, reminder date, reminder at",
        "remind time": "reminder time, remind time",
        "assignee": "assigned to, assigned to user, assigned user, assignee, owner, owner name, responsible, sales rep, user",
        "status": "status, done, completed, complete, state, is done, is completed, finished",
        "doneAt": "done date, done at, done on, done time, completed at, completed date, completed on, completion date, completed time, completion time, marked as done time, date completed, date done",
        "outcome": "outcome, result, call outcome, meeting outcome",
    },
    "German": {
        "subject": "Betreff, Titel, Aufgabe, Aktivität, Bezeichnung",
        "type": "Typ, Art, Aufgabentyp, Aktivitätstyp, Art der Aktivität",
        "notes": "Notiz, Notizen, Beschreibung, Bemerkung",
        "dueAt": "Fälligkeitsdatum, Fällig, Fällig am, Fälligkeit",
        "dueAt?": "Datum, Termin, Startdatum",
        "due time": "Uhrzeit, Fälligkeitszeit, Zeit",
        "due time?": "Startzeit",
        "remindAt": "Erinnerung, Erinnern am",
        "remind time": "Erinnerungszeit",
        "assignee": "Zugewiesen an, Zugewiesen an Benutzer, Zugeordnet zu, Verantwortlich, Zuständig, Inhaber, Besitzer, Bearbeiter",
        "status": "Status, Erledigt, Abgeschlossen",
        "doneAt": "Erledigt am, Abgeschlossen am, Als erledigt markiert am",
        "outcome": "Ergebnis",
    },
    "French": {
        "subject": "Objet, Sujet, Titre, Tâche, Activité",
        "type": "Type, Type de tâche, Type d'activité",
        "notes": "Note, Notes, Description, Remarque, Remarques",
        "dueAt": "Date d'échéance, Échéance",
        "dueAt?": "Date, Date de début",
        "due time": "Heure d'échéance, Heure",
        "due time?": "Heure de début",
        "remindAt": "Rappel",
        "remind time": "Heure du rappel",
        "assignee": "Attribué à, Attribué à l'utilisateur, Assigné à, Assigné à l'utilisateur, Affecté à, Responsable, Propriétaire",
        "status": "Statut, Terminé, Terminée, Fait, Effectué",
        "doneAt": "Terminé le, Terminée le, Fait le, Date de réalisation",
        "outcome": "Résultat",
    },
    "Spanish": {
        "subject": "Asunto, Título, Tarea, Actividad",
        "type": "Tipo, Tipo de tarea, Tipo de actividad",
        "notes": "Nota, Notas, Descripción, Observaciones",
        "dueAt": "Fecha de vencimiento, Vencimiento, Fecha límite",
        "dueAt?": "Fecha, Fecha de inicio",
        "due time": "Hora de vencimiento, Hora",
        "due time?": "Hora de inicio",
        "remindAt": "Recordatorio",
        "remind time": "Hora del recordatorio",
        "assignee": "Asignado a, Asignado a usuario, Asignado al usuario, Asignada a, Responsable, Propietario",
        "status": "Estado, Hecho, Hecha, Completado, Completada, Finalizado, Finalizada",
        "doneAt": "Completado el, Completada el, Fecha de finalización",
        "outcome": "Resultado",
    },
}

# What a header may name first: "Activity - Subject", "hs_task_body", "Associated contact emails".
BEFORE = "activity, activities, task, tasks, engagement, hs, properties, property, all, associated, ticket, tickets, Aufgabe, Aufgaben, Aktivität, Aktivitäten, Activité, Activités, Tâche, Tâches, Actividad, Actividades, Tarea, Tareas"
# With one of these, an address is that of a colleague.
COLLEAGUES = "owner, assigned, assignee, user, creator, created, by, rep, Inhaber, Besitzer, propietario, responsable"

# The words of a field whose choices are these.
CHOICES: tuple[tuple[str, dict[str, str]], ...] = (
    ("type", {
        "call": "call, phone call, phone, telephone, Anruf, Telefonat, appel, llamada",
        "email": "email, mail, correo, correo electrónico, courriel",
        "meeting": "meeting, lunch, demo, appointment, visit, video call, conference, event, Besprechung, Treffen, Termin, Mittagessen, réunion, rendez-vous, déjeuner, reunión, cita, almuerzo",
        "task": "task, to do, deadline, follow up, reminder, Aufgabe, Frist, tâche, échéance, tarea, plazo",
    }),
    ("status", {
        "open": "open, to do, not done, not started, not completed, in progress, waiting, deferred, planned, pending, scheduled, new, active, incomplete, no, false, 0, Offen, Nein, Nicht begonnen, In Bearbeitung, Zu erledigen, Nicht erledigt, À faire, Non, Non terminé, En cours, Pendiente, Por hacer, En curso",
        "done": "done, completed, complete, finished, closed, yes, true, 1, x, Erledigt, Abgeschlossen, Ja, Terminé, Terminée, Fait, Oui, Hecho, Hecha, Completado, Completada, Sí",
        "cancelled": "cancelled, canceled, Abgebrochen, Abgesagt, Storniert, Annulé, Annulée, Cancelado, Cancelada",
    }),
    ("status", {
        "open": "open, opened, reopened, new, active, assigned, started, not started, in progress, unresolved, unsolved, not done, to do, no, false, 0, Offen, Neu, In Bearbeitung, Nein, Zu erledigen, Ouvert, Ouverte, Nouveau, En cours, Non, À faire, Abierto, Abierta, Nuevo, En curso, Por hacer",
        "pending": "pending, waiting, on hold, hold, awaiting reply, awaiting response, waiting on customer, waiting for customer, waiting on contact, waiting on third party, waiting on us, deferred, Wartend, Ausstehend, In Wartestellung, En attente, En espera, Pendiente",
        "resolved": "resolved, solved, done, completed, complete, finished, fixed, answered, yes, true, 1, x, Gelöst, Erledigt, Ja, Résolu, Résolue, Terminé, Terminée, Oui, Resuelto, Resuelta, Hecho, Completado, Completada, Sí",
        "closed": "closed, cancelled, canceled, archived, Geschlossen, Abgeschlossen, Fermé, Fermée, Clos, Cerrado, Cerrada",
    }),
    ("priority", {
        "low": "low, lowest, minor, trivial, Niedrig, Gering, Basse, Faible, Baja",
        "normal": "normal, medium, moderate, standard, average, Mittel, Normale, Moyenne, Media",
        "high": "high, major, important, Hoch, Haute, Élevée, Alta",
        "urgent": "urgent, highest, critical, blocker, emergency, Dringend, Kritisch, Urgente, Critique, Crítica",
    }),
)
# fmt: on
