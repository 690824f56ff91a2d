//! What the fuzz targets do, as plain functions: read whatever comes, and hold what was read to its promises.
//!
//! A body panics only where a promise is broken. Not here: where inputs come from.

use std::collections::BTreeMap;

use comity_core::cert::document;
use comity_core::law::pack;
use comity_core::lexicon::Lexicon;
use comity_core::report;
use comity_core::trade::{import, replay};
use comity_formats::import as records;
use comity_formats::oscal::catalogue::Catalogue;
use comity_formats::oscal::{profile, write_catalogue};
use comity_ledger::attestation::VerifiedAttestation;
use comity_ledger::entry::Entry;
use comity_ledger::envelope::Envelope;
use comity_ledger::receipt::VerifiedReceipt;

const GOOD: &[u8] =
    include_bytes!("../../testdata/cert/vectors/trade-import/i02-ancestor-not-certified/good.json");
const RULES: &[u8] = include_bytes!(
    "../../testdata/cert/vectors/trade-import/i02-ancestor-not-certified/rules.json"
);
const REGISTER: &[u8] = include_bytes!("../../testdata/cert/register-sample.json");
const CATALOGUE: &[u8] = include_bytes!("../../testdata/cert/catalogue-sample.json");

/// A body: the name of its corpus and what it does with one input.
pub type Body = (&'static str, fn(&[u8]));

/// Every body.
pub const ALL: [Body; 6] = [
    ("bom", bom),
    ("envelope", envelope),
    ("oscal", oscal),
    ("pack", law_pack),
    ("record", record),
    ("report", a_report),
];

/// A bill is refused or decided, and a decision replays.
pub fn bom(bytes: &[u8]) {
    let inputs = import::Inputs { bom: bytes, good: GOOD, rules: RULES, register: REGISTER };
    let Ok(decision) = import::decide(&inputs) else { return };
    let decision = serde_json::to_vec(&decision).expect("a decision is JSON");
    let files: BTreeMap<String, Vec<u8>> = [bytes, GOOD, RULES, REGISTER]
        .into_iter()
        .map(|file| (document::hash(file), file.to_vec()))
        .collect();
    let asked = replay::asked(&decision).expect("a decision has a receipt");
    let replayed = replay::replay(&decision, &asked, &files).expect("every file is there");
    assert!(replayed.same, "the same files give the same decision");
}

/// An envelope that is read is the bytes it was read from; its payload is read or refused.
pub fn envelope(bytes: &[u8]) {
    let Ok(envelope) = Envelope::parse(bytes) else { return };
    assert_eq!(envelope.as_bytes(), bytes, "an envelope has one spelling");
    let _entry = Entry::parse(envelope.payload());
    let _receipt = VerifiedReceipt::open(&envelope);
    let _attestation = VerifiedAttestation::open(&envelope);
}

/// A catalogue comes back as it was and says the same when written anew; a baseline resolves or is refused.
pub fn oscal(bytes: &[u8]) {
    if let Ok(catalogue) = Catalogue::import(bytes) {
        let whole: serde_json::Value = serde_json::from_slice(bytes).expect("it was read");
        assert_eq!(*catalogue.export(), whole, "nothing is lost");
        let written = serde_json::to_vec(&write_catalogue(catalogue.standard()));
        assert!(Catalogue::import(&written.expect("JSON")).is_ok(), "what is written is read");
    }
    let sources = [
        ("catalogue-sample.json".to_owned(), CATALOGUE.to_vec()),
        ("self.json".to_owned(), bytes.to_vec()),
    ];
    let _resolved = profile::resolve(bytes, &sources.into());
}

/// A law pack is read or its mistakes are told.
pub fn law_pack(bytes: &[u8]) {
    let (pack, findings) = pack::read(bytes, "pack.toml");
    assert!(pack.is_some() || !findings.is_empty(), "a pack that is refused says why");
}

/// A foreign record is counted, whatever it says.
pub fn record(bytes: &[u8]) {
    let terms = records::Terms::of(Lexicon::embedded());
    for format in
        [records::Format::Avid, records::Format::Cve, records::Format::Flare, records::Format::Osv]
    {
        let mut run = records::Run::new(format, &terms, true);
        run.document("input.json", bytes);
        let _imported = run.finish();
    }
}

/// A report that is accepted is accepted again as it was understood.
pub fn a_report(bytes: &[u8]) {
    let Ok(read) = report::read(bytes, Lexicon::embedded()) else { return };
    let again = serde_json::to_vec(&read.to_value()).expect("a report is JSON");
    assert!(
        report::read(&again, Lexicon::embedded()).is_ok(),
        "what was accepted is accepted again"
    );
}
