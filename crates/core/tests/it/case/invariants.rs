//! What must hold of every fold (CP-61, CP-62, CP-65), whoever wrote the entries.

use std::collections::{BTreeMap, BTreeSet};

use comity_core::case::Case;
use comity_core::case::body::Body;
use comity_core::case::entry::Content;

pub(crate) fn hold(case: &Case, given: usize) {
    assert_eq!(comity_core::case::invariants::broken(case.state()), None);
    // CP-65: nothing is lost, and no two lead in one epoch.
    let (held, pending) = (case.entries().count(), case.pending().len());
    assert_eq!(held + pending, given);
    let standing = case.entries().filter(|entry| case.void_code(&entry.id).is_none()).count();
    assert_eq!(standing + case.void().count(), held);
    lead_by_epoch(case);
}

/// Every standing hand-over names an epoch of its own, one after the other.
fn lead_by_epoch(case: &Case) {
    let mut epochs = BTreeSet::new();
    for entry in case.entries().filter(|entry| case.void_code(&entry.id).is_none()) {
        if let Content::Known(_, Body::LeadAccept { offer }) = entry.content() {
            let offer = case.entry(offer).unwrap();
            let Content::Known(_, Body::LeadOffer { epoch, .. }) = offer.content() else {
                panic!()
            };
            assert!(epochs.insert(*epoch), "two leads in epoch {epoch}");
        }
    }
    let present = case.state().lead.as_ref().map_or(0, |lead| lead.epoch);
    assert!(epochs.iter().all(|epoch| *epoch <= present));
}

/// No standing seal or grant reaches a party whose gate was closed: refolds the prefix before each.
pub(crate) fn content_keeps_the_gate(case: &Case) {
    let order: Vec<_> = case.entries().cloned().collect();
    for (index, entry) in order.iter().enumerate() {
        let (
            Content::Known(
                _,
                Body::ContentSeal { recipients, .. } | Body::ContentGrant { recipients, .. },
            ),
            None,
        ) = (entry.content(), case.void_code(&entry.id))
        else {
            continue;
        };
        // A late fork voids earlier entries only where nobody built on them; take those that stand.
        let before = order[..index].iter().filter(|e| case.void_code(&e.id).is_none()).cloned();
        let before = Case::fold(case.id().clone(), before);
        if before.entries().count()
            != order[..index].iter().filter(|e| case.void_code(&e.id).is_none()).count()
        {
            continue;
        }
        for recipient in recipients.iter().filter(|r| r.party != entry.party) {
            let party = &before.state().parties[&recipient.party];
            assert!(before.state().gate(party, entry.at), "{} to {}", entry.id, recipient.party);
        }
    }
}

/// Counts codes, so that a test can see that it tested something.
pub(crate) fn codes(case: &Case) -> BTreeMap<&'static str, usize> {
    let mut codes = BTreeMap::new();
    for void in case.void() {
        *codes.entry(void.code.code()).or_default() += 1;
    }
    codes
}
