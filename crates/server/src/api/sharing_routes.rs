//! Routes of the sharing gate, of agreements and of peers' identities.

use comity_core::access::Action;

use super::table::{Route, get, post};

const LIST: &[&str] = &["cursor", "limit"];

/// The routes, in the order of the document.
pub(super) const ROUTES: &[Route] = &[
    post(
        "/api/v1/cases/{case}/share-preview",
        "preview-share",
        "Shows what each hub would see, with the exact bytes and why the rest stays; stores nothing but the look.",
    )
    .by(Action::ReadShare)
    .takes("SharePreviewForm")
    .ok(200)
    .gives("Object"),
    post(
        "/api/v1/cases/{case}/screens",
        "ask-screen",
        "Screens one exchange with one recipient and records the result.",
    )
    .by(Action::Share)
    .takes("ScreenForm")
    .once()
    .gives("ScreenMade"),
    get("/api/v1/cases/{case}/screens", "list-screens", "Lists the screens of a case.")
        .by(Action::ReadShare)
        .query(LIST)
        .gives("ScreenList"),
    get(
        "/api/v1/cases/{case}/screens/{screen}",
        "read-screen",
        "Opens a screen: result, answers with who gave them, approvals; the look is recorded.",
    )
    .by(Action::ReadShare)
    .gives("ScreenRead"),
    get(
        "/api/v1/cases/{case}/screens/{screen}/record",
        "export-screen",
        "Exports a screen's signed record, to be replayed offline; the look is recorded.",
    )
    .by(Action::ReadShare)
    .gives("ScreenExport"),
    post(
        "/api/v1/cases/{case}/screens/{screen}/approvals",
        "approve-share",
        "Approves one tier of one result in one's office.",
    )
    .by(Action::ApproveShare)
    .takes("ApprovalForm")
    .once()
    .ok(200)
    .gives("Object"),
    get(
        "/api/v1/cases/{case}/screen-notes",
        "screen-notes",
        "Tells parties that screens took place, their outcome, lapse and how to appeal.",
    )
    .by(Action::ReadCase)
    .gives("Object"),
    post(
        "/api/v1/cases/{case}/screens/{screen}/appeals",
        "appeal-screen",
        "Appeals against a screen within 30 days.",
    )
    .by(Action::AppealScreen)
    .takes("AppealForm")
    .once()
    .gives("Object"),
    post(
        "/api/v1/cases/{case}/screens/{screen}/appeal-decisions",
        "decide-appeal",
        "Decides an appeal; nobody who asked or approved may.",
    )
    .by(Action::ApproveShare)
    .takes("AppealDecision")
    .once()
    .ok(200)
    .gives("Object"),
    post(
        "/api/v1/cases/{case}/shares",
        "share",
        "Shares what was approved: mints the pass and seals each compartment.",
    )
    .by(Action::Share)
    .takes("ShareForm")
    .once_matching()
    .gives("Shared"),
    get(
        "/api/v1/cases/{case}/shares",
        "list-shares",
        "Lists shares, what is due, and entries without a pass.",
    )
    .by(Action::ReadShare)
    .gives("Object"),
    get(
        "/api/v1/cases/{case}/shares/{share}/package",
        "read-package",
        "Gives the package sealed to the recipient, to be carried by hand.",
    )
    .by(Action::Share)
    .gives("Object"),
    post(
        "/api/v1/cases/{case}/shares/{share}/withdrawals",
        "withdraw-share",
        "Takes a share back: the pass ends, copies here are shredded, the peer is asked to.",
    )
    .by(Action::Share)
    .takes("WithdrawForm")
    .once()
    .ok(200)
    .gives("Object"),
    post(
        "/api/v1/cases/{case}/entries",
        "take-entries",
        "Takes signed entries of admitted peers into a case, all or none.",
    )
    .by(Action::OpenCase)
    .takes("EntriesForm")
    .once()
    .ok(200)
    .gives("CaseRead"),
    get(
        "/api/v1/public/screens",
        "public-screens",
        "Gives refusals and delays of a quarter, with small counts hidden.",
    )
    .query(&["quarter"])
    .gives("Object"),
    post(
        "/api/v1/screen-samples",
        "draw-screens",
        "Draws the screens of a quarter that raters answer again, or gives those that were drawn.",
    )
    .by(Action::Share)
    .takes("SampleForm")
    .once()
    .ok(200)
    .gives("ScreenSample"),
    get("/api/v1/screen-samples", "list-sample", "Lists the screens drawn for a quarter.")
        .by(Action::ReadShare)
        .query(&["quarter"])
        .gives("ScreenSample"),
    get(
        "/api/v1/cases/{case}/screens/{screen}/blind",
        "read-blind",
        "Gives a rater what was asked, without answers and result; the look is recorded.",
    )
    .by(Action::ApproveShare)
    .gives("Object"),
    post(
        "/api/v1/cases/{case}/screens/{screen}/ratings",
        "rate-screen",
        "Takes a rater's blind answers; each organisation once.",
    )
    .by(Action::ApproveShare)
    .takes("RatingForm")
    .once()
    .gives("Object"),
    get(
        "/api/v1/public/screen-reliability",
        "screen-reliability",
        "Says of each question how far a quarter's raters agree, once all have answered.",
    )
    .query(&["quarter"])
    .gives("Object"),
    get("/api/v1/agreements", "list-agreements", "Lists agreements between hubs with where they stand.")
        .by(Action::ReadShare)
        .gives("Object"),
    get(
        "/api/v1/agreements/{agreement}",
        "read-agreement",
        "Gives an agreement: document, signed acts, where it stands.",
    )
    .by(Action::ReadShare)
    .gives("AgreementRead"),
    post("/api/v1/agreements", "propose-agreement", "Proposes an agreement between this hub and peers.")
        .by(Action::WriteAgreement)
        .takes("AgreementForm")
        .once()
        .gives("AgreementRead"),
    post(
        "/api/v1/agreements/{agreement}/acts",
        "act-agreement",
        "Signs, amends, objects, suspends, reviews or leaves; or takes a peer's signed act.",
    )
    .by(Action::WriteAgreement)
    .takes("ActForm")
    .once()
    .ok(200)
    .gives("AgreementRead"),
    get("/api/v1/peer-identities", "list-peers", "Lists the peers whose identity was admitted.")
        .by(Action::ReadShare)
        .gives("Object"),
    post(
        "/api/v1/peer-identities",
        "admit-peer",
        "Admits a peer's identity chain under a fingerprint compared out of band.",
    )
    .by(Action::AdministerAccounts)
    .takes("PeerForm")
    .once()
    .gives("PeerRead"),
];
