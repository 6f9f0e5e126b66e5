-- Server truth: exactly what was received. Only sync writes it.
CREATE TABLE resource (
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  version_id TEXT NOT NULL,
  last_updated_ms INTEGER NOT NULL,
  raw BLOB NOT NULL,
  deleted INTEGER NOT NULL DEFAULT 0,
  received_ms INTEGER NOT NULL,
  PRIMARY KEY (type, id)
) STRICT;

CREATE TABLE cursor (
  scope TEXT PRIMARY KEY,
  watermark_ms INTEGER NOT NULL,
  complete_ms INTEGER NOT NULL,
  state TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
  quarantine_no INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  url TEXT NOT NULL,
  raw BLOB NOT NULL,
  error TEXT NOT NULL,
  seen_ms INTEGER NOT NULL,
  count INTEGER NOT NULL DEFAULT 1,
  UNIQUE (source, url)
) STRICT;

-- Typed columns, filled from truth by store/projection.
CREATE TABLE patient (
  patient_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  gender TEXT NOT NULL,
  birth_date TEXT NOT NULL,
  mrn TEXT NOT NULL,
  phone TEXT NOT NULL,
  language TEXT NOT NULL,
  interpreter INTEGER NOT NULL,
  read_at_ms INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE practitioner (
  practitioner_id TEXT PRIMARY KEY,
  name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE case_ (
  case_no INTEGER PRIMARY KEY,
  case_id TEXT NOT NULL UNIQUE,
  patient_id TEXT NOT NULL,
  case_number TEXT NOT NULL,
  reason TEXT NOT NULL,
  case_type TEXT NOT NULL,
  priority_rank INTEGER NOT NULL,
  status TEXT NOT NULL,
  business_status TEXT NOT NULL,
  due_ms INTEGER NOT NULL,
  authored_ms INTEGER NOT NULL,
  owner_id TEXT NOT NULL,
  owner_name TEXT NOT NULL,
  claim_until_ms INTEGER NOT NULL,
  version_id TEXT NOT NULL,
  is_local INTEGER NOT NULL DEFAULT 0,
  visit_id TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX case_patient ON case_(patient_id);

-- What a Task's input names: the manifest of the case.
CREATE TABLE case_input (
  case_id TEXT NOT NULL,
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (case_id, type, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_input_resource ON case_input(type, id);

-- A case that was made here and has an id of the server now.
CREATE TABLE case_alias (
  old_id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
  message_id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  patient_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  from_patient INTEGER NOT NULL,
  sender_id TEXT NOT NULL,
  sender_name TEXT NOT NULL,
  text TEXT NOT NULL,
  sent_ms INTEGER NOT NULL,
  change_id TEXT NOT NULL,
  encounter_id TEXT NOT NULL,
  outcome TEXT NOT NULL
) STRICT;
CREATE INDEX message_case ON message(case_id, sent_ms);

CREATE TABLE evidence (
  evidence_id TEXT PRIMARY KEY,
  document_id TEXT NOT NULL,
  case_id TEXT NOT NULL,
  patient_id TEXT NOT NULL,
  encounter_id TEXT NOT NULL,
  visit_id TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  content_type TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  url TEXT NOT NULL,
  sha1_base64 TEXT NOT NULL,
  taken_ms INTEGER NOT NULL,
  from_patient INTEGER NOT NULL
) STRICT;
CREATE INDEX evidence_case ON evidence(case_id);
CREATE INDEX evidence_document ON evidence(document_id);

CREATE TABLE note (
  note_id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  encounter_id TEXT NOT NULL,
  author_id TEXT NOT NULL,
  author_name TEXT NOT NULL,
  text TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  change_id TEXT NOT NULL
) STRICT;
CREATE INDEX note_case ON note(case_id);

CREATE TABLE measurement (
  observation_id TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL,
  code TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  value REAL NOT NULL,
  second REAL NOT NULL,
  unit TEXT NOT NULL
) STRICT;
CREATE INDEX measurement_patient ON measurement(patient_id, code, at_ms);

CREATE TABLE intake (
  intake_id TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL,
  authored_ms INTEGER NOT NULL,
  questionnaire TEXT NOT NULL,
  answers TEXT NOT NULL
) STRICT;

CREATE TABLE appointment (
  appointment_id TEXT PRIMARY KEY,
  visit_id TEXT NOT NULL,
  patient_id TEXT NOT NULL,
  practitioner_id TEXT NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  status TEXT NOT NULL,
  reason TEXT NOT NULL,
  case_id TEXT NOT NULL
) STRICT;
CREATE INDEX appointment_start ON appointment(start_ms);
CREATE INDEX appointment_visit ON appointment(visit_id);

CREATE TABLE encounter (
  encounter_id TEXT PRIMARY KEY,
  visit_id TEXT NOT NULL,
  patient_id TEXT NOT NULL,
  case_id TEXT NOT NULL,
  status TEXT NOT NULL,
  start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL,
  practitioner_id TEXT NOT NULL
) STRICT;
CREATE INDEX encounter_case ON encounter(case_id);
CREATE INDEX encounter_visit ON encounter(visit_id);

CREATE TABLE safety_item (
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  patient_id TEXT NOT NULL,
  text TEXT NOT NULL,
  detail TEXT NOT NULL,
  severe INTEGER NOT NULL,
  PRIMARY KEY (type, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX safety_item_patient ON safety_item(patient_id);

-- The outbox. Only services write it; sync moves its rows on.
CREATE TABLE change (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  change_id TEXT NOT NULL UNIQUE,
  case_id TEXT NOT NULL,
  patient_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  base_version TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'refused', 'conflict')),
  attempts INTEGER NOT NULL DEFAULT 0,
  next_ms INTEGER NOT NULL DEFAULT 0,
  last_error TEXT NOT NULL DEFAULT '',
  made_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX change_case ON change(case_id, seq);

-- Local only: drafts, read marks.
CREATE TABLE draft (
  case_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  text TEXT NOT NULL,
  saved_ms INTEGER NOT NULL,
  PRIMARY KEY (case_id, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE seen (
  case_id TEXT NOT NULL,
  entry_id TEXT NOT NULL,
  seen_ms INTEGER NOT NULL,
  PRIMARY KEY (case_id, entry_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE looked (
  case_id TEXT PRIMARY KEY,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Files of the cases. The row holds the key: without it the file is noise.
CREATE TABLE blob (
  evidence_id TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('missing', 'arriving', 'here', 'refused')),
  here_bytes INTEGER NOT NULL DEFAULT 0,
  size_bytes INTEGER NOT NULL DEFAULT 0,
  sha256 TEXT NOT NULL DEFAULT '',
  file_name TEXT NOT NULL DEFAULT '',
  file_key BLOB,
  inline BLOB,
  etag TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0,
  mismatches INTEGER NOT NULL DEFAULT 0,
  next_ms INTEGER NOT NULL DEFAULT 0,
  problem TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX blob_missing ON blob(next_ms) WHERE state IN ('missing', 'arriving');

-- Visits and their drop-boxes.
CREATE TABLE visit (
  visit_id TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL,
  case_id TEXT NOT NULL,
  appointment_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  started_ms INTEGER NOT NULL DEFAULT 0,
  ended_ms INTEGER NOT NULL DEFAULT 0,
  spans TEXT NOT NULL DEFAULT '[]',
  private_key BLOB
) STRICT;

CREATE TABLE dropbox_item (
  item_id TEXT PRIMARY KEY,
  visit_id TEXT NOT NULL,
  imported_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The audit chain: a row in the same transaction as the act.
CREATE TABLE audit_event (
  number INTEGER PRIMARY KEY,
  event TEXT NOT NULL,
  hash BLOB NOT NULL
) STRICT;

CREATE TABLE audit_checkpoint (
  size INTEGER PRIMARY KEY,
  root BLOB NOT NULL,
  signature BLOB NOT NULL,
  made_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The queue in its order: each row is what case_effective says of the case, kept in step in the same transaction.
-- The primary key is the order "due", so that a page is read as one run of leaves.
CREATE TABLE queue (
  is_open INTEGER NOT NULL,
  due_sort INTEGER NOT NULL,
  priority_rank INTEGER NOT NULL,
  case_id TEXT NOT NULL UNIQUE,
  patient_id TEXT NOT NULL,
  name TEXT NOT NULL,
  birth_date TEXT NOT NULL,
  reason TEXT NOT NULL,
  case_type TEXT NOT NULL,
  status TEXT NOT NULL,
  business_status TEXT NOT NULL,
  authored_ms INTEGER NOT NULL,
  owner_id TEXT NOT NULL,
  owner_name TEXT NOT NULL,
  claim_until_ms INTEGER NOT NULL,
  asked_for INTEGER NOT NULL,
  unread_count INTEGER NOT NULL,
  photo_count INTEGER NOT NULL,
  video_count INTEGER NOT NULL,
  document_count INTEGER NOT NULL,
  has_vitals INTEGER NOT NULL,
  evidence_here INTEGER NOT NULL,
  evidence_total INTEGER NOT NULL,
  missing_count INTEGER NOT NULL,
  unsent_count INTEGER NOT NULL,
  stuck_count INTEGER NOT NULL,
  has_draft INTEGER NOT NULL,
  PRIMARY KEY (is_open, due_sort, priority_rank, case_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX queue_priority ON queue(is_open, priority_rank, due_sort, case_id);
CREATE INDEX queue_newest ON queue(is_open, authored_ms, case_id);
CREATE INDEX queue_draft ON queue(due_sort) WHERE has_draft = 1;
CREATE INDEX queue_owner ON queue(owner_id) WHERE owner_id <> '';
CREATE INDEX queue_asked ON queue(due_sort) WHERE asked_for = 1;
CREATE INDEX queue_business ON queue(is_open, business_status, due_sort, priority_rank, case_id);
CREATE INDEX queue_incomplete ON queue(due_sort) WHERE missing_count > 0 OR evidence_here < evidence_total;

-- Words of a case: rowid = case_.case_no.
CREATE VIRTUAL TABLE case_words USING fts5(
  name, mrn, reason, messages,
  content = '', contentless_delete = 1, prefix = '2 3', tokenize = "unicode61 remove_diacritics 2"
);
INSERT INTO case_words(case_words, rank) VALUES ('secure-delete', 1);
