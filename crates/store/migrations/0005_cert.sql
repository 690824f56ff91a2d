-- What records of certification add up to; written again from entries by `comity rebuild`.
create table cert_standard (
  standard_id text not null primary key,
  room_id text not null,
  version text not null,
  simulated bigint not null,
  position bigint not null,
  updated_at bigint not null,
  summary text not null
);
create table cert_assessment (
  assessment_id text not null primary key,
  standard_id text not null,
  jurisdiction text not null,
  room_id text not null,
  mark text not null,
  updated_at bigint not null,
  summary text not null
);
create index cert_assessment_by_jurisdiction on cert_assessment (jurisdiction, assessment_id);
create table register_edition (
  standard_id text not null,
  edition bigint not null,
  as_of bigint not null,
  sha256 text not null,
  published_at bigint,
  signatures text not null,
  document {blob} not null,
  primary key (standard_id, edition)
);
