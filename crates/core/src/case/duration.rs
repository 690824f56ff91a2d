//! How long things take or may take, in milliseconds (`durations_ms` of the data).
//!
//! Not here: duties of law, which have clocks of their own (`law`).

use super::body::Millis;

const HOUR: Millis = 3_600_000;
const DAY: Millis = 24 * HOUR;

/// An hour.
pub const HOUR_MS: Millis = HOUR;
/// The embargo a hub offers when nobody names an end.
pub const EMBARGO_DEFAULT: Millis = 45 * DAY;
/// An embargo longer than this needs a reason.
pub const EMBARGO_JUSTIFY_ABOVE: Millis = 90 * DAY;
/// The longest embargo.
pub const EMBARGO_MAX: Millis = 365 * DAY;
/// The longest embargo once every vendor has a fix.
pub const EMBARGO_MAX_FIX_READY: Millis = 14 * DAY;
/// Time to answer an invitation without a date of its own.
pub const RSVP_DEFAULT: Millis = 7 * DAY;
/// The least time to answer an invitation.
pub const RSVP_MIN: Millis = 3 * DAY;
/// Hours of silence after which deputies may act, unless the case says otherwise.
pub const HEARTBEAT_DEFAULT_H: i64 = 72;
/// How far ahead of the receiver's clock an entry may be (intake, CP-03).
pub const FUTURE_TOLERANCE: Millis = 10 * 60_000;
/// Task `acknowledge`.
pub const ACKNOWLEDGE: Millis = 3 * DAY;
/// Task `validate`.
pub const VALIDATE: Millis = 7 * DAY;
/// Task `prioritise`.
pub const PRIORITISE: Millis = 7 * DAY;
/// Task `follow-up`.
pub const FOLLOW_UP: Millis = 14 * DAY;
/// Task `answer-proposal`.
pub const ANSWER_PROPOSAL: Millis = 14 * DAY;
/// Task `vendor-silent`.
pub const VENDOR_SILENT: Millis = 14 * DAY;
/// Task `review-claim`.
pub const REVIEW_CLAIM: Millis = DAY;
/// Task `review-attacks`.
pub const REVIEW_ATTACKS: Millis = DAY;
