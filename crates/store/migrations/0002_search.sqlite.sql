create virtual table advisory_search_index using fts5 (
  tokens, content='', contentless_delete=1, tokenize='ascii'
);
