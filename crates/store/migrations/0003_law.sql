-- Editions of packs that answers rest on, sets of them by digest, and what is known of each case, sealed.
create table pack_edition (
  sha256 text not null primary key,
  pack_id text not null,
  version text not null,
  toml {blob} not null,
  signatures {blob},
  kept_at bigint not null
);
create index pack_edition_by_pack on pack_edition (pack_id, sha256);
create table pack_set (
  set_sha256 text not null primary key,
  manifest text not null,
  kept_at bigint not null
);
create table case_law (
  case_id text not null primary key,
  set_sha256 text not null,
  is_open bigint not null,
  facts {blob} not null,
  updated_at bigint not null
);
create index case_law_by_state on case_law (is_open, case_id);
