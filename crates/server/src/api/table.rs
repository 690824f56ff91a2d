//! Every route of the JSON API in one table: what the router serves, the `OpenAPI` document describes and the
//! access matrix lists, so that none can be forgotten in another.
//!
//! Not here: what a route does (`handlers`) and the shapes of bodies (`schema`).

use comity_core::access::Action;

use super::cert_routes::ROUTES as CERT;
use super::law_routes::ROUTES as LAW;
use super::sharing_routes::ROUTES as SHARING;
use super::trade_handlers::ROUTES as TRADE;

/// An HTTP method the API uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// Revokes.
    Delete,
    /// Reads.
    Get,
    /// Makes or commands.
    Post,
}

impl Verb {
    /// Returns the verb as `OpenAPI` writes it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Get => "get",
            Self::Post => "post",
        }
    }
}

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Whoever holds a token that allows this.
    Token(Action),
    /// Everyone, with or without a token.
    Public,
}

/// What a route wants before it does anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// `Idempotency-Key` (PO-71).
    Idempotency,
    /// `Idempotency-Key` and `If-Match` (PO-74).
    IdempotencyAndMatch,
    /// Nothing.
    None,
}

/// One route.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// The method.
    pub verb: Verb,
    /// The path as axum and `OpenAPI` both write it.
    pub path: &'static str,
    /// Unique name of the operation.
    pub operation: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What it wants first.
    pub guard: Guard,
    /// The schema of the body, if it takes one.
    pub body: Option<&'static str>,
    /// Parameters of the query.
    pub query: &'static [&'static str],
    /// Status of success.
    pub status: u16,
    /// Schema of the answer.
    pub answer: &'static str,
    /// Whether the answer holds the instant of asking, so that nobody can hold it already.
    pub dated: bool,
}

/// The schema of bodies and answers that are not JSON but bytes.
pub(super) const OCTETS: &str = "Octets";

const LIST: &[&str] = &["cursor", "limit"];

pub(super) const fn get(
    path: &'static str,
    operation: &'static str,
    summary: &'static str,
) -> Route {
    Route {
        verb: Verb::Get,
        path,
        operation,
        summary,
        access: Access::Public,
        guard: Guard::None,
        body: None,
        query: &[],
        status: 200,
        answer: "Object",
        dated: false,
    }
}

pub(super) const fn post(
    path: &'static str,
    operation: &'static str,
    summary: &'static str,
) -> Route {
    Route { verb: Verb::Post, status: 201, ..get(path, operation, summary) }
}

impl Route {
    pub(super) const fn by(mut self, action: Action) -> Self {
        self.access = Access::Token(action);
        self
    }

    pub(super) const fn takes(mut self, schema: &'static str) -> Self {
        self.body = Some(schema);
        self
    }

    pub(super) const fn gives(mut self, schema: &'static str) -> Self {
        self.answer = schema;
        self
    }

    pub(super) const fn once(mut self) -> Self {
        self.guard = Guard::Idempotency;
        self
    }

    pub(super) const fn once_matching(mut self) -> Self {
        self.guard = Guard::IdempotencyAndMatch;
        self
    }

    pub(super) const fn query(mut self, names: &'static [&'static str]) -> Self {
        self.query = names;
        self
    }

    pub(super) const fn dated(mut self) -> Self {
        self.dated = true;
        self
    }

    pub(super) const fn ok(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

/// Every route of every area, in the order of the document.
pub const ROUTES: &[Route] = &joined::<
    { CORE.len() + CERT.len() + LAW.len() + SHARING.len() + TRADE.len() },
>([CORE, CERT, LAW, SHARING, TRADE]);

/// Joins the routes of areas whose handlers keep their own; `N` is how many there are.
#[expect(
    clippy::indexing_slicing,
    reason = "the compiler runs this, and no program is made if it fails"
)]
const fn joined<const N: usize>(mut areas: [&[Route]; 5]) -> [Route; N] {
    let mut all = [CORE[0]; N];
    let (mut area, mut at) = (0, 0);
    while area < areas.len() {
        while let [route, rest @ ..] = areas[area] {
            all[at] = *route;
            at += 1;
            areas[area] = rest;
        }
        area += 1;
    }
    all
}

/// The routes of the hub, reports, cases, advisories and accounts.
const CORE: &[Route] = &[
    get("/api/v1/hub", "hub", "Says whose hub this is, with its keys and languages.").gives("Hub"),
    get("/api/v1/policy", "policy", "Gives the promises in force and their hash.").gives("Policy"),
    get("/api/v1/lexicon", "lexicon", "Gives the lexicon this hub assesses with."),
    post(
        "/api/v1/reports/preview",
        "preview-report",
        "Says under which terms a report would be filed; stores nothing.",
    )
    .takes("Report")
    .gives("Preview")
    .ok(200),
    post(
        "/api/v1/reports",
        "file-report",
        "Files a report; the answer carries the signed receipt.",
    )
    .takes("Report")
    .query(&["code", "digest"])
    .gives("Filed"),
    post(
        "/api/v1/intake",
        "intake",
        "Files a foreign record (avid, cve, osv, flare) as a report, with what was lost.",
    )
    .takes("Object")
    .query(&["code", "format"])
    .gives("Filed"),
    get("/api/v1/reports", "list-reports", "Lists reports by due date.")
        .by(Action::ReadReport)
        .query(&["cursor", "limit", "state"])
        .gives("ReportList"),
    get(
        "/api/v1/reports/{report}",
        "read-report",
        "Opens a report without its identity; the look is recorded.",
    )
    .by(Action::ReadReport)
    .gives("ReportRead"),
    get("/api/v1/reports/{report}/receipt", "read-receipt", "Gives the receipt again.")
        .by(Action::ReadReport)
        .gives("Object"),
    get("/api/v1/reports/{report}/files", "list-files", "Lists the files of a report.")
        .by(Action::ReadReport)
        .gives("FileList"),
    post(
        "/api/v1/reports/{report}/files",
        "attach-file",
        "Seals a file of up to 100 MiB as it streams in; never opens it.",
    )
    .by(Action::FileReport)
    .takes("Octets")
    .query(&["name"])
    .once()
    .gives("File"),
    get(
        "/api/v1/reports/{report}/files/{file}",
        "read-file",
        "Gives a file's bytes as an octet stream; the look is recorded.",
    )
    .by(Action::ReadReport)
    .gives("Octets"),
    get(
        "/api/v1/reports/{report}/messages",
        "read-messages",
        "Lists the messages between coordinators and finder, for them and for the account that filed.",
    )
    .by(Action::ReadReport)
    .gives("Object"),
    post(
        "/api/v1/reports/{report}/messages",
        "write-message",
        "Writes to the finder, or, by the account that filed, to the coordinators.",
    )
    .by(Action::AssessReport)
    .takes("Message")
    .once()
    .gives("Object"),
    get(
        "/api/v1/reports/{report}/contact",
        "read-contact",
        "Opens where a finder wants to be answered, and no more than that finder chose, once two people asked \
         within a day; each look is recorded.",
    )
    .by(Action::ReadContact)
    .gives("Contact"),
    post(
        "/api/v1/reports/{report}/commands",
        "command-report",
        "Acknowledges, assesses or declines a report.",
    )
    .by(Action::AssessReport)
    .takes("ReportCommand")
    .once()
    .ok(200)
    .gives("ReportRow"),
    post("/api/v1/cases", "open-case", "Opens a case from reports.")
        .by(Action::OpenCase)
        .takes("OpenCase")
        .once()
        .gives("CaseRead"),
    get("/api/v1/cases", "list-cases", "Lists the cases one may see, by next date.")
        .by(Action::ReadCase)
        .query(LIST)
        .gives("CaseList"),
    get("/api/v1/cases/{case}", "read-case", "Gives a case's state at this instant; its ETag, of the heads, is for If-Match.")
        .by(Action::ReadCase)
        .dated()
        .gives("CaseRead"),
    get("/api/v1/cases/{case}/entries", "list-entries", "Lists a case's signed entries.")
        .by(Action::ReadCase)
        .query(LIST)
        .gives("EntryList"),
    get(
        "/api/v1/cases/{case}/parties",
        "list-parties",
        "Lists a case's parties and where each stands.",
    )
    .by(Action::ReadCase)
    .gives("Object"),
    get(
        "/api/v1/cases/{case}/clocks",
        "list-clocks",
        "Lists what is due, by whom, at which instant.",
    )
    .by(Action::ReadCase)
    .gives("Object"),
    get(
        "/api/v1/cases/{case}/export",
        "export-case",
        "Gives the case as one file that verifies offline.",
    )
    .by(Action::ReadCase)
    .gives("Export"),
    get(
        "/api/v1/cases/{case}/content/{item}",
        "read-content",
        "Opens content shared with one's party; the look is recorded.",
    )
    .by(Action::ReadCase)
    .gives("Object"),
    post("/api/v1/cases/{case}/commands", "command-case", "Authors one entry for one's party.")
        .by(Action::CommandCase)
        .takes("CaseCommand")
        .once_matching()
        .ok(200)
        .gives("CaseRead"),
    post(
        "/api/v1/cases/{case}/drafts",
        "draft-advisory",
        "Saves a draft advisory, sealed, as a new revision.",
    )
    .by(Action::DraftAdvisory)
    .takes("Draft")
    .once()
    .gives("DraftRead"),
    get(
        "/api/v1/cases/{case}/drafts",
        "read-draft",
        "Gives the newest draft with its hash and approvals.",
    )
    .by(Action::DraftAdvisory)
    .gives("DraftRead"),
    post(
        "/api/v1/cases/{case}/releases",
        "release",
        "Approves, publishes, corrects or withdraws the advisory of a case.",
    )
    .by(Action::PublishAdvisory)
    .takes("Release")
    .once_matching()
    .ok(200)
    .gives("Released"),
    get("/api/v1/advisories", "list-advisories", "Lists or searches published advisories.")
        .query(&["cursor", "limit", "q"])
        .gives("AdvisoryList"),
    get(
        "/api/v1/advisories/{file}",
        "read-advisory",
        "Gives an advisory; with .csaf.json, .csaf20.json or .osv.json in that format.",
    )
    .query(&["version"])
    .gives("Object"),
    post(
        "/api/v1/organisations",
        "add-organisation",
        "Registers an organisation hosted at this hub.",
    )
    .by(Action::AdministerAccounts)
    .takes("Organisation")
    .once()
    .gives("Organisation"),
    post("/api/v1/accounts", "add-account", "Registers an account of an organisation.")
        .by(Action::AdministerAccounts)
        .takes("Account")
        .once()
        .gives("Account"),
    post(
        "/api/v1/tokens",
        "make-token",
        "Makes a token, shown once, never wider than its account.",
    )
    .by(Action::MakeToken)
    .takes("TokenRequest")
    .once()
    .gives("TokenMade"),
    Route {
        verb: Verb::Delete,
        ..get("/api/v1/tokens/{token}", "revoke-token", "Revokes a token of one's own account.")
    }
    .by(Action::MakeToken)
    .ok(204)
    .gives("Nothing"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn operations_and_addresses_are_unique() {
        let names: BTreeSet<&str> = ROUTES.iter().map(|route| route.operation).collect();
        let places: BTreeSet<(Verb, &str)> =
            ROUTES.iter().map(|route| (route.verb, route.path)).collect();
        assert_eq!((names.len(), places.len()), (ROUTES.len(), ROUTES.len()));
    }

    /// A question with a body creates nothing: its scope says so.
    fn is_question(route: &Route) -> bool {
        matches!(route.access, Access::Token(action) if action.scope().key().ends_with(":read"))
    }

    #[test]
    fn every_creating_post_with_a_token_is_idempotent() {
        for route in ROUTES {
            if route.verb == Verb::Post && route.access != Access::Public && !is_question(route) {
                assert_ne!(route.guard, Guard::None, "{}", route.operation);
            }
        }
    }
}
