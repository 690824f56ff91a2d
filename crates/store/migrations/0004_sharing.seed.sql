-- Rows that were there before the next step. Used by tests of the migrations.
insert into screen (case_id, screen_id, state, asked_at, decided_at, due_at, supersedes, record, statement, sealed, updated_at)
  values ('fi-2026-00001', 's1', 'open', 1, null, 9, null, 'c1', cast('signed' as {blob}), cast('sealed' as {blob}), 1);
insert into share_pass (case_id, pass_id, screen_id, hub, made_at, expires_at, revoked_at, details)
  values ('fi-2026-00001', 'p1', 's1', 'ard', 1, 9, null, 'c2');
insert into outbound (hub, pass_id, case_id, made_at, package)
  values ('ard', 'p1', 'fi-2026-00001', 1, cast('sealed' as {blob}));
insert into agreement (agreement_id, state, due_at, register, updated_at)
  values ('nv-ard', 'in_force', 9, cast('signed' as {blob}), 1);
insert into peer_identity (hub, chain, profile, admitted_at, admitted_by)
  values ('ard', cast('chain' as {blob}), cast('sealed' as {blob}), 1, 'root');
