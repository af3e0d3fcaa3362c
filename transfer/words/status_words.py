"""The words of other tools for the status of a lead, by language.

To add a language, add a table to STATUSES, and its words to LIFECYCLES. Capitals, accents, spaces
and hyphens make no difference. A word has one meaning in all languages, which
`tests/transfer/test_statuses.py` checks. Words that forbid contact are in opt_out_words.py.
"""

# fmt: off
STATUSES: dict[str, dict[str, str]] = {
    "English": {
        "new": "new, new lead, lead, lead in, open, open not contacted, not contacted, not yet contacted, uncontacted, to contact, to be contacted, fresh, raw, inbound, incoming, assigned, unassigned, "
        "not started, unread, subscriber, subscribed, enabled, unconfirmed, potential, potential lead, intake, not attempted",
        "contacted": "contacted, contact made, contacting, re engagement, reengagement, attempted, attempted to contact, attempted contact, contact attempted, attempting, attempting contact, attempting to contact, connected, "
        "in process, in progress, in contact, working, working contacted, open working, contact in future, contact in the future, contact later, call back, callback, nurture, nurturing, nurtured, recycled, recycle, responded, "
        "replied, engaged, engaging, follow up, following up, needs follow up, meeting scheduled, meeting booked, appointment scheduled, bad timing, wrong time, not now, left voicemail, left message, voicemail, no answer, "
        "no response, unresponsive, interested, approaching, under review, reopened",
        "qualified": "qualified, pre qualified, sales qualified, sales qualified lead, marketing qualified, marketing qualified lead, sql, mql, qualified lead, proposal, proposal sent, proposal made, proposal price quote, proposition, "
        "negotiation, negotiations, negotiations started, negotiation started, negotiation review, in negotiation, negotiating, under negotiation, opportunity, qualified to buy, presentation scheduled, decision maker bought in, "
        "contract sent, quote sent, quoted, demo, demo scheduled, open deal, deal open, open opportunity, ready to buy, ready to sell, qualifying",
        "won": "won, deal won, closed won, close won, won closed, converted, closed converted, customer, existing customer, current customer, paying customer, active customer, sold, sale, client, existing client",
        "lost": "lost, deal lost, closed lost, closed lost to competition, close lost, lost closed, lost lead, lost customer, disqualified, unqualified, not qualified, closed not converted, not converted, junk, junk lead, spam, "
        "not interested, no longer interested, no interest, dead, dead lead, rejected, declined, cannot contact, canceled, cancelled, out sold, bad fit, not a fit, duplicate, churned, former customer, past customer",
    },
    "German": {
        "new": "neu, neuer, neuer Lead, offen, Lead offen, nicht kontaktiert, noch nicht kontaktiert, zugewiesen, zugeordnet, zugeteilt, unbearbeitet, eingegangen, Interessent",
        "contacted": "kontaktiert, in Bearbeitung, in Arbeit, wird bearbeitet, Kontakt aufgenommen, Kontaktaufnahme, Kontaktierung versucht, Kontakt versucht, versucht zu kontaktieren, Kontaktversuch, Kontaktaufnahme versucht, "
        "versucht, verbunden, Kontakt hergestellt, Wiedervorlage, schlechter Zeitpunkt, falscher Zeitpunkt, ungünstiger Zeitpunkt, schlechtes Timing, Pflege, in Pflege, Nurturing, zurückgestellt, angesprochen, in Kontakt, "
        "wiedereröffnet, wiederaufgenommen, recycelt, in der Zukunft kontaktieren, später kontaktieren, interessiert, nicht erreicht, Termin vereinbart",
        "qualified": "qualifiziert, vorqualifiziert, Angebot, Angebot gesendet, Angebot versendet, Angebot erstellt, Verhandlung, in Verhandlung, offener Deal, offenes Geschäft, Deal offen, Verkaufschance, Chance",
        "won": "gewonnen, abgeschlossen und gewonnen, Abschluss gewonnen, geschlossen gewonnen, Kunde, Bestandskunde, Neukunde, konvertiert, umgewandelt, verkauft, Auftrag erhalten",
        "lost": "verloren, Lead verloren, verlorener Lead, abgeschlossen und verloren, Abschluss verloren, geschlossen verloren, disqualifiziert, nicht qualifiziert, unqualifiziert, kein Interesse, nicht interessiert, abgelehnt, "
        "Absage, ungültig, tot, gestorben, wertloser Lead, storniert, abgebrochen",
    },
    "French": {
        "new": "nouveau, nouvelle, nouveau lead, nouveau prospect, ouvert, ouverte, non contacté, pas contacté, à contacter, attribué, attribuée, assigné, assignée, affecté, affectée, non traité, prospect",
        "contacted": "contacté, contactée, en cours, en cours de traitement, en traitement, tentative de contact, contact tenté, contact établi, connecté, mauvais moment, mauvais timing, pas le bon moment, relance, relancé, à relancer, "
        "à rappeler, recyclé, recyclée, en maturation, en nurturing, à suivre, intéressé, intéressée, rendez-vous pris",
        "qualified": "qualifié, qualifiée, préqualifié, pré qualifié, proposition envoyée, devis envoyé, devis, négociation, en négociation, affaire ouverte, transaction ouverte, affaire en cours, opportunité, opportunité commerciale",
        "won": "gagné, gagnée, fermé gagné, fermée gagnée, clos gagné, conclu, converti, convertie, vendu, client existant, affaire gagnée",
        "lost": "perdu, perdue, prospect perdu, fermé perdu, fermée perdue, clos perdu, disqualifié, disqualifiée, non qualifié, non qualifiée, pas intéressé, non intéressé, pas intéressée, rejeté, rejetée, refusé, refusée, mort, annulé",
    },
    "Spanish": {
        "new": "nuevo, nueva, nuevo lead, nuevo prospecto, abierto, abierta, sin contactar, no contactado, por contactar, asignado, asignada, prospecto, cliente potencial",
        "contacted": "contactado, contactada, en proceso, en curso, en progreso, trabajando, en trabajo, intento de contacto, intentado contactar, intentado, intentando contactar, conectado, conectada, mal momento, momento inadecuado, "
        "mal timing, seguimiento, en seguimiento, reciclado, reciclada, en nutrición, nutrición, contactar más adelante, contactar en el futuro, interesado, interesada",
        "qualified": "calificado, calificada, cualificado, cualificada, precalificado, propuesta, propuesta enviada, presupuesto enviado, cotización enviada, negociación, en negociación, negocio abierto, trato abierto, oportunidad",
        "won": "ganado, ganada, cerrado ganado, cerrada ganada, convertido, convertida, convertidos, vendido, cliente existente, cliente actual",
        "lost": "perdido, perdida, cerrado perdido, cerrada perdida, descalificado, descalificada, no calificado, no cualificado, no interesado, no interesada, sin interés, rechazado, rechazada, descartado, descartada, muerto, cancelado, cancelada",
    },
    "Italian": {
        "new": "nuovo, nuova, nuovo lead, aperto, aperta, non contattato, non contattata, da contattare, assegnato, assegnata",
        "contacted": "contattato, contattata, in corso, in lavorazione, tentato contatto, tentativo di contatto, tentato, connesso, collegato, momento sbagliato, tempistica sbagliata, tempismo sbagliato, da ricontattare, "
        "contattare in futuro, riciclato, riciclata, recuperato, in nurturing, interessato, interessata",
        "qualified": "qualificato, qualificata, prequalificato, proposta, proposta inviata, preventivo inviato, negoziazione, trattativa, in trattativa, trattativa aperta, affare aperto, opportunità",
        "won": "vinto, vinta, chiuso vinto, chiusa vinta, convertito, convertita, venduto, cliente esistente, cliente acquisito",
        "lost": "perso, persa, lead perso, chiuso perso, chiusa persa, squalificato, squalificata, non qualificato, non qualificata, non interessato, non interessata, rifiutato, lead spazzatura, morto, annullato",
    },
    "Portuguese": {
        "new": "novo, nova, novo lead, aberto, aberta, não contatado, não contactado, a contatar, atribuído, atribuída, designado",
        "contacted": "contatado, contatada, em andamento, em progresso, em processo, em curso, trabalhando, tentativa de contato, tentativa de contacto, tentativa contato, conectado, momento ruim, mau momento, momento inadequado, "
        "acompanhamento, em acompanhamento, reciclado, reciclada, em nutrição, contatar no futuro, contactar no futuro, interessado, interessada",
        "qualified": "qualificado, qualificada, pré qualificado, proposta enviada, orçamento enviado, negociação, em negociação, negócio aberto, negócio em aberto, oportunidade",
        "won": "ganho, ganha, fechado ganho, fechado e ganho, negócio ganho, vendido, vendida, cliente atual",
        "lost": "perdido e fechado, fechado perdido, fechado e perdido, negócio perdido, desqualificado, desqualificada, não qualificado, não qualificada, sem interesse, não interessado, não interessada, rejeitado, rejeitada, descartado, morto",
    },
    "Dutch": {
        "new": "nieuw, nieuwe lead, niet gecontacteerd, niet benaderd, nog niet benaderd, te benaderen, toegewezen, openstaand",
        "contacted": "gecontacteerd, benaderd, in behandeling, bezig, in bewerking, contact gelegd, contact gezocht, poging tot contact, contactpoging, geprobeerd contact op te nemen, geprobeerd, verbonden, slechte timing, "
        "slecht moment, verkeerd moment, opvolgen, opnieuw verwerkt, gerecycled, hergebruikt, contact in toekomst, contact in de toekomst, geïnteresseerd",
        "qualified": "gekwalificeerd, voorgekwalificeerd, voorstel, voorstel verzonden, offerte verstuurd, offerte verzonden, onderhandeling, in onderhandeling, openstaande deal, lopende deal, kans, verkoopkans",
        "won": "gewonnen deal, deal gewonnen, gesloten gewonnen, afgesloten gewonnen, klant, bestaande klant, geconverteerd, omgezet, verkocht",
        "lost": "verloren deal, verloren lead, deal verloren, gesloten verloren, afgesloten verloren, gediskwalificeerd, niet gekwalificeerd, ongekwalificeerd, geen interesse, niet geïnteresseerd, afgewezen, vervallen, geannuleerd",
    },
    "Polish": {
        "new": "nowy, nowa, nowe, otwarty, otwarta, otwarte, nieskontaktowany, nie skontaktowano się, brak kontaktu, do kontaktu, przypisany, przypisana, przydzielony",
        "contacted": "skontaktowano, skontaktowano się, skontaktowany, w trakcie, w toku, w realizacji, w trakcie realizacji, próba kontaktu, podjęto próbę kontaktu, nawiązano kontakt, połączono, zły moment, nieodpowiedni moment, "
        "zły czas, ponowny kontakt, kontakt w przyszłości, pielęgnowany, odzyskany, zainteresowany, zainteresowana",
        "qualified": "zakwalifikowany, zakwalifikowana, kwalifikowany, wstępnie zakwalifikowany, oferta, oferta wysłana, negocjacje, w negocjacjach, otwarta transakcja, otwarta umowa, szansa, szansa sprzedaży",
        "won": "wygrany, wygrana, wygrane, zamknięte wygrane, zamknięty wygrany, przekonwertowany, przekształcony, sprzedany, istniejący klient",
        "lost": "przegrany, przegrana, przegrane, utracony, stracony, zamknięte przegrane, zamknięty przegrany, zdyskwalifikowany, niezakwalifikowany, niekwalifikowany, niezainteresowany, niezainteresowana, odrzucony, martwy, anulowany",
    },
    "Japanese": {
        "new": "新規, 新しい, 新規リード, 未対応, 未接触, 未コンタクト, 未連絡, オープン, 割り当て済み, 割当済み, アサイン済み",
        "contacted": "コンタクト済み, 連絡済み, 接触済み, 対応中, 処理中, 進行中, 作業中, 試行済み, 試行中, コンタクト試行済み, コンタクトを試行済み, 連絡を試行, 連絡中, つながった, フォロー中, タイミングが悪い, 時期尚早, 育成中, ナーチャリング, ナーチャリング中, "
        "リサイクル, リサイクル済み, 再アプローチ",
        "qualified": "有望, 見込みあり, 適格, 認定済み, 提案, 提案中, 見積送付, 見積提出, 商談中, 商談, 進行中の取引, オープンな取引, 交渉中, 案件化",
        "won": "受注, 成約, 成約済み, 獲得, 顧客, 既存顧客, 既存の顧客, 既存客, コンバージョン済み, 変換された, 変換済み, 取引開始",
        "lost": "失注, 不成立, 不適格, 対象外, 興味なし, 見込みなし, 却下, 失格, 無効, 死んだ, キャンセル",
    },
}

# What the words of a lifecycle stage mean besides. They come after the words above.
LIFECYCLES: dict[str, str] = {
    "new": "visitor, stranger, Abonnent, abonné, suscriptor, iscritto, assinante, abonnee, subskrybent, contato, リード, 見込み客, 登録者, 購読者",
    "qualified": "marketing qualified, sales accepted lead, sal, oportunidade de venda, marketingqualifizierter Lead, vertriebsqualifizierter Lead",
    "won": "evangelist, advocate, promoter, cliente, klient, Fürsprecher, ambassadeur, promotor, エバンジェリスト",
}
# fmt: on
