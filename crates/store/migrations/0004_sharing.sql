-- Portable: `{blob}` is BLOB on SQLite and BYTEA on PostgreSQL.
create table screen (
  case_id text not null,
  screen_id text not null,
  state text not null,
  asked_at bigint not null,
  decided_at bigint,
  due_at bigint not null,
  supersedes text,
  record text not null,
  statement {blob} not null,
  sealed {blob} not null,
  updated_at bigint not null,
  primary key (case_id, screen_id)
);
create index screen_by_due on screen (due_at, case_id, screen_id);
create index screen_by_time on screen (asked_at, case_id, screen_id);
create table share_pass (
  case_id text not null,
  pass_id text not null,
  screen_id text not null,
  hub text not null,
  made_at bigint not null,
  expires_at bigint not null,
  revoked_at bigint,
  details text not null,
  primary key (case_id, pass_id)
);
create index share_pass_by_hub on share_pass (hub, made_at, case_id, pass_id);
create table outbound (
  hub text not null,
  pass_id text not null,
  case_id text not null,
  made_at bigint not null,
  package {blob} not null,
  primary key (hub, pass_id)
);
create table agreement (
  agreement_id text not null primary key,
  state text not null,
  due_at bigint not null,
  register {blob} not null,
  updated_at bigint not null
);
create index agreement_by_due on agreement (due_at, agreement_id);
create table peer_identity (
  hub text not null primary key,
  chain {blob} not null,
  profile {blob} not null,
  admitted_at bigint not null,
  admitted_by text not null
);
