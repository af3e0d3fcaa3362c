"""Headers of other tools, by language. To add a language, add a table to `LANGUAGES`.

A table gives the headers of each field, as people write them: case, accents, hyphens and the width
of letters make no difference. QUALIFIERS are words in front of or behind a header that do not
change its meaning, such as "privat" in "Telefon privat". A header must not stand for two fields.
"""

Words = dict[str, tuple[str, ...]]


def _table(**fields: str) -> Words:
    return {
        name.replace("_", " ") if name != "createdAt" else name: tuple(words.split(", "))
        for name, words in fields.items()
    }


# fmt: off
LANGUAGES: dict[str, Words] = {
    "German": _table(
        name="Vollständiger Name, Vor- und Nachname, Anzeigename, Kontaktname, Kontakt, Ansprechpartner, Ansprechpartnerin, Ansprechperson, Kundenname, Name des Kontakts, Nachname Vorname, Name Vorname",
        first_name="Vorname, Vornamen, Rufname",
        last_name="Nachname, Familienname, Zuname",
        email="E-Mail, E-Mail-Adresse, Mailadresse, Mail-Adresse, Mail, E-Mail geschäftlich, Elektronische Post",
        phone="Telefon, Telefonnummer, Telefonnr, Telefon Nr, Tel, Tel Nr, Rufnummer, Festnetz, Festnetznummer, Mobil, Mobiltelefon, Mobilnummer, Mobilfunk, Mobilfunknummer, Handy, Handynummer, Handynr, Durchwahl, Telefax, Faxnummer, Fax",
        company="Firma, Firmenname, Unternehmen, Unternehmensname, Name des Unternehmens, Organisation, Gesellschaft, Arbeitgeber, Betrieb",
        source="Quelle, Leadquelle, Lead-Quelle, Herkunft, Kontaktquelle, Ursprüngliche Quelle, Lead-Herkunft",
        notes="Notiz, Notizen, Bemerkung, Bemerkungen, Anmerkung, Anmerkungen, Kommentar, Kommentare, Beschreibung, Hinweis, Hinweise",
        status="Leadstatus, Lead-Status, Phase, Deal-Phase, Vertriebsphase, Verkaufsphase, Bearbeitungsstatus",
        status_reason="Statusgrund",
        lifecycle="Lifecycle-Phase, Lebenszyklusphase",
        score="Punktzahl, Punkte, Leadscore, Lead-Bewertung, Bewertung",
        createdAt="Erstellt, Erstellt am, Erstelldatum, Erstellungsdatum, Erstellungszeit, Angelegt, Angelegt am, Anlagedatum, Hinzugefügt am, Registriert am, Eintragsdatum, Anmeldedatum, Erfasst am",
    ),
    "French": _table(
        name="Nom complet, Nom et prénom, Prénom et nom, Nom du contact, Nom du client, Nom affiché, Interlocuteur, Nom prénom, Prénom nom",
        first_name="Prénom, Prénoms",
        last_name="Nom de famille",
        email="Courriel, Adresse e-mail, Adresse mail, Adresse email, Adresse courriel, Adresse électronique, E-mail professionnel, Mail, Mél",
        phone="Téléphone, Tél, Numéro de téléphone, N° de téléphone, Téléphone portable, Téléphone mobile, Téléphone fixe, Téléphone professionnel, Portable, Mobile, GSM, Fixe, Ligne directe, Télécopie, Télécopieur, Numéro de fax",
        company="Société, Entreprise, Nom de la société, Nom de l'entreprise, Raison sociale, Organisation, Employeur, Compte, Nom du compte",
        source="Origine, Source du prospect, Source du lead, Provenance, Origine du contact, Source d'origine",
        notes="Remarque, Remarques, Commentaire, Commentaires, Observation, Observations, Note, Notes",
        status="Statut, Statut du lead, Statut du prospect, État, Étape, Phase, Étape de la transaction",
        status_reason="Raison du statut",
        lifecycle="Phase du cycle de vie, Étape du cycle de vie",
        score="Score du lead, Points",
        createdAt="Date de création, Créé le, Créée le, Date d'ajout, Ajouté le, Date d'inscription, Inscrit le, Date d'enregistrement, Créé",
    ),
    "Spanish": _table(
        name="Nombre completo, Nombre y apellidos, Nombre y apellido, Nombre del contacto, Nombre de contacto, Persona de contacto, Contacto, Apellidos y nombre",
        first_name="Nombre de pila, Primer nombre, Nombres",
        last_name="Apellido, Apellidos, Primer apellido",
        email="Correo, Correo electrónico, Dirección de correo electrónico, Dirección de correo, Correo-e, E-mail",
        phone="Teléfono, Número de teléfono, Teléfono móvil, Teléfono celular, Teléfono fijo, Móvil, Celular, Número de móvil, Número de celular, Tel, Tfno",
        company="Empresa, Compañía, Nombre de la empresa, Nombre de la compañía, Organización, Sociedad, Razón social, Cuenta, Nombre de la cuenta",
        source="Fuente, Origen, Origen del cliente potencial, Fuente del lead, Fuente original, Procedencia, Origen del prospecto",
        notes="Nota, Notas, Observación, Observaciones, Comentario, Comentarios, Descripción",
        status="Estado, Estado del lead, Estado del cliente potencial, Estado del prospecto, Estatus, Etapa, Fase, Etapa del negocio",
        status_reason="Razón para el estado, Razón del estado",
        lifecycle="Etapa del ciclo de vida, Fase del ciclo de vida",
        score="Puntuación, Puntaje, Puntos, Puntuación del lead",
        createdAt="Fecha de creación, Creado, Creado el, Creada el, Fecha de alta, Fecha de registro, Fecha de inscripción, Añadido el, Agregado el",
    ),
    "Italian": _table(
        name="Nome completo, Nome e cognome, Cognome e nome, Nominativo, Nome contatto, Nome del contatto, Referente, Persona di riferimento",
        first_name="Nome di battesimo",
        last_name="Cognome",
        email="Posta elettronica, Indirizzo e-mail, Indirizzo email, Indirizzo di posta elettronica, E-mail",
        phone="Telefono, Numero di telefono, Telefono cellulare, Telefono fisso, Cellulare, Numero di cellulare, Recapito telefonico, Tel",
        company="Azienda, Società, Ditta, Impresa, Ragione sociale, Nome azienda, Nome dell'azienda, Nome società, Organizzazione",
        source="Fonte, Origine, Provenienza, Origine lead, Fonte del lead, Fonte originale",
        notes="Nota, Note, Osservazioni, Commento, Commenti, Descrizione, Annotazioni",
        status="Stato, Stato lead, Stato del lead, Fase, Fase della trattativa",
        status_reason="Motivo stato",
        lifecycle="Fase del ciclo di vita",
        score="Punteggio, Punteggio lead, Punti",
        createdAt="Data di creazione, Data creazione, Creato, Creato il, Data di inserimento, Data inserimento, Data di iscrizione, Data iscrizione, Aggiunto il, Data di registrazione",
    ),
    "Portuguese": _table(
        name="Nome completo, Nome e sobrenome, Nome do contato, Nome do contacto, Nome do cliente, Pessoa de contato, Contato, Contacto",
        first_name="Primeiro nome, Nome próprio",
        last_name="Sobrenome, Apelido, Último nome, Nome de família",
        email="Correio eletrônico, Correio eletrónico, Endereço de e-mail, Endereço de email, E-mail",
        phone="Telefone, Número de telefone, Telefone celular, Telefone fixo, Celular, Telemóvel, Número de celular, Número de telemóvel, Fone, Tel",
        company="Empresa, Companhia, Nome da empresa, Organização, Razão social, Conta, Nome da conta",
        source="Fonte, Origem, Origem do lead, Fonte do lead, Fonte original, Proveniência",
        notes="Nota, Notas, Observação, Observações, Comentário, Comentários, Descrição, Anotações",
        status="Estado do lead, Situação, Status do lead, Estágio, Etapa, Fase, Etapa do negócio",
        status_reason="Motivo do status, Razão do status",
        lifecycle="Estágio do ciclo de vida, Fase do ciclo de vida",
        score="Pontuação, Pontos, Pontuação do lead",
        createdAt="Data de criação, Criado, Criado em, Criada em, Data de cadastro, Data de registo, Data de registro, Data de inscrição, Adicionado em",
    ),
    "Dutch": _table(
        name="Volledige naam, Voor- en achternaam, Contactpersoon, Naam contactpersoon, Weergavenaam, Contactnaam, Klantnaam",
        first_name="Voornaam, Roepnaam",
        last_name="Achternaam, Familienaam",
        email="E-mailadres, Emailadres, Mailadres, E-mail",
        phone="Telefoon, Telefoonnummer, Tel, Mobiel, Mobiele telefoon, Mobiel nummer, Mobiele nummer, Gsm, Gsm-nummer, Vaste telefoon, Doorkiesnummer, Faxnummer",
        company="Bedrijf, Bedrijfsnaam, Onderneming, Organisatie, Naam bedrijf, Werkgever, Firma",
        source="Bron, Leadbron, Herkomst, Oorspronkelijke bron",
        notes="Notitie, Notities, Opmerking, Opmerkingen, Toelichting, Omschrijving, Beschrijving",
        status="Leadstatus, Fase, Dealfase, Stadium",
        status_reason="Reden van status, Statusreden",
        lifecycle="Levenscyclusfase",
        score="Leadscore, Punten",
        createdAt="Aangemaakt, Aangemaakt op, Aanmaakdatum, Datum aangemaakt, Toegevoegd op, Datum toegevoegd, Inschrijfdatum, Registratiedatum, Gemaakt op",
    ),
    "Polish": _table(
        name="Imię i nazwisko, Nazwisko i imię, Pełna nazwa, Pełne imię i nazwisko, Osoba kontaktowa, Kontakt, Nazwa kontaktu",
        first_name="Imię, Imiona",
        last_name="Nazwisko",
        email="Adres e-mail, Adres email, Adres poczty elektronicznej, Poczta elektroniczna, E-mail",
        phone="Telefon, Numer telefonu, Nr telefonu, Telefon komórkowy, Telefon stacjonarny, Komórka, Nr komórki, Tel, Tel kom, Faks",
        company="Firma, Nazwa firmy, Przedsiębiorstwo, Organizacja, Spółka, Nazwa organizacji, Pracodawca",
        source="Źródło, Źródło leada, Źródło kontaktu, Pochodzenie, Źródło pozyskania",
        notes="Notatka, Notatki, Uwaga, Uwagi, Komentarz, Komentarze, Opis",
        status="Status leada, Etap, Etap sprzedaży, Stan",
        status_reason="Przyczyna statusu, Przyczyna stanu",
        lifecycle="Etap cyklu życia",
        score="Punktacja, Punkty, Ocena leada",
        createdAt="Data utworzenia, Utworzono, Utworzony, Data dodania, Dodano, Data rejestracji, Data zapisu",
    ),
    "Japanese": _table(
        name="氏名, 名前, お名前, フルネーム, 担当者, 担当者名, ご担当者名, 連絡先名, 顧客名, 姓名",
        first_name="名, 名前（名）, ファーストネーム",
        last_name="姓, 苗字, 名字, 名前（姓）, ラストネーム",
        email="メール, メールアドレス, Eメール, Eメールアドレス, 電子メール, 電子メールアドレス, E-mail",
        phone="電話, 電話番号, TEL, 携帯, 携帯電話, 携帯番号, 携帯電話番号, 会社電話, 会社電話番号, 直通電話, FAX番号, ファックス",
        company="会社, 会社名, 企業, 企業名, 組織, 組織名, 勤務先, 法人名, 取引先, 取引先名, 貴社名, 御社名",
        source="リードソース, 流入元, 獲得元, 情報源, 流入経路, 元のソース, ソース",
        notes="備考, メモ, コメント, 説明, 注記, ノート, お問い合わせ内容",
        status="ステータス, 状態, リードステータス, リード状況, 状況, フェーズ, ステージ, 取引ステージ",
        status_reason="ステータスの理由, ステータス理由",
        lifecycle="ライフサイクルステージ",
        score="スコア, リードスコア, 点数, 評価点",
        createdAt="作成日, 作成日時, 登録日, 登録日時, 追加日, 作成日時刻",
    ),
}

# One word that means the whole name, or, beside one part of the name, the other part.
BARE_NAMES = ("Name", "Nom", "Nombre", "Nome", "Naam", "Nazwa", "名前")

QUALIFIERS = frozenset(
    "privat geschäftlich dienstlich büro arbeit haupt primär sekundär weitere weiteres firma zentrale "
    "personnel professionnel professionnelle travail bureau domicile principal principale secondaire autre "
    "personal trabajo laboral casa oficina secundario secundaria otro particular empresa "
    "personale lavoro ufficio casa principale secondario altro aziendale "
    "pessoal trabalho comercial residencial casa principal outro secundário secundária "
    "privé werk zakelijk thuis kantoor primair overig "
    "prywatny służbowy domowy główny dodatkowy firmowy praca "
    "自宅 勤務先 会社 個人 その他 仕事".split()
)
# fmt: on
