-- Rows that were there before the next step. Used by tests of the migrations.
insert into meta (name, value) values ('hub', 'fi');
insert into room (room_id, case_id, kind, name, opened_at) values ('r', 'fi-2026-00001', 'common', null, 1);
insert into room_tail (room_id, position) values ('r', 1);
insert into entry (room_id, author, seq, id, at, kind, position, envelope)
  values ('r', 'fi', 1, 'e1', 1, 'case.open', 1, cast('envelope' as {blob}));
insert into chain_head (room_id, author, seq, id) values ('r', 'fi', 1, 'e1');
insert into epoch_key (room_id, epoch, wrapped) values ('r', 0, cast('wrapped' as {blob}));
insert into item (item_id, room_id, owner, compartment, ciphertext, blob, padded_bytes, created_at, shredded_at)
  values ('i1', 'r', 'fi-r-2026-00001', 'technical', cast('sealed' as {blob}), null, 6, 1, null);
insert into item_key (item_id, epoch, wrapped) values ('i1', 0, cast('wrapped' as {blob}));
insert into report (report_id, received_at, kind, language, state, decision, verdict, due_at, case_id,
  acknowledged_at, digest, mailbox_id, group_key, summary, updated_at)
  values ('fi-r-2026-00001', 1, 'flaw', 'sw', 'received', null, null, 9, null, null, 'd', 'm', null, '{}', 1);
insert into assessment (report_id, assessor, at, item_id, summary) values ('fi-r-2026-00001', 'ana', 1, null, '{}');
insert into case_summary (case_id, opened_at, status, em, pxa, lead, next_due, heads, updated_at, closed_at, summary)
  values ('fi-2026-00001', 1, 'open', 'none', 'pxa', 'fi', 9, 'h', 1, null, '{}');
insert into case_party (case_id, party_id, org, hub, role, joined_at, left_at, summary)
  values ('fi-2026-00001', 'acme', 'acme', 'us', 'vendor', 1, null, '{}');
insert into advisory (advisory_id, version, case_id, state, title, language, published_at, withdrawn_at, successor,
  sha256, document)
  values ('fi-2026-00001', 1, 'fi-2026-00001', 'published', 'Title', 'en', 5, null, null, 's', cast('doc' as {blob}));
insert into correction (correction_id, at, subject, kind, document)
  values ('c1', 6, 'fi-2026-00001', 'text', cast('doc' as {blob}));
insert into outbox (id, topic, payload, due_at, lease_until, attempts, done_at, dead_at, last_error)
  values ('o1', 'mail', cast('payload' as {blob}), 1, 0, 0, null, null, null);
insert into account (account_id, organisation_id, name, login, roles, language, credential, created_at, disabled_at)
  values ('a1', 'fi', 'Ana', 'ana', 'triage', 'sw', null, 1, null);
insert into organisation (organisation_id, name, kind, hub, profile, created_at)
  values ('fi', 'FI hub', 'coordinator', 'fi', '{}', 1);
insert into token (hash, account_id, kind, scopes, created_at, expires_at, used_at, revoked_at)
  values ('t1', 'a1', 'session', '', 1, 99, 1, null);
insert into idempotency (account, key, body_hash, status, answer, created_at)
  values ('a1', 'k1', 'h', 201, cast('answer' as {blob}), 1);
insert into draft (draft_id, expires_at, ciphertext) values ('d1', 99, cast('sealed' as {blob}));
insert into draft_file (draft_id, file_id, ciphertext, blob, bytes, label)
  values ('d1', 'f1', cast('sealed' as {blob}), null, 6, cast('label' as {blob}));
insert into look (look_id, at, account, subject, compartment, reason)
  values ('l1', 1, 'a1', 'fi-r-2026-00001', 'technical', 'triage');
insert into serial (counter, last) values ('report-2026', 1);
insert into mailbox_message (mailbox_id, message_id, at, sender, ciphertext, read_at)
  values ('m', '1', 1, 'hub', cast('sealed' as {blob}), null);
