"""The words of other tools for the status of a lead."""

from collections import Counter

import pytest

from leadbook.schemas import LEAD_STATUSES
from leadbook.transfer.values.statuses import chosen_status
from leadbook.transfer.words.opt_out_words import LANGUAGES as OPT_OUTS
from leadbook.transfer.words.status_words import LIFECYCLES, STATUSES
from leadbook.transfer.words.synonyms import normalized


# The words in English: https://revenuereveal.co/hubspot-lead-status (HubSpot). In the languages:
# translations of EspoCRM and vTiger, such as
# https://github.com/espocrm/espocrm/blob/2cde9d980f84cfc3caa1adf3275a0817e1e49bfa/application/Espo/Modules/Crm/Resources/i18n/de_DE/Lead.json
# https://github.com/javanile/vtiger-i18n/blob/a31803994166e2bdae9d6c568b839baf646a23d5/languages/nl_nl/Leads.php
@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("new", ("Assigned, Open - Not Contacted, Not Contacted, Zugewiesen, Nicht kontaktiert, Assigné, Non contacté, Asignado, No Contactado, Assegnato, Atribuído, Não Contactado, Toegewezen, Niet gecontacteerd, "
         "Przypisany, Brak kontaktu, 割り当て済み, 新しい, Neu, Nouveau, Nuevo, Nuovo, Novo, Nieuw, Nowy, 新規")),
        ("contacted", ("In Process, IN_PROGRESS, Working, Working - Contacted, Bad Timing, BAD_TIMING, Recycled, Nurture, Nurturing, Attempted, Attempted to Contact, ATTEMPTED_TO_CONTACT, In Arbeit, Wiedereröffnet, "
         "Kontaktierung versucht, Schlechter Zeitpunkt, En cours, Recyclé, Mauvais moment, En proceso, Reciclado, Intentado Contactar, Contactar más adelante, In corso, Riciclato, Tentativo di contatto, Em Processo, "
         "Tentativa de contato, In behandeling, Opnieuw verwerkt, Slechte timing, W trakcie, Nawiązano kontakt, Zły moment, 処理中, リサイクル, タイミングが悪い, 対応中")),
        ("qualified", ("Open Deal, OPEN_DEAL, Open deal, Pre-Qualified, Proposition, 3. Negotiation, Vorqualifiziert, Offener Deal, Pré qualifié, Transaction ouverte, Calificado, Negocio abierto, Qualificato, Trattativa aperta, "
         "Qualificado, Negócio em aberto, Voorgekwalificeerd, Zakwalifikowany, Otwarta transakcja, 商談中, オープンな取引")),
        ("won", "Converted, Closed - Converted, closedwon, Umgewandelt, Converti, Convertidos, Convertito, Geconverteerd, Przekształcony, 変換された, Kunde, Bestandskunde, Klant, 顧客, ✅ Won"),
        ("lost", ("Dead, Disqualified, Unqualified, Cannot Contact, No Longer Interested, Canceled, Gestorben, Lead verloren, Mort, Muerto, Lead Perso, Perdido, Morto, Verloren Lead, Vervallen, Martwy, Utracony, 死んだ, 失注, "
         "Lost - Competitor, Closed > Lost, Lead / Lost")),
        (None, "On Tuesday, Hot, Yes, 5, Other, Closed"),
    ],
)  # fmt: skip
def test_word_of_another_tool_is_understood(status, words):
    assert [
        word for word in words.split(", ") if chosen_status({"status": word}).status != status
    ] == []


def test_every_word_has_one_meaning():
    meanings = Counter()
    for table in STATUSES.values():
        assert set(table) <= set(LEAD_STATUSES)
        meanings.update(
            {(key(word), status) for status, words in table.items() for word in words.split(", ")}
        )
    twice = Counter(word for word, _ in set(meanings))
    assert [word for word, count in twice.items() if count > 1 or not word] == []
    opt_outs = {key(word) for words in OPT_OUTS.values() for word in words["words"].split(", ")}
    assert opt_outs.isdisjoint(twice)
    assert set(LIFECYCLES) <= set(LEAD_STATUSES)


def key(word):
    return normalized(word).replace(" ", "")


@pytest.mark.parametrize(
    ("status", "reason", "chosen"),
    [
        ("Open", "New", "new"), ("Open", "Contacted", "contacted"), ("Qualified", "Qualified", "qualified"), ("Disqualified", "Cannot Contact", "lost"),
        ("Disqualified", "Canceled", "lost"), ("Open", "Bad Timing", "contacted"), ("Assigned", "Open Deal", "qualified"),
        # The reason says why it is closed.
        ("Lost", "Bad Timing", "lost"), ("Won", "Contacted", "won"), ("Won", "Lost", "lost"),
    ],
)  # fmt: skip
def test_reason_says_more_than_the_status(status, reason, chosen):
    assert chosen_status({"status": status, "status reason": reason}) == (chosen, (), False)


def test_words_that_say_nothing_are_told():
    words = {"status": "Qualified", "status reason": "On Tuesday", "lifecycle": "Other"}
    assert chosen_status(words) == (
        "qualified", (("status reason", "On Tuesday"), ("lifecycle", "Other")), False,
    )  # fmt: skip
    assert chosen_status({"status": "On Tuesday"}) == (None, (("status", "On Tuesday"),), False)
    assert chosen_status({"status": "Lost - Competitor"}) == (
        "lost", (("status", "Lost - Competitor"),), False,
    )  # fmt: skip
    assert chosen_status({"status": "--", "lifecycle": ""}) == (None, (), False)


@pytest.mark.parametrize(
    ("stage", "status"),
    [
        # https://www.coastalconsulting.co/blog/using-lead-status-and-lifecycle-stage-in-hubspot
        ("Subscriber", "new"), ("Lead", "new"), ("Marketing Qualified Lead", "qualified"), ("salesqualifiedlead", "qualified"), ("Opportunity", "qualified"), ("Customer", "won"), ("Evangelist", "won"),
        ("Kunde", "won"), ("Client", "won"), ("Cliente", "won"), ("Klant", "won"), ("Klient", "won"), ("顧客", "won"), ("Verkaufschance", "qualified"), ("Opportunité", "qualified"), ("Oportunidad", "qualified"),
        ("Opportunità", "qualified"), ("Oportunidade", "qualified"), ("Verkoopkans", "qualified"), ("Szansa sprzedaży", "qualified"), ("商談", "qualified"), ("Abonnent", "new"), ("見込み客", "new"),
    ],
)  # fmt: skip
def test_lifecycle_counts_without_a_status(stage, status):
    assert chosen_status({"lifecycle": stage}) == (status, (), False)
    assert chosen_status({"lifecycle": stage, "status": "Bad Timing"}).status == "contacted"


@pytest.mark.parametrize(
    "word",
    [
        "Do not contact", "Do Not Call", "Do Not Mail", "Unsubscribed", "unsubscribed on 2024-01-02", "Bounced", "Hard bounce", "Opted out", "Opted-Out", "Cleaned", "DNC", "Blocklisted", "Please do not contact her again",
        "Nicht kontaktieren", "Abgemeldet", "Ne pas contacter", "Désabonné", "No contactar", "Dado de baja", "Non contattare", "Disiscritto", "Não contatar", "Descadastrado", "Niet contacteren", "Uitgeschreven",
        "Nie kontaktować", "Wypisany", "連絡不可", "配信停止（本人希望）",
    ],
)  # fmt: skip
def test_person_who_must_not_be_contacted_is_told_apart(word):
    for which in ("status", "status reason", "lifecycle"):
        chosen = chosen_status({which: word})
        assert chosen == (None, (), True)
    assert chosen_status({"status": word, "lifecycle": "Customer"}).status == "won"
    assert chosen_status({"status": "Unqualified - " + word}).opted_out


def test_person_who_may_be_contacted_is_not_told_apart():
    for word in ("Not contacted", "Not unsubscribed", "Never bounced", "Nicht kontaktiert", "New"):
        assert not chosen_status({"status": word}).opted_out
    assert chosen_status({"status": "Unqualified - Do not contact"}) == ("lost", (), True)


def test_long_text_is_no_status():
    text = "New " * 1_000
    assert chosen_status({"status": text}) == (None, (("status", text),), False)
    assert chosen_status({"status": "Do not contact " + text}).opted_out
