-- Rows that were there before the next step. Used by tests of the migrations.
insert into advisory_search (advisory_id, version, place, withdrawn_at, tokens)
  values ('fi-2026-00001', 1, 5000, null, 'title');
