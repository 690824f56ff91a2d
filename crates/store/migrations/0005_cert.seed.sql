-- Rows that were there before the next step. Used by tests of the migrations.
insert into cert_standard (standard_id, room_id, version, simulated, position, updated_at, summary)
  values ('std-1', 'r', 'APPLICABLE', 0, 1, 1, '{}');
insert into cert_assessment (assessment_id, standard_id, jurisdiction, room_id, mark, updated_at, summary)
  values ('a1', 'std-1', 'urn:comity:jur:ardenia1', 'r', 'APPLIED', 1, '{}');
insert into register_edition (standard_id, edition, as_of, sha256, published_at, signatures, document)
  values ('std-1', 1, 1, 's', 2, '[]', cast('{}' as {blob}));
