//! Routes of law: packs, duties, facts, filings.

use comity_core::access::Action;

use super::table::{Route, get, post};

const LIST: &[&str] = &["cursor", "limit"];

/// The routes, in the order of the document.
pub(super) const ROUTES: &[Route] = &[
    get(
        "/api/v1/packs",
        "list-packs",
        "Lists the packs of law as data, with how far to trust each.",
    )
    .gives("Packs"),
    post("/api/v1/duties", "compute-duties", "Answers what is due for a document of facts.")
        .by(Action::ReadDuty)
        .takes("Facts")
        .query(&["at"])
        .ok(200)
        .gives("Duties"),
    post("/api/v1/preview", "compute-preview", "Answers what a party more would change in law.")
        .by(Action::ReadDuty)
        .takes("PreviewForm")
        .query(&["at"])
        .ok(200)
        .gives("LawPreview"),
    post("/api/v1/clock", "compute-clock", "Computes one clock: target and outer date.")
        .by(Action::ReadDuty)
        .takes("ClockForm")
        .ok(200)
        .gives("Clock"),
    get(
        "/api/v1/cases/{case}/duties",
        "case-duties",
        "Lists what is due in a case, to whom and when, with its conflicts; the look is recorded.",
    )
    .by(Action::ReadDuty)
    .query(&["at"])
    .gives("CaseDuties"),
    post(
        "/api/v1/cases/{case}/preview",
        "preview-invite",
        "Answers what inviting a party would change in law; stores nothing but the look.",
    )
    .by(Action::ReadDuty)
    .takes("InviteForm")
    .query(&["at"])
    .ok(200)
    .gives("LawPreview"),
    get(
        "/api/v1/cases/{case}/facts",
        "read-facts",
        "Lists what people stated of a case; the look is recorded.",
    )
    .by(Action::ReadDuty)
    .gives("FactsRead"),
    post(
        "/api/v1/cases/{case}/facts",
        "state-facts",
        "States facts of a case or takes them back, sealed, all or none.",
    )
    .by(Action::RecordDuty)
    .takes("FactsForm")
    .once()
    .gives("Recorded"),
    post(
        "/api/v1/cases/{case}/files",
        "keep-file",
        "Seals a file to a case as it streams in, to prove what was filed.",
    )
    .by(Action::RecordDuty)
    .takes("Octets")
    .query(&["name"])
    .once()
    .gives("KeptFile"),
    get(
        "/api/v1/cases/{case}/files/{item}",
        "read-kept-file",
        "Gives a file of a case as an octet stream; the look is recorded.",
    )
    .by(Action::ReadDuty)
    .gives("Octets"),
    post(
        "/api/v1/cases/{case}/filings",
        "record-duty",
        "Records how a party stands to a duty, with what it sent and its proof.",
    )
    .by(Action::RecordDuty)
    .takes("DutyForm")
    .once_matching()
    .ok(200)
    .gives("CaseRead"),
    get(
        "/api/v1/packs/changes",
        "list-pack-changes",
        "Lists open cases under other editions of packs, with what the current ones change.",
    )
    .by(Action::AdoptPacks)
    .query(LIST)
    .gives("PackChanges"),
    post(
        "/api/v1/cases/{case}/packs",
        "adopt-packs",
        "Lets a case be answered under the current editions of packs.",
    )
    .by(Action::AdoptPacks)
    .takes("AdoptForm")
    .once()
    .ok(200)
    .gives("Adopted"),
    get(
        "/api/v1/cases/{case}/packet",
        "case-packet",
        "Fills the form of a duty from the case, as JSON, text or HTML; the look is recorded.",
    )
    .by(Action::ReadDuty)
    .query(&["duty", "at", "as"])
    .gives("Packet"),
    get(
        "/api/v1/cases/{case}/duties.ics",
        "case-calendar",
        "Gives the dates of a case as a calendar; the look is recorded.",
    )
    .by(Action::ReadDuty)
    .gives("Calendar"),
];
