-- Portable: `{blob}` is BLOB on SQLite and BYTEA on PostgreSQL; `{keyed}` keeps a SQLite table in its key alone.
create table meta (
  name text not null primary key,
  value text not null
);
create table room (
  room_id text not null primary key,
  case_id text,
  kind text not null,
  name text,
  opened_at bigint not null
);
create index room_by_case on room (case_id, room_id);
create table room_tail (
  room_id text not null primary key,
  position bigint not null
);
create table entry (
  room_id text not null,
  author text not null,
  seq bigint not null check (seq >= 0),
  id text not null,
  at bigint not null,
  kind text not null,
  position bigint not null,
  envelope {blob} not null,
  primary key (room_id, author, seq, id)
);
create unique index entry_by_position on entry (room_id, position);
-- Entries of intake are many, scattered by their ids, and found by their reports.
create unique index entry_by_id on entry (id, room_id) where kind <> 'report.received';
create table chain_head (
  room_id text not null,
  author text not null,
  seq bigint not null,
  id text not null,
  primary key (room_id, author)
);
create table epoch_key (
  room_id text not null,
  epoch bigint not null,
  wrapped {blob} not null,
  primary key (room_id, epoch)
);
create table item (
  item_id text not null primary key,
  room_id text not null,
  owner text not null,
  compartment text not null,
  ciphertext {blob},
  blob text,
  padded_bytes bigint not null,
  created_at bigint not null,
  shredded_at bigint
);
create index item_by_owner on item (owner, compartment, item_id);
create index item_by_blob on item (blob) where blob is not null;
create table item_key (
  item_id text not null primary key references item (item_id),
  epoch bigint not null,
  wrapped {blob} not null
) {keyed};
create table report (
  report_id text not null primary key,
  received_at bigint not null,
  kind text not null,
  language text not null,
  state text not null,
  decision text,
  verdict text,
  due_at bigint not null,
  case_id text,
  acknowledged_at bigint,
  digest text not null,
  mailbox_id text,
  group_key text,
  summary text not null,
  updated_at bigint not null
);
create index report_by_state on report (state, due_at, report_id);
create index report_by_due on report (due_at, report_id);
create index report_by_time on report (received_at, report_id);
create index report_by_case on report (case_id, report_id) where case_id is not null;
create index report_by_mailbox on report (mailbox_id) where mailbox_id is not null;
create index report_by_group on report (group_key, report_id) where group_key is not null;
create table assessment (
  report_id text not null,
  assessor text not null,
  at bigint not null,
  item_id text,
  summary text not null,
  primary key (report_id, assessor, at)
);
create table case_summary (
  case_id text not null primary key,
  opened_at bigint not null,
  status text not null,
  em text not null,
  pxa text not null,
  lead text not null,
  next_due bigint not null,
  heads text not null,
  updated_at bigint not null,
  closed_at bigint,
  summary text not null
);
create index case_summary_by_due on case_summary (next_due, case_id);
create index case_summary_by_time on case_summary (updated_at, case_id);
create table case_party (
  case_id text not null,
  party_id text not null,
  org text not null,
  hub text not null,
  role text not null,
  joined_at bigint not null,
  left_at bigint,
  summary text not null,
  primary key (case_id, party_id)
);
create index case_party_by_org on case_party (org, case_id);
create table advisory (
  advisory_id text not null,
  version bigint not null check (version > 0),
  case_id text,
  state text not null,
  title text not null,
  language text not null,
  published_at bigint,
  withdrawn_at bigint,
  successor text,
  sha256 text not null,
  document {blob} not null,
  primary key (advisory_id, version)
);
create index advisory_by_case on advisory (case_id, advisory_id, version);
create table correction (
  correction_id text not null primary key,
  at bigint not null,
  subject text not null,
  kind text not null,
  document {blob} not null
);
create index correction_by_time on correction (at, correction_id);
create index correction_by_subject on correction (subject, correction_id);
create table outbox (
  id text not null primary key,
  topic text not null,
  payload {blob} not null,
  due_at bigint not null,
  lease_until bigint not null,
  attempts bigint not null,
  done_at bigint,
  dead_at bigint,
  last_error text
);
create index outbox_by_due on outbox (topic, done_at, dead_at, due_at, id);
create table account (
  account_id text not null primary key,
  organisation_id text not null,
  name text not null,
  login text not null unique,
  roles text not null,
  language text not null,
  credential {blob},
  created_at bigint not null,
  disabled_at bigint
);
create table organisation (
  organisation_id text not null primary key,
  name text not null,
  kind text not null,
  hub text not null,
  profile text not null,
  created_at bigint not null
);
create table token (
  hash text not null primary key,
  account_id text not null,
  kind text not null,
  scopes text not null,
  created_at bigint not null,
  expires_at bigint not null,
  used_at bigint not null,
  revoked_at bigint
);
create index token_by_account on token (account_id, hash);
create index token_by_end on token (expires_at);
create table idempotency (
  account text not null,
  key text not null,
  body_hash text not null,
  status bigint not null,
  answer {blob} not null,
  created_at bigint not null,
  primary key (account, key)
);
create index idempotency_by_time on idempotency (created_at);
create table draft (
  draft_id text not null primary key,
  expires_at bigint not null,
  ciphertext {blob} not null
);
create index draft_by_end on draft (expires_at);
create table draft_file (
  draft_id text not null,
  file_id text not null,
  ciphertext {blob},
  blob text,
  bytes bigint not null,
  label {blob} not null,
  primary key (draft_id, file_id)
);
create index draft_file_by_blob on draft_file (blob);
create table look (
  look_id text not null primary key,
  at bigint not null,
  account text not null,
  subject text not null,
  compartment text not null,
  reason text not null
);
create index look_by_subject on look (subject, look_id);
create table serial (
  counter text not null primary key,
  last bigint not null
);
create table mailbox_message (
  mailbox_id text not null,
  message_id text not null,
  at bigint not null,
  sender text not null,
  ciphertext {blob} not null,
  read_at bigint,
  primary key (mailbox_id, message_id)
);
