//! The good that is to be imported, with the evidence its importer holds.
//!
//! Evidence levels come from checks made before, never from the bill of materials (CT-38). Not here: what
//! they are worth (`assess`).

use crate::cert::day::{Day, Instant};
use crate::cert::document::{self, Object, invalid, under};
use crate::cert::jurisdiction::JurisdictionUrn;
use crate::cert::word::Word as _;
use crate::refusal::{Refusal, child};

use super::word::Role;

/// A source that names the jurisdictions of a node in a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The node's reference.
    pub node: String,
    /// The role.
    pub role: Role,
    /// A urn, `scheme:value` or `community`, at least one.
    pub jurisdictions: Vec<String>,
    /// 1 signed by the supplier, 2 attested provenance, 3 confirmed by the authority, 4 by hardware.
    pub level: u8,
    /// Who says so.
    pub source: String,
    /// The last day it counts.
    pub until: Option<Day>,
}

/// A good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Good {
    /// Its id.
    pub id: String,
    /// Where it is imported.
    pub importer: JurisdictionUrn,
    /// When it is put on the market.
    pub market: Day,
    /// When it was shipped.
    pub shipped: Option<Day>,
    /// When it was made.
    pub production: Option<Day>,
    /// Its customs heading.
    pub hs: String,
    /// The node it is, if the bill's root is not.
    pub root: Option<String>,
    /// Up to when facts count.
    pub known_at: Option<Instant>,
    /// The evidence.
    pub evidence: Vec<Evidence>,
}

impl Good {
    /// Reads a good.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let json = document::parse(bytes)?;
        let object = document::parse_typed(&json, "comity.good/1")?;
        let dates = object.object("dates")?;
        let in_dates = |refusal| under(refusal, "dates");
        Ok(Self {
            id: object.text("id")?.to_owned(),
            importer: object.urn("importer")?,
            market: dates.day("market").map_err(in_dates)?,
            shipped: dates.day_or_none("shipped").map_err(in_dates)?,
            production: dates.day_or_none("production").map_err(in_dates)?,
            hs: object.text_or_none("hs")?.unwrap_or_default().to_owned(),
            root: object.text_or_none("root")?.map(str::to_owned),
            known_at: object.instant_or_none("known_at")?,
            evidence: object.each_or_empty("evidence", read_evidence)?,
        })
    }
}

fn read_evidence(object: Object<'_>) -> Result<Evidence, Refusal> {
    let bad = |key: &str| Refusal::new("good-bad-evidence", child("", key));
    let role = Role::parse(object.text("role")?).ok_or_else(|| bad("role"))?;
    let level = object.integer_or_none("level")?.ok_or_else(|| invalid("level"))?;
    let level = u8::try_from(level).ok().filter(|level| (1..=4).contains(level));
    let jurisdictions = object.texts("jurisdictions").map_err(|refusal| {
        // Without a jurisdiction it is evidence of nothing.
        if object.get("jurisdictions").is_none() { bad("jurisdictions") } else { refusal }
    })?;
    let source = object.text("source")?;
    if source == "bom" {
        return Err(bad("source"));
    }
    if jurisdictions.is_empty() {
        return Err(bad("jurisdictions"));
    }
    Ok(Evidence {
        node: object.text("node")?.to_owned(),
        role,
        jurisdictions: jurisdictions.into_iter().map(str::to_owned).collect(),
        level: level.ok_or_else(|| bad("level"))?,
        source: source.to_owned(),
        until: object.day_or_none("until")?,
    })
}
