"""The words of other tools for the status of a lead."""

from collections import Counter

import pytest

from leadbook.schemas import LEAD_STATUSES
from leadbook.transfer import statuses
from leadbook.transfer.status_words import LIFECYCLES, OPT_OUTS, STATUSES
from leadbook.transfer.statuses import chosen_status, status_of
from leadbook.transfer.synonyms import normalized


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("In Process", "contacted"),
        ("Working", "contacted"),
        ("Open Deal", "qualified"),
        ("OPEN_DEAL", "qualified"),
        ("Bad Timing", "contacted"),
        ("Assigned", "new"),
        ("Recycled", "contacted"),
        ("Nurture", "contacted"),
        ("Attempted", "contacted"),
        ("Attempted to Contact", "contacted"),
        ("Nouveau", "new"),
        ("En cours", "contacted"),
        ("Qualifiziert", "qualified"),
        ("In Bearbeitung", "contacted"),
        ("Cerrado ganado", "won"),
        ("Chiuso perso", "lost"),
        ("Não qualificado", "lost"),
        ("Nao qualificado", "lost"),
        ("In behandeling", "contacted"),
        ("Próba kontaktu", "contacted"),
        ("商談中", "qualified"),
        ("失注", "lost"),
        # The words of SuiteCRM: github.com/SuiteCRM/Translations, lead_status_dom.
        ("Zugewiesen", "new"),
        ("In Arbeit", "contacted"),
        ("Réactivé", "contacted"),
        ("Muerto", "lost"),
        ("In lavorazione", "contacted"),
        ("Em Análise", "contacted"),
        ("Opnieuw", "contacted"),
        ("W Trakcie Realizacji", "contacted"),
        ("コンバート済み", "won"),
        # Those of HubSpot: knowledge.hubspot.com/contacts/use-lifecycle-stages.
        ("Unqualified", "lost"),
        ("Offener Deal", "qualified"),
        ("Needs Analysis", "qualified"),
        ("Open - Not Contacted", "new"),
        ("Working - Contacted", "contacted"),
        ("Closed - Not Converted", "lost"),
        ("On Tuesday", None),
    ],
)
def test_word_of_another_tool_is_understood(word, status):
    assert status_of(word) == status


def test_every_word_has_one_meaning():
    meanings = Counter()
    for table in STATUSES.values():
        assert set(table) <= set(LEAD_STATUSES)
        words = {
            (normalized(word), status)
            for status, words in table.items()
            for word in words.split(", ")
        }
        assert all(word for word, _ in words)
        meanings.update(words)
    assert Counter(word for word, _ in meanings).most_common(1)[0][1] == 1
    opt_outs = {normalized(word) for word in OPT_OUTS.split(", ")}
    assert not opt_outs & {word for word, _ in meanings}
    assert set(LIFECYCLES) <= set(LEAD_STATUSES)


def test_reason_says_more_than_the_status():
    assert chosen_status({"status": "Open", "status reason": "Contacted"}).status == "contacted"
    chosen = chosen_status({"status": "Qualified", "status reason": "On Tuesday"})
    assert (chosen.status, chosen.not_understood) == (
        "qualified",
        (("status reason", "On Tuesday"),),
    )


def test_lifecycle_counts_without_a_status():
    assert chosen_status({"lifecycle": "Customer"}).status == "won"
    assert chosen_status({"lifecycle": "Opportunity"}).status == "qualified"
    assert chosen_status({"lifecycle": "Sales Qualified Lead"}).status == "qualified"
    assert chosen_status({"lifecycle": "Customer", "status": "Bad Timing"}).status == "contacted"
    assert chosen_status({"lifecycle": "Other"}).not_understood == (("lifecycle", "Other"),)


# The words of HubSpot: knowledge.hubspot.com/fr/contacts/use-lifecycle-stages, and de, es, jp.
@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Subscriber", "new"), ("Abonnent", "new"), ("Suscriptor", "new"), ("サブスクライバー", "new"),
        ("Marketing-Qualified-Lead", "qualified"), ("Lead qualifié par le marketing", "qualified"),
        ("Lead qualifié par l'équipe commerciale", "qualified"), ("Opportunité", "qualified"),
        ("Lead calificado por marketing", "qualified"), ("MQL", "qualified"),
        ("Kunde", "won"), ("Fürsprecher", "won"), ("顧客", "won"), ("Other", None),
    ],
)  # fmt: skip
def test_lifecycle_stage_is_understood_in_other_languages(word, status):
    assert chosen_status({"lifecycle": word}).status == status


@pytest.mark.parametrize(
    "word", ["Do not contact", "Unsubscribed", "Bounced", "Abgemeldet", "Désabonné", "配信停止"]
)
def test_person_who_must_not_be_contacted_is_told_apart(word):
    chosen = chosen_status({"status": word})
    assert chosen == (None, (), True)
    assert chosen_status({"status": word, "lifecycle": "Customer"}) == ("won", (), True)


def test_long_text_is_no_status_and_is_kept():
    text = "won " * 100_000
    remembered = statuses._short_word_of.cache_info().currsize
    assert status_of(text) is None
    assert statuses._short_word_of.cache_info().currsize == remembered
    assert chosen_status({"status": text}) == (None, (("status", text),), False)
