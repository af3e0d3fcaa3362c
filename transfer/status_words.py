"""Words of other tools for the statuses of a lead, by language. A translator may add a table.

Case, accents and punctuation make no difference. A word must not stand for two statuses.
"""

# fmt: off
STATUSES: dict[str, dict[str, str]] = {
    "English": {
        "new": "new, new lead, open, not contacted, open not contacted, uncontacted, fresh, inbound, assigned, unassigned, raw, to contact, lead, subscriber, prospecting",
        "contacted": "contacted, contact made, re engagement, reengagement, attempted to contact, contact attempted, attempting, attempted, connected, in progress, in process, "
        "working, working contacted, open working, contact in future, contact later, nurturing, nurture, responded, replied, follow up, meeting scheduled, appointment scheduled, "
        "bad timing, recycled, engaged, left voicemail, no answer, interested, unresponsive, qualification, approaching, nurturing lead, working lead, open contacted, not ready, future interest, reattempting",
        "qualified": "qualified, pre qualified, sales qualified, marketing qualified, proposal, proposal sent, proposal made, proposal price quote, negotiation, "
        "negotiations started, negotiation review, in negotiation, negotiating, opportunity, qualified to buy, presentation scheduled, decision maker bought in, "
        "contract sent, quote sent, demo scheduled, open deal, hot, ready to sell, potential customer, needs analysis, value proposition, id decision makers, identify decision makers, perception analysis, proposal quote",
        "won": "won, closed won, closedwon, close won, converted, closed converted, customer, sold, deal won, paying customer",
        "lost": "lost, closed lost, closedlost, closed lost to competition, close lost, lost lead, disqualified, unqualified, not qualified, closed not converted, junk, junk lead, "
        "not interested, dead, rejected, cannot contact, canceled, cancelled, no longer interested, bad fit, duplicate, spam, bad data, bad lead, lost deal, archived",
    },
    "German": {
        "new": "neu, neuer lead, offen, nicht kontaktiert, zugewiesen, zugeteilt, unbearbeitet",
        "contacted": "kontaktiert, in bearbeitung, in arbeit, kontakt aufgenommen, versucht zu kontaktieren, kontaktversuch, verbunden, wiedervorlage, schlechter zeitpunkt, falscher zeitpunkt, pflege, in pflege, "
        "zurückgestellt, angesprochen, in kontakt, versuchte kontaktaufnahme, kontaktaufnahme versucht, schlechtes timing, wiedereröffnet, recycelt, wiederverwertet, angeschrieben",
        "qualified": "qualifiziert, angebot, angebot gesendet, angebot erstellt, verhandlung, in verhandlung, offener deal, offenes geschäft, verkaufschance, opportunity, bedarfsanalyse, vorschlag angebot, verhandlung review, preisangebot",
        "won": "gewonnen, abgeschlossen und gewonnen, kunde, konvertiert, umgewandelt, verkauft, geschlossen gewonnen, geschäft gewonnen",
        "lost": "verloren, abgeschlossen und verloren, disqualifiziert, nicht qualifiziert, unqualifiziert, kein interesse, nicht interessiert, abgelehnt, ungültig, tot, gestorben, geschlossen verloren",
    },
    "French": {
        "new": "nouveau, nouveau lead, nouvelle, ouvert, non contacté, attribué, assigné, affecté, à contacter, prospection",
        "contacted": "contacté, en cours, en cours de traitement, tentative de contact, contact établi, connecté, mauvais moment, mauvais timing, relance, à relancer, recyclé, en maturation, à suivre, tentative, attente de contact, réactivé",
        "qualified": "qualifié, proposition, proposition envoyée, devis envoyé, négociation, en négociation, affaire ouverte, transaction ouverte, opportunité, pré qualifié, devis proposition, analyse des besoins",
        "won": "gagné, gagnée, fermé gagné, client, converti, vendu",
        "lost": "perdu, perdue, fermé perdu, disqualifié, non qualifié, pas intéressé, non intéressé, rejeté, refusé, mort",
    },
    "Spanish": {
        "new": "nuevo, nueva, abierto, sin contactar, no contactado, asignado",
        "contacted": "contactado, contactada, en proceso, en curso, en progreso, trabajando, intento de contacto, intentado, conectado, mal momento, seguimiento, en seguimiento, reciclado, en nutrición, contacto intentado, en desarrollo",
        "qualified": "calificado, cualificado, propuesta, propuesta enviada, presupuesto enviado, negociación, en negociación, negocio abierto, oportunidad, propuesta cotización, propuesta de valor, negociación revisión",
        "won": "ganado, ganada, cerrado ganado, cliente, convertido, vendido, convertidos",
        "lost": "perdido, perdida, cerrado perdido, descalificado, no calificado, no cualificado, no interesado, sin interés, rechazado, descartado, muerto",
    },
    "Italian": {
        "new": "nuovo, nuova, aperto, non contattato, assegnato",
        "contacted": "contattato, contattata, in corso, in lavorazione, tentato contatto, tentativo di contatto, connesso, momento sbagliato, da ricontattare, riciclato, recuperato, in trattamento",
        "qualified": "qualificato, proposta, proposta inviata, preventivo inviato, negoziazione, trattativa, in trattativa, trattativa aperta, opportunità, proposta economica, negoziazione review, analisi bisogni",
        "won": "vinto, vinta, chiuso vinto, cliente, convertito, venduto",
        "lost": "perso, persa, chiuso perso, squalificato, non qualificato, non interessato, rifiutato, morto, archiviato",
    },
    "Portuguese": {
        "new": "novo, aberto, não contatado, não contactado, atribuído",
        "contacted": "contatado, contactado, em andamento, em progresso, em processo, tentativa de contato, tentativa de contacto, conectado, momento ruim, mau momento, acompanhamento, reciclado, em nutrição, em análise, em atendimento, em contato",
        "qualified": "qualificado, proposta enviada, orçamento enviado, negociação, em negociação, negócio aberto, oportunidade, proposta cotação, proposta de valor, negociação revisão",
        "won": "ganho, ganha, fechado ganho, fechado e ganho, convertido, vendido, ganhamos",
        "lost": "perdido e fechado, fechado perdido, fechado e perdido, desqualificado, não qualificado, sem interesse, não interessado, rejeitado, perdemos",
    },
    "Dutch": {
        "new": "nieuw, nieuwe lead, niet gecontacteerd, niet benaderd, toegewezen",
        "contacted": "gecontacteerd, benaderd, in behandeling, bezig, contact gelegd, poging tot contact, verbonden, slechte timing, slecht moment, opvolgen, gerecycled, opnieuw verwerkt, opnieuw, in bewerking",
        "qualified": "gekwalificeerd, voorstel, voorstel verzonden, offerte verstuurd, offerte verzonden, onderhandeling, in onderhandeling, open deal, kans, offerte prijsvoorstel, behoefte analyse",
        "won": "gewonnen, gesloten gewonnen, klant, geconverteerd, omgezet, verkocht",
        "lost": "verloren, gesloten verloren, gediskwalificeerd, niet gekwalificeerd, geen interesse, niet geïnteresseerd, afgewezen, dood, vervallen",
    },
    "Polish": {
        "new": "nowy, nowa, otwarty, otwarte, nieskontaktowany, przypisany, przypisano",
        "contacted": "skontaktowano, skontaktowany, w trakcie, w toku, próba kontaktu, nawiązano kontakt, połączono, zły moment, do kontaktu, ponowny kontakt, w trakcie realizacji, przetworzony, w realizacji",
        "qualified": "zakwalifikowany, kwalifikowany, oferta, oferta wysłana, negocjacje, w negocjacjach, otwarta transakcja, szansa, szansa sprzedaży, propozycja oferta cenowa, negocjacje przegląd, wstępna wycena",
        "won": "wygrany, wygrana, zamknięte wygrane, klient, przekonwertowany, sprzedany, skonwertowany, przekształcony, zakończone sukcesem",
        "lost": "przegrany, przegrana, utracony, zamknięte przegrane, zdyskwalifikowany, niezakwalifikowany, niezainteresowany, odrzucony, martwy, odrzucone",
    },
    "Japanese": {
        "new": "新規, 新規リード, 未対応, 未接触, 未コンタクト, オープン, 割り当て済み, 新しい, アサイン済み",
        "contacted": "コンタクト済み, 連絡済み, 接触済み, 対応中, 進行中, 試行中, 連絡中, フォロー中, タイミングが悪い, 育成中, ナーチャリング, 処理中, リサイクル, 戻し",
        "qualified": "有望, 見込みあり, 適格, 提案, 提案中, 見積送付, 商談中, 商談, 交渉中, 案件化, 提案書 見積価格, 交渉 レビュー",
        "won": "受注, 成約, 獲得, 顧客, コンバージョン済み, 取引開始, 変換された, コンバート済み, クローズ 成功",
        "lost": "失注, 不成立, 不適格, 対象外, 興味なし, 見込みなし, 却下, 死んだ, デッド, クローズ ロスト",
    },
}

# What a lifecycle stage says, where it says more than the same word as a status.
LIFECYCLES: dict[str, str] = {
    "new": "subscriber, lead, prospect, suscriptor, abonnent, abonné, iscritto, assinante, subskrybent, interessent, prospecto, cliente potencial, リード, 見込み客, 登録者, サブスクライバー, 購読者",
    "qualified": "marketing qualified lead, sales qualified lead, mql, sql, opportunity, verkaufschance, opportunité, opportunité commerciale, oportunidad, opportunità, oportunidade, verkoopkans, szansa sprzedaży, 商談, "
    "lead qualifié par le marketing, lead qualifié par l'équipe commerciale, lead calificado por marketing, lead calificado por ventas, "
    "lead cualificado por marketing, lead cualificado por ventas, lead qualificado pelo marketing, lead qualificado por vendas",
    "won": "customer, evangelist, kunde, client, cliente, klant, klient, fürsprecher, ambassadeur, promotor, 顧客, 既存顧客, エバンジェリスト",
}

# The person must not be contacted, or cannot be. That is no status of a lead.
OPT_OUTS = (
    "do not contact, do not call, do not email, do not mail, dnc, unsubscribed, unsubscribe, bounced, hard bounced, hard bounce, soft bounced, opted out, opt out, optout, cleaned, blocklisted, "
    "blacklisted, blocked, complained, spam complaint, suppressed, invalid email, soft bounce, opted out of email, unsubscribed from all, marked as spam, complaint, "
    "nicht kontaktieren, nicht anrufen, keine kontaktaufnahme, abgemeldet, abbestellt, unzustellbar, gesperrt, "
    "ne pas contacter, ne pas appeler, désabonné, désinscrit, rejeté par le serveur, "
    "no contactar, no llamar, dado de baja, cancelado, baja, suscripción cancelada, rebotado, "
    "non contattare, non chiamare, disiscritto, annullato, rimbalzato, "
    "não contatar, não contactar, não ligar, devolvido, descadastrado, inscrição cancelada, cancelou a inscrição, "
    "niet contacteren, niet bellen, niet mailen, niet benaderen, uitgeschreven, afgemeld, "
    "nie kontaktować, nie dzwonić, odbity, wypisany, wypisana, wyrejestrowany, "
    "連絡不可, 電話不可, 配信停止, 登録解除, 退会, 不達, バウンス"
)
# fmt: on
