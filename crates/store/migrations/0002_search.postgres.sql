create table advisory_search_index (
  place bigint not null primary key,
  tokens tsvector not null
);
create index advisory_search_index_by_token on advisory_search_index using gin (tokens);
