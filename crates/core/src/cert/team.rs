//! Who may assess: conflicts, size, regions, objections (CT-10).
//!
//! Not here: names in any published document; findings name offices, not people (CT-11).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::jurisdiction::JurisdictionUrn;
use super::profile::ConflictLimits;
use super::word::{Word as _, words};
use crate::refusal::Refusal;

/// What matters of a member for conflicts with a subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// A pseudonym or office.
    pub id: String,
    /// The region the member comes from.
    pub region: String,
    /// The jurisdictions the member is a national of.
    #[serde(default)]
    pub nationalities: BTreeSet<JurisdictionUrn>,
    /// The jurisdictions whose authority employs the member.
    #[serde(default)]
    pub employers: BTreeSet<JurisdictionUrn>,
    /// The jurisdictions advised, with the whole years since.
    #[serde(default)]
    pub advised: Vec<(JurisdictionUrn, u64)>,
}

words! {
    /// Why a member is conflicted.
    Conflict {
        National = "national-of-subject",
        Official = "official-of-subject",
        Adviser = "recent-adviser",
    }
}

/// Returns why a member may not assess the subject.
#[must_use]
pub fn conflict(
    member: &Member,
    subject: &JurisdictionUrn,
    limits: &ConflictLimits,
) -> Option<Conflict> {
    let advised = |(advised, years): &(JurisdictionUrn, u64)| {
        advised == subject && *years < limits.years_as_adviser
    };
    if limits.same_nationality_as_subject && member.nationalities.contains(subject) {
        Some(Conflict::National)
    } else if limits.same_employer_as_authority && member.employers.contains(subject) {
        Some(Conflict::Official)
    } else if member.advised.iter().any(advised) {
        Some(Conflict::Adviser)
    } else {
        None
    }
}

/// Checks a team: nobody conflicted, enough members from enough regions.
pub fn check(
    team: &[Member],
    subject: &JurisdictionUrn,
    limits: &ConflictLimits,
) -> Result<(), Refusal> {
    for member in team {
        if let Some(conflict) = conflict(member, subject, limits) {
            return Err(Refusal::new("assessor-conflicted", "")
                .with("member", member.id.as_str())
                .with("conflict", conflict.as_str()));
        }
    }
    let regions: BTreeSet<&str> = team.iter().map(|member| member.region.as_str()).collect();
    let enough = |number: usize, least| u64::try_from(number).unwrap_or(u64::MAX) >= least;
    let ids: BTreeSet<&str> = team.iter().map(|member| member.id.as_str()).collect();
    if !enough(ids.len(), limits.min_team) || !enough(regions.len(), limits.min_regions) {
        return Err(Refusal::new("team-too-small", "")
            .with("members", ids.len())
            .with("regions", regions.len()));
    }
    Ok(())
}

/// Checks a further objection of the subject, which needs a reason.
pub fn check_objection(earlier: u64, reason: &str, limits: &ConflictLimits) -> Result<(), Refusal> {
    if reason.trim().is_empty() {
        return Err(Refusal::new("objection-without-reason", "/reason"));
    }
    if earlier >= limits.max_objections {
        return Err(Refusal::new("objections-spent", "").with("max", limits.max_objections));
    }
    Ok(())
}
