-- Rows that were there before the next step. Used by tests of the migrations.
insert into pack_edition (sha256, pack_id, version, toml, signatures, kept_at)
  values ('aa', 'eu-cra', '2026.11.1', cast('x' as {blob}), null, 1);
insert into pack_set (set_sha256, manifest, kept_at) values ('bb', '[]', 1);
insert into case_law (case_id, set_sha256, is_open, facts, updated_at)
  values ('fi-2026-00001', 'bb', 1, cast('x' as {blob}), 1);
