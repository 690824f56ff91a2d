//! Who is concerned: inferred from artefacts, stated, or only declared (LX-10, LX-11), and how wide
//! that reaches (LX-17).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::lexicon::Lexicon;
use crate::lexicon::suppliers::{Supplier, fold};
use crate::lexicon::terms::{PartyStatus, SupplierRole, terms};
use crate::report::{Artefact, Report, Sameness, ServiceUrn, StatedParty, list, purl_namespace};

terms! {
    /// How a party came to be listed.
    How { Artefact = "artefact", Declared = "declared", Stated = "stated" }
}
terms! {
    /// Whether a party may be contacted at once.
    Contact { Propose = "propose", Confirm = "confirm" }
}

terms! {
    /// How surely a component of a product is the artefact of a report (LX-12), weakest first.
    Match { Possible = "possible", Exact = "exact" }
}

/// A party of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Party {
    /// Its id in the directory of suppliers, if it is there.
    pub supplier: Option<String>,
    /// Its name.
    pub name: String,
    /// Its country, as stated, else of its headquarters.
    pub country: Option<String>,
    /// What it does, by key.
    pub roles: BTreeSet<&'static str>,
    /// How it came to be listed, by key.
    pub how: BTreeSet<&'static str>,
    /// Indexes of the artefacts it was inferred from.
    pub artefacts: Vec<usize>,
    /// How the flaw touches it.
    pub status: PartyStatus,
    /// Whether it may be contacted; a name that was only declared is confirmed first.
    pub contact: Contact,
}

/// What identifies a supplier: its id, or its folded name if the directory does not know it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Id(String),
    Name(String),
}

/// The parties of a report and what could not be resolved.
#[derive(Clone, Debug)]
pub(super) struct Parties {
    /// By name, then supplier.
    pub(super) all: Vec<Party>,
    /// Indexes of artefacts without a supplier.
    pub(super) unknown_artefacts: Vec<usize>,
    /// Whether the declared developers differ from the suppliers of the artefacts.
    pub(super) is_developer_mismatch: bool,
    /// The supplier of each artefact.
    pub(super) supplier_of: Vec<Option<Key>>,
    /// How many names without a supplier there are.
    unnamed: usize,
}

/// How wide the parties reach, before scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Count {
    /// Parties at least.
    pub(super) low: usize,
    /// Parties at most.
    pub(super) high: usize,
    /// Different countries.
    pub(super) countries: usize,
    /// Different regions.
    pub(super) regions: usize,
}

pub(super) fn parties(report: &Report, lexicon: &Lexicon) -> Parties {
    let mut found: BTreeMap<Key, Party> = BTreeMap::new();
    let mut unknown_artefacts = Vec::new();
    let mut unnamed = BTreeSet::new();
    let mut supplier_of = Vec::new();
    for (index, artefact) in report.artefacts().iter().enumerate() {
        let key = artefact_supplier(artefact, lexicon);
        if let Some(key) = &key {
            let party = entry(&mut found, key, lexicon, How::Artefact);
            party.artefacts.push(index);
            party.roles.extend(lexicon.directory().role(artefact.kind).map(SupplierRole::key));
        } else {
            unknown_artefacts.push(index);
            unnamed.insert(fold(&artefact.name));
        }
        supplier_of.push(key);
    }
    let affected = report.affected.as_ref();
    for stated in list(affected.and_then(|part| part.parties.as_ref())) {
        add_stated(&mut found, stated, lexicon);
    }
    let developers = list(affected.and_then(|part| part.declared_developers.as_ref()));
    let deployers = list(affected.and_then(|part| part.declared_deployers.as_ref()));
    for name in developers.iter().chain(deployers) {
        entry(&mut found, &name_key(name, lexicon), lexicon, How::Declared);
    }
    let inferred: BTreeSet<&Key> = supplier_of.iter().flatten().collect();
    let declared: BTreeSet<Key> = developers.iter().map(|name| name_key(name, lexicon)).collect();
    let is_developer_mismatch =
        !declared.is_empty() && !inferred.is_empty() && !declared.iter().eq(inferred);
    let mut all: Vec<Party> = found.into_values().collect();
    for party in &mut all {
        let is_only_declared = party.how.iter().all(|how| *how == How::Declared.key());
        party.contact = if is_only_declared { Contact::Confirm } else { Contact::Propose };
    }
    all.sort_by(|a, b| (&a.name, &a.supplier).cmp(&(&b.name, &b.supplier)));
    Parties { all, unknown_artefacts, is_developer_mismatch, supplier_of, unnamed: unnamed.len() }
}

/// Returns how surely a component of a bill of materials is an artefact of a report: exact if it is
/// the same, possible if related or equal only in supplier and name (LX-12).
///
/// A product takes the strongest match of its components; a count is a range from the exact to the
/// exact and possible.
#[must_use]
pub fn component_match(
    artefact: &Artefact,
    component: &Artefact,
    lexicon: &Lexicon,
) -> Option<Match> {
    match artefact.sameness(component) {
        Sameness::Same => Some(Match::Exact),
        Sameness::Related => Some(Match::Possible),
        Sameness::Different => {
            let supplier = artefact_supplier(artefact, lexicon);
            let has_equal_supplier =
                supplier.is_some() && supplier == artefact_supplier(component, lexicon);
            let has_equal_name = fold(&artefact.name) == fold(&component.name);
            (has_equal_supplier && has_equal_name).then_some(Match::Possible)
        }
    }
}

/// Returns the supplier of an artefact: the first of stated, domain, package namespace, name.
fn artefact_supplier(artefact: &Artefact, lexicon: &Lexicon) -> Option<Key> {
    let directory = lexicon.directory();
    let id = |supplier: &Supplier| Key::Id(supplier.id.clone());
    if let Some(stated) = artefact.supplier.as_deref().filter(|name| !name.trim().is_empty()) {
        return Some(name_key(stated, lexicon));
    }
    if let Some(urn) = artefact.urn.as_deref().and_then(|urn| urn.parse::<ServiceUrn>().ok()) {
        // The domain is the provider's own name, so it names a party even if the directory does not.
        let known = directory.by_domain(urn.domain()).map(id);
        return Some(known.unwrap_or_else(|| Key::Name(urn.domain().to_owned())));
    }
    let namespace = artefact.purl.as_deref().and_then(purl_namespace);
    let by_purl = namespace.and_then(|namespace| directory.by_namespace(&namespace));
    by_purl.or_else(|| directory.by_product(&artefact.name)).map(id)
}

fn name_key(name: &str, lexicon: &Lexicon) -> Key {
    let known = lexicon.directory().by_name(name);
    known.map_or_else(|| Key::Name(fold(name)), |supplier| Key::Id(supplier.id.clone()))
}

fn entry<'f>(
    found: &'f mut BTreeMap<Key, Party>,
    key: &Key,
    lexicon: &Lexicon,
    how: How,
) -> &'f mut Party {
    let party = found.entry(key.clone()).or_insert_with(|| {
        let known = match key {
            Key::Id(id) => lexicon.directory().by_id(id),
            Key::Name(_) => None,
        };
        let (Key::Id(text) | Key::Name(text)) = key;
        Party {
            supplier: known.map(|supplier| supplier.id.clone()),
            name: known.map_or_else(|| text.clone(), |supplier| supplier.name.clone()),
            country: known.and_then(|supplier| supplier.country.clone()),
            roles: BTreeSet::new(),
            how: BTreeSet::new(),
            artefacts: Vec::new(),
            status: PartyStatus::Unknown,
            contact: Contact::Propose,
        }
    });
    party.how.insert(how.key());
    party
}

fn add_stated(found: &mut BTreeMap<Key, Party>, stated: &StatedParty, lexicon: &Lexicon) {
    let by_id = stated.supplier.as_deref().and_then(|id| lexicon.directory().by_name(id));
    let key = by_id
        .map_or_else(|| name_key(&stated.name, lexicon), |supplier| Key::Id(supplier.id.clone()));
    let is_first = found.get(&key).is_none_or(|party| !party.how.contains(How::Stated.key()));
    let party = entry(found, &key, lexicon, How::Stated);
    if is_first && party.supplier.is_none() {
        party.name.clone_from(&stated.name);
    }
    if stated.country.is_some() && (is_first || party.country.is_none()) {
        party.country.clone_from(&stated.country);
    }
    party.roles.extend(list(stated.roles.as_ref()).iter().map(|role| role.key()));
    if let Some(status) = stated.status {
        party.status = stronger(party.status, status);
    }
}

/// Returns the status that leaves least undone when a party is stated twice.
fn stronger(a: PartyStatus, b: PartyStatus) -> PartyStatus {
    let rank = |status| match status {
        PartyStatus::Unknown => 0,
        PartyStatus::NotAffected => 1,
        PartyStatus::UnderInvestigation => 2,
        PartyStatus::Affected => 3,
    };
    if rank(b) > rank(a) { b } else { a }
}

impl Party {
    /// Returns whether the party counts for reach: inferred or stated, touched, and not only a
    /// deployer or distributor, of whom every product has many.
    fn is_counted(&self) -> bool {
        let is_downstream = |role: &&str| {
            [SupplierRole::Deployer.key(), SupplierRole::Distributor.key()].contains(role)
        };
        self.contact == Contact::Propose
            && self.status != PartyStatus::NotAffected
            && (self.roles.is_empty() || !self.roles.iter().all(is_downstream))
    }
}

impl Parties {
    pub(super) fn count(&self, lexicon: &Lexicon) -> Count {
        let counted: Vec<&Party> = self.all.iter().filter(|party| party.is_counted()).collect();
        let countries: BTreeSet<&str> =
            counted.iter().filter_map(|party| party.country.as_deref()).collect();
        let regions: BTreeSet<&str> =
            countries.iter().filter_map(|country| lexicon.region(country)).collect();
        let is_alone = counted.is_empty() && self.unnamed > 0;
        Count {
            low: if is_alone { 1 } else { counted.len() },
            high: counted.len() + self.unnamed,
            countries: countries.len(),
            regions: regions.len(),
        }
    }

    /// Returns the countries of all parties that were not only declared.
    pub(super) fn countries(&self) -> impl Iterator<Item = &str> {
        let named = self.all.iter().filter(|party| party.contact == Contact::Propose);
        named.filter_map(|party| party.country.as_deref())
    }
}
