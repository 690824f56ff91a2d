//! The report form as data: what may be asked, what was answered, what is refused, and how answers
//! become `comity.report/1` (`portal.md` section 2).
//!
//! Flow: [`Fields::parse`] → [`check`] → [`questions`] to show the form again, or [`answer_rows`] for
//! the review, or [`to_report`] to file it. Everything is pure; drafts, files and tokens are the caller's.
//!
//! # Fields
//!
//! Names are stable; a draft or a saved file may hold them for long. `*` must be answered.
//!
//! | step | question | names |
//! | --- | --- | --- |
//! | first | 1 | `system`*, `version`, `links` (a line each: https, `pkg:`, hash) |
//! | first | 2 | `description`* |
//! | first | 3 | `steps` |
//! | first | 4 | `harms` (repeated: a `harm_type`, or `unsure`) |
//! | first | 5 | `public`* `no partly yes unknown`, `attacks`* `none suspected seen unknown` |
//! | first | 6 | `knows` (a name a line), `wish` `none fixed date already`, `wish_date` |
//! | first | 7 | `reach`* `code email account none`, `account` only for who is signed in |
//! | details | kind | `kind` (an `artefact_kind`, or `X`) |
//! | details | attacks | `attacks_since`, `attacks_how`, `indicators` (a line each) |
//! | details | trials | `trials`, `hits`, `tested_on`, `snapshot`, `access`, `decoding`, `seed` |
//! | details | several | `also_name`, `also_version`, `also_trials`, `also_hits`, `also_on` (repeated, by row) |
//! | details | uplift | `payload` |
//! | details | children | `prompt_class`, `hashes` (a line each), `hotline_reference` |
//! | details | privacy | `privacy_kinds`, `privacy_copies` `yes no unknown`, `privacy_deletion` |
//! | details | told | `told_on`, `told_how`, `told_id` |
//! | details | email | `email`*, `name`, `openpgp`, `identity_to` `nobody lead vendors`, `credit` |
//! | details | facts | `country`, `discovered_on`, `paid` `yes no unknown` |
//! | details | protected | `work_relation`, `retaliation` |
//!
//! `step` is what the pressed button says: `continue`, `back`, `more` (rows), `save`, `submit`.
//! Refusals carry the pointer `/<name>` or `/<name>/<row>`. Text is kept byte for byte; limits count
//! Unicode scalar values (PO-10).

mod answers;
mod convert;
mod fields;
mod questions;
mod spec;

pub use answers::{Context, Section, check, sections};
pub use convert::{Converted, Evidence, Filing, field_of, to_report};
pub use fields::Fields;
pub use questions::{
    Choice, Field, Interval, Question, answer_rows, error_items, interval, questions,
};
pub use spec::{Control, Step};
