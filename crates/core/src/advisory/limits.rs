//! The named maxima of an advisory; texts are counted in Unicode scalar values.

/// Bytes of the document.
pub const BYTES_MAX: usize = 1 << 20;
/// Characters of names, titles of links and similar short texts.
pub const NAME_MAX: usize = 200;
/// Characters of the title.
pub const TITLE_MAX: usize = 200;
/// Characters of the summary at the levels `full` and `redacted_payload`.
pub const SUMMARY_MAX: usize = 2_000;
/// Characters of the summary at the levels `class_only` and `restricted_channel`, which is too little
/// to tell how a flaw works step by step.
pub const SUMMARY_SHORT_MAX: usize = 500;
/// Characters of description and reproduction.
pub const DESCRIPTION_MAX: usize = 20_000;
/// Characters of one remedy, reason, note or revision summary.
pub const TEXT_MAX: usize = 4_000;
/// Characters of an address.
pub const URL_MAX: usize = 2_048;
/// Characters of a version.
pub const VERSION_MAX: usize = 100;
/// Characters of a package URL.
pub const PURL_MAX: usize = 512;
/// Characters of a service URN.
pub const URN_MAX: usize = 300;
/// Characters of a CVSS or AI vector.
pub const VECTOR_MAX: usize = 512;
/// Characters of an alias or reference id.
pub const ID_MAX: usize = 64;
/// Product rows.
pub const PRODUCTS_MAX: usize = 200;
/// Versions listed in one row.
pub const VERSIONS_MAX: usize = 50;
/// Digests of one row.
pub const DIGESTS_MAX: usize = 8;
/// Remedies.
pub const REMEDIES_MAX: usize = 64;
/// Weakness classes.
pub const CLASSES_MAX: usize = 8;
/// Classes of one remedy; the lexicon has 15.
pub const REMEDY_CLASSES_MAX: usize = 15;
/// Framework references.
pub const FRAMEWORK_REFS_MAX: usize = 64;
/// Assessments.
pub const ASSESSMENTS_MAX: usize = 16;
/// CVSS vectors of one assessment: one a version of CVSS.
pub const CVSS_MAX: usize = 3;
/// Facts of the timeline.
pub const TIMELINE_MAX: usize = 64;
/// Credits.
pub const CREDITS_MAX: usize = 64;
/// Links.
pub const REFERENCES_MAX: usize = 64;
/// Aliases.
pub const ALIASES_MAX: usize = 64;
/// Translations.
pub const TRANSLATIONS_MAX: usize = 16;
/// Versions of one advisory.
pub const REVISIONS_MAX: usize = 500;
/// Changes one comparison lists; the rest is said to be more.
pub const CHANGES_MAX: usize = 500;
