-- Rows that were there before the next step. Used by tests of the migrations.
insert into screen_sample (quarter, screen_id, case_id, drawn_at, ratings, sealed, updated_at)
  values ('2027-Q1', 's1', 'fi-2026-00001', 1, 0, cast('sealed' as {blob}), 1);
