-- The newest published version of each advisory, with our own tokens. `place` orders by publication and is unique.
create table advisory_search (
  advisory_id text not null primary key,
  version bigint not null,
  place bigint not null,
  withdrawn_at bigint,
  tokens text not null
);
create unique index advisory_search_by_place on advisory_search (place);
