"""What an import reports, in short."""

NOW = "2026-01-01T00:00:00.000Z"
HEADER = "name,email,status\n"


def counts(report):
    return {name: report[name] for name in ("created", "updated", "skipped", "rejected")}


def created(count, rejected=0, updated=0, skipped=0):
    return {"created": count, "updated": updated, "skipped": skipped, "rejected": rejected}
