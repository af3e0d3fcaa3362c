-- The tables of a new file. Its version is at the end. The scripts in migrations/ upgrade it, and
-- any older file, to the version of this code. A release merges the scripts into this file; between
-- two releases only migrations/ changes.
--
-- Triggers update the counts and the texts in the transaction that changes a row. Without the
-- counts, a total would read every row. search_index.py indexes the texts.

CREATE TABLE leads (
    number INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT,
    company TEXT,
    source TEXT,
    notes TEXT,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    email_key TEXT,
    status TEXT NOT NULL,
    score INTEGER NOT NULL,
    client_id BLOB,
    converted_at INTEGER,
    change_number INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX lead_id ON leads (id);
CREATE INDEX lead_created_at_id ON leads (created_at, id);
CREATE INDEX lead_updated_at_id ON leads (updated_at, id);
CREATE INDEX lead_score_id ON leads (score, id);
CREATE INDEX lead_status_created_at_id ON leads (status, created_at, id);
CREATE INDEX lead_status_updated_at_id ON leads (status, updated_at, id);
CREATE INDEX lead_status_score_id ON leads (status, score, id);
CREATE INDEX lead_change_number_id_updated_at ON leads (change_number, id, updated_at);
CREATE INDEX lead_email ON leads (coalesce(email_key, email));
CREATE INDEX lead_client ON leads (client_id) WHERE client_id IS NOT NULL;

CREATE TABLE lead_counts (status TEXT NOT NULL PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE lead_texts (number INTEGER NOT NULL PRIMARY KEY, text TEXT NOT NULL) STRICT;

CREATE TRIGGER leads_count_new AFTER INSERT ON leads BEGIN
 INSERT INTO lead_counts VALUES (new.status, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER leads_count_changed AFTER UPDATE OF status ON leads WHEN old.status <> new.status BEGIN
 UPDATE lead_counts SET count = count - 1 WHERE status = old.status;
 INSERT INTO lead_counts VALUES (new.status, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER leads_forget AFTER DELETE ON leads BEGIN
 UPDATE lead_counts SET count = count - 1 WHERE status = old.status;
 DELETE FROM lead_texts WHERE number = old.number;
END;

CREATE TABLE clients (
    number INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT,
    company TEXT,
    source TEXT,
    notes TEXT,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    email_key TEXT,
    status TEXT NOT NULL,
    lead_id BLOB,
    archived_at INTEGER,
    name_key TEXT NOT NULL,
    change_number INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX client_id ON clients (id);
CREATE INDEX client_created_at_id ON clients (created_at, id);
CREATE INDEX client_updated_at_id ON clients (updated_at, id);
CREATE INDEX client_name_key_id ON clients (name_key, id);
CREATE INDEX client_status_created_at_id ON clients (status, created_at, id);
CREATE INDEX client_status_updated_at_id ON clients (status, updated_at, id);
CREATE INDEX client_status_name_key_id ON clients (status, name_key, id);
CREATE INDEX client_change_number_id_updated_at ON clients (change_number, id, updated_at);
-- Two active clients cannot have the same address.
CREATE UNIQUE INDEX client_active_email ON clients (coalesce(email_key, email)) WHERE status = 'active';
CREATE INDEX client_email ON clients (coalesce(email_key, email));
CREATE INDEX client_lead ON clients (lead_id) WHERE lead_id IS NOT NULL;

CREATE TABLE client_counts (status TEXT NOT NULL PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE client_texts (number INTEGER NOT NULL PRIMARY KEY, text TEXT NOT NULL) STRICT;

CREATE TRIGGER clients_count_new AFTER INSERT ON clients BEGIN
 INSERT INTO client_counts VALUES (new.status, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER clients_count_changed AFTER UPDATE OF status ON clients WHEN old.status <> new.status BEGIN
 UPDATE client_counts SET count = count - 1 WHERE status = old.status;
 INSERT INTO client_counts VALUES (new.status, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;

CREATE TRIGGER clients_forget AFTER DELETE ON clients BEGIN
 UPDATE client_counts SET count = count - 1 WHERE status = old.status;
 DELETE FROM client_texts WHERE number = old.number;
END;

CREATE TABLE api_keys (
    name TEXT NOT NULL PRIMARY KEY,
    hash TEXT NOT NULL,
    scope TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    revoked_at TEXT
) STRICT;
CREATE UNIQUE INDEX apikey_hash ON api_keys (hash);

CREATE TABLE stored_answers (
    id INTEGER NOT NULL PRIMARY KEY,
    key TEXT NOT NULL,
    request TEXT NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    content_type TEXT NOT NULL,
    etag TEXT,
    location TEXT,
    record_id TEXT,
    created_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX storedanswer_key ON stored_answers (key);
CREATE INDEX storedanswer_record_id ON stored_answers (record_id);
CREATE INDEX storedanswer_created_at ON stored_answers (created_at);

-- The number and the time of the last write.
CREATE TABLE changes (number INTEGER NOT NULL, time INTEGER NOT NULL) STRICT;

INSERT INTO changes VALUES (0, 0);

PRAGMA user_version = 5;
