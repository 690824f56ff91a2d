-- Screens that raters answer again, with what they answered.
create table screen_sample (
  quarter text not null,
  screen_id text not null,
  case_id text not null,
  drawn_at bigint not null,
  ratings bigint not null,
  sealed {blob} not null,
  updated_at bigint not null,
  primary key (quarter, screen_id)
);
