"""Exports as other tools write them, in samples/: their header rows, and rows we have made up."""

from pathlib import Path

SAMPLES = Path(__file__).parent / "samples"


def read(name):
    """Return the text of a sample, with its own line ends."""
    with (SAMPLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return file.read()


# As lists of contacts come from anywhere; and below one that nobody has seen before.
LIST = read("list")
# The export, and of each lead: e-mail, phone, company, source, status, the day it was created.
LEADS = {
    "HubSpot": (
        read("hubspot"),
        [
            (
                "Ada Byron",
                "ada@hub.example",
                "+44 20 7946 0001",
                "Engines Ltd",
                None,
                "new",
                "2024-03-14T09:26:00.000Z",
            ),
            (
                "Grace Hopper",
                "grace@hub.example",
                None,
                "Navy Yards",
                None,
                "contacted",
                "2024-03-15T10:00:00.000Z",
            ),
            (
                "Mary Shelley",
                "mary@hub.example",
                None,
                None,
                None,
                "contacted",
                "2024-03-16T11:00:00.000Z",
            ),
        ],
    ),
    "Salesforce": (
        read("salesforce"),
        [
            (
                "Ada Byron",
                "ada@sales.example",
                "+44 7700 900001",
                "Engines, Ltd",
                "Web",
                "new",
                "2024-03-14T00:00:00.000Z",
            ),
            (
                "Grace Hopper",
                "grace@sales.example",
                "+1 555 0100",
                "Navy Yards",
                "Trade Show",
                "contacted",
                "2024-03-15T14:05:00.000Z",
            ),
            (
                "Mary Shelley",
                "mary@sales.example",
                None,
                "Books",
                None,
                "won",
                "2024-03-16T00:00:00.000Z",
            ),
            ("Ann Lovett", "ann@sales.example", None, "Looms", None, "lost", None),
        ],
    ),
    "Pipedrive": (
        read("pipedrive"),
        [
            (
                "Ada Byron",
                "ada@pipe.example",
                "+44 20 7946 0001",
                "Engines Ltd",
                None,
                "new",
                "2024-03-14T09:26:53.000Z",
            ),
            (
                "Grace Hopper",
                "grace@pipe.example",
                "+1 555 0100",
                "Navy Yards",
                None,
                "new",
                "2024-03-15T10:00:00.000Z",
            ),
        ],
    ),
    "Zoho": (
        read("zoho"),
        [
            (
                "Ada Byron",
                "ada@zoho.example",
                "+44 7700 900001",
                "Engines Ltd",
                "Cold Call",
                "contacted",
                "2024-03-14T03:56:53.000Z",
            ),
            (
                "Grace Hopper",
                "grace@zoho.example",
                "+1 555 0100",
                "Navy Yards",
                "Web Download",
                "lost",
                "2024-03-15T04:30:00.000Z",
            ),
            (
                "Mary Shelley",
                "mary@zoho.example",
                None,
                "Books",
                None,
                "qualified",
                "2024-03-16T04:30:00.000Z",
            ),
        ],
    ),
    "Google contacts": (
        read("google"),
        [
            ("Ada Byron", "ada@mail.example", "+44 7700 900001", "Engines Ltd", None, "new", None),
            ("Grace Hopper", "grace@mail.example", None, "Navy Yards", None, "new", None),
        ],
    ),
    "Outlook": (
        read("outlook"),
        [
            (
                "Ada Byron",
                "ada@outlook.example",
                "+44 20 7946 0001",
                "Engines Ltd",
                None,
                "new",
                None,
            ),
            (
                "Grace Hopper",
                "grace@outlook.example",
                "+1 555 0100",
                "Navy Yards",
                None,
                "new",
                None,
            ),
        ],
    ),
    "Mailchimp": (
        read("mailchimp"),
        [
            (
                "Ada Byron",
                "ada@chimp.example",
                "+44 20 7946 0001",
                None,
                None,
                "new",
                "2024-03-14T09:26:53.000Z",
            ),
            (
                "Grace Hopper",
                "grace@chimp.example",
                None,
                None,
                None,
                "new",
                "2024-03-15T10:00:00.000Z",
            ),
        ],
    ),
    "a list": (
        read("list"),
        [
            (
                "Ada Byron",
                "ada@list.example",
                "+44 7700 900001",
                "Engines, Ltd",
                "Chatbot",
                "qualified",
                None,
            ),
            (
                "Grace Hopper",
                "grace@list.example",
                "+1 555 0100",
                "Navy Yards",
                "Referral",
                "new",
                None,
            ),
            ("Mary Shelley", "mary@list.example", None, "Books", None, "contacted", None),
            ("Ann Lovett", "ann@list.example", None, "Looms", None, "lost", None),
        ],
    ),
    "an unseen one": (
        read("unseen"),
        [
            (
                "Ada Byron",
                "ada@unseen.example",
                "+44 7700 900001",
                "Engines Ltd",
                "Fair",
                "qualified",
                "2024-03-14T00:00:00.000Z",
            ),
            (
                "Grace Hopper",
                "grace@unseen.example",
                None,
                "Navy Yards",
                None,
                "lost",
                "2024-03-15T00:00:00.000Z",
            ),
        ],
    ),
}
