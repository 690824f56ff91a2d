//! One sample of every page, fictional throughout, for tests and for the gallery.
#![expect(clippy::expect_used, reason = "a sample that is wrong must stop the test or the gallery")]

use comity_core::advisory::content::{Moment, Precision};
use comity_server::app::mailbox::Stage;
use comity_server::i18n::{Catalogue, Language, Locale};
use comity_server::web::markdown::advisory_body;
use comity_server::web::report_form::{
    Context, Fields, Step, answer_rows, check, error_items, questions,
};
use comity_server::web::view::{
    AccessibilityView, ActionRow, AdvisoriesView, AdvisoryItem, AdvisoryView, AffectedRow,
    AffectedState, ApiView, BusyView, ContactView, CorrectionItem, CorrectionsView, ErrorItem,
    FaultView, FigurePart, FigureRow, FileItem, FormatLink, FrontView, LexiconTermView,
    LexiconView, LogProof, MailboxView, MessageItem, Milestone, NotFoundView, NoticeView,
    OpenMailbox, PolicyView, PrivacyView, ProcedureView, Promise, ReceiptCode, ReceivedView,
    ReportView, ReviewView, SafeHarbour, ScoreRow, StandardItem, StandardsView, Stored, TermGroup,
    TermItem, Terms, TimelineRow, TranslationNote, Urgency, Withdrawal,
};
use comity_server::web::visible::Foreign;
use comity_server::web::{Chrome, Hub, Page, render};
use jiff::Timestamp;
use serde_json::{Value, json};

pub(crate) fn hub(catalogue: &Catalogue) -> Hub {
    let languages: Vec<Language> = catalogue.offered();
    Hub { name: "CERT Norvik".into(), version: "0.1.0".into(), languages }
}

fn closed_mailbox(words: &str) -> MailboxView {
    let refusal = comity_core::refusal::Refusal::new("receipt-code-mistyped", "/code");
    let label = Some("mailbox-code".to_owned());
    let errors = vec![ErrorItem { anchor: "code".into(), label, refusal }];
    MailboxView { errors, code: words.into(), words: words.into(), ..MailboxView::default() }
}

fn mailbox(words: &str, stage: Stage) -> MailboxView {
    let message =
        |own| MessageItem { own, at: at("2027-01-06T09:00:00Z"), words: Foreign::new(words, None) };
    let open = OpenMailbox {
        hidden: vec![("code".into(), words.into()), ("nonce".into(), "n0nce".into())],
        report: "nv-r-2027-00007".into(),
        stage,
        reason: (stage == Stage::Declined).then(|| Foreign::new(words, None)),
        due: (stage == Stage::Received).then(|| at("2027-01-08T12:00:00Z")),
        case: (stage == Stage::Declined).then(|| "nv-2027-00007".into()),
        advisory: Some("nv-2027-00007".into()),
        messages: if stage == Stage::Received {
            Vec::new()
        } else {
            vec![message(true), message(false)]
        },
        draft: words.into(),
    };
    MailboxView {
        open: Some(open),
        done: Some("mailbox-erased-identity"),
        ..MailboxView::default()
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn long(text: &str) -> comity_server::i18n::Duration {
    text.parse().expect("a duration")
}

fn page<P: Page + 'static>(view: P, t: &Locale) -> impl Fn(&Chrome) -> String + '_ {
    move |chrome| render(&view, chrome, t)
}

/// Every page by name, in one language; `words` stands for everything that comes from outside.
pub(crate) fn pages(t: &Locale, hub: &Hub, words: &str) -> Vec<(&'static str, String)> {
    let show = |name: &'static str, path: &str, view: &dyn Fn(&Chrome) -> String| {
        (name, view(&Chrome::new(hub, path)))
    };
    let answers = answers(words);
    let refused = refused(words);
    vec![
        show("front", "/", &page(front(t, words), t)),
        show("front-empty", "/", &page(FrontView { newest: Vec::new(), ..front(t, words) }, t)),
        show("report", "/report", &page(report(Step::First, &Fields::default(), false), t)),
        show("report-refused", "/report", &page(report(Step::First, &refused, true), t)),
        show("details", "/report/details", &page(report(Step::Details, &answers, false), t)),
        show("details-refused", "/report/details", &page(report(Step::Details, &refused, true), t)),
        show("review", "/report/review", &page(review(&answers, words, false), t)),
        show("review-changed", "/report/review", &page(review(&answers, words, true), t)),
        show("received", "/report/received", &page(received(words, true), t)),
        show("received-plain", "/report/received", &page(received(words, false), t)),
        show("advisories", "/advisories", &page(advisories("", words), t)),
        show("advisories-found", "/advisories", &page(advisories(words, words), t)),
        show(
            "advisories-none",
            "/advisories",
            &page(AdvisoriesView { query: words.into(), ..Default::default() }, t),
        ),
        show("advisory", "/advisories/nv-2027-00007", &page(advisory(words), t)),
        show("advisory-withdrawn", "/advisories/nv-2027-00007", &page(withdrawn(words), t)),
        show("corrections", "/corrections", &page(corrections(words), t)),
        show("corrections-empty", "/corrections", &page(CorrectionsView::default(), t)),
        show("policy", "/policy", &page(policy(words), t)),
        show(
            "policy-bare",
            "/policy/v1",
            &page(PolicyView { version: 1, safe_harbour: None, body: None, ..policy(words) }, t),
        ),
        show("mailbox", "/mailbox", &page(MailboxView::default(), t)),
        show("mailbox-refused", "/mailbox", &page(closed_mailbox(words), t)),
        show("mailbox-open", "/mailbox", &page(mailbox(words, Stage::Received), t)),
        show("mailbox-declined", "/mailbox", &page(mailbox(words, Stage::Declined), t)),
        show("notice", "/", &page(NoticeView { id: "site-foreign" }, t)),
        show("notice-refused", "/", &page(NoticeView { id: "site-refused" }, t)),
        show("api", "/docs/api", &page(ApiView::of_table(), t)),
        show("not-found", "/nothing", &page(NotFoundView, t)),
        show("fault", "/report/review", &page(fault(words), t)),
        show("busy", "/report", &page(busy(words), t)),
        show("contact", "/contact", &page(contact(words), t)),
        show(
            "privacy",
            "/privacy",
            &page(
                PrivacyView {
                    retention: long("P2Y"),
                    jurisdiction: words.into(),
                    public_records: true,
                },
                t,
            ),
        ),
        show(
            "accessibility",
            "/accessibility",
            &page(AccessibilityView { answer_within: long("P5D") }, t),
        ),
        show("lexicon", "/lexicon", &page(lexicon(words), t)),
        show("lexicon-term", "/lexicon/BEH-01", &page(term(words), t)),
        show("standards", "/standards", &page(standards(words), t)),
        show("standards-none", "/standards", &page(StandardsView::default(), t)),
        show("procedure", "/standards/std-1/procedure", &page(procedure(words), t)),
    ]
}

fn front(t: &Locale, words: &str) -> FrontView {
    FrontView {
        promises: Promise::of_policy(t, &long("PT72H"), &long("P45D"), Some(3)),
        newest: items(words),
    }
}

fn items(words: &str) -> Vec<AdvisoryItem> {
    let item = |id: &str, title: &str, urgency| AdvisoryItem {
        id: id.into(),
        title: Foreign::new(title, Some("en")),
        published: at("2027-02-19T12:00:00Z"),
        corrected: None,
        withdrawn: false,
        urgency,
    };
    vec![
        item("nv-2027-00007", words, Some(Urgency::CoordinateNow)),
        AdvisoryItem {
            corrected: Some(at("2027-02-21T08:30:00Z")),
            ..item(
                "nv-2027-00005",
                "Tool description of a calendar server is obeyed as an instruction",
                Some(Urgency::Act),
            )
        },
        AdvisoryItem {
            withdrawn: true,
            ..item("nv-2027-00003", "Loading a model file runs its code", Some(Urgency::Schedule))
        },
        item(
            "nv-2026-00041",
            "Rendered pictures carry chat history to other hosts",
            Some(Urgency::Track),
        ),
        item("nv-2026-00038", "Memory of another tenant's session is shown", None),
    ]
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    let owned =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Fields::from_pairs(owned).expect("within the limits")
}

/// Answers that make every part of the details apply but the one about children.
pub(crate) fn answers(words: &str) -> Fields {
    fields(&[
        ("system", words),
        ("version", "4.2"),
        ("links", "https://lumen.example/assist\npkg:huggingface/lumen/assist@4.2"),
        ("description", words),
        ("description", ""),
        ("steps", words),
        ("harms", "privacy_data"),
        ("harms", "cyber_offence_uplift"),
        ("public", "no"),
        ("attacks", "seen"),
        ("knows", words),
        ("wish", "fixed"),
        ("reach", "email"),
        ("email", "finder@example.org"),
        ("kind", "model_api_service"),
        ("trials", "50"),
        ("hits", "37"),
        ("also_name", words),
        ("also_version", "9"),
        ("also_trials", "20"),
        ("also_hits", "3"),
        ("also_on", "2027-01-02"),
        ("payload", words),
    ])
}

/// Answers of which nearly every one is refused.
pub(crate) fn refused(words: &str) -> Fields {
    fields(&[
        ("version", &"9".repeat(101)),
        ("description", "too short"),
        ("harms", "child_safety"),
        ("harms", words),
        ("public", words),
        ("knows", words),
        ("wish", "date"),
        ("reach", "email"),
        ("email", words),
        ("steps", words),
        ("trials", "5"),
        ("hits", "6"),
        ("told_on", words),
        ("country", words),
        ("also_name", ""),
        ("also_trials", "3"),
        ("also_hits", ""),
        ("payload", words),
    ])
}

const CONTEXT: Context = Context { protected: true, pack_facts: true, signed_in: true };

fn report(step: Step, fields: &Fields, checked: bool) -> ReportView {
    let refusals = if checked { check(fields, CONTEXT, step) } else { Vec::new() };
    let child_safety = fields.has("harms", "child_safety");
    ReportView {
        step,
        action: "/report/details".into(),
        questions: questions(fields, CONTEXT, step, &refusals),
        errors: error_items(&refusals),
        hidden: vec![("token".into(), "t0ken".into()), ("nonce".into(), "n0nce".into())],
        files: if step == Step::Details {
            files(fields.answer("steps").unwrap_or("log.txt"))
        } else {
            Vec::new()
        },
        child_safety,
        hotlines: vec![("Norvik hotline".into(), "https://hotline.example/".into())],
        jurisdiction: "urn:comity:jur:norvik".into(),
        retention: long("P2Y"),
        draft_until: (step == Step::Details).then(|| at("2027-01-06T12:00:00Z")),
    }
}

fn files(name: &str) -> Vec<FileItem> {
    vec![FileItem {
        name: Foreign::new(name, None),
        bytes: 48_211,
        sha256: "ab".repeat(32),
        handle: "0".into(),
    }]
}

pub(crate) fn preview(words: &str) -> Value {
    json!({
        "at": "2027-01-05T12:00:00Z",
        "clocks": [{"basis": "policy/3", "bearer": words, "due": "2027-01-08T12:00:00Z", "id": "acknowledge", "within": "PT72H"},
                   {"basis": words, "bearer": "nv", "due": null, "id": words, "within": null}],
        "digest": "sha256:7b6846d058a2ac3abc5e6569aeb07c09f47f374b79d31fc40dc861a4d81c5cf1",
        "embargo": {"length": "P45D", "until": "2027-02-19T12:00:00Z"},
        "identity": {"forwarded_to": [words]},
        "recipients": [{"after": "PT0S", "basis": "policy/3", "breaks": [], "compartments": ["abstract", "affected", "technical", words],
            "hub": "nv", "identity": false, "jurisdiction": "NV", "name": "CERT Norvik", "onward": [], "public_records": true},
            {"after": "PT48H", "basis": words, "breaks": [words], "compartments": ["abstract"], "hub": "ard", "identity": true,
            "jurisdiction": words, "name": words, "onward": [{"basis": words, "due": "2027-01-07T09:00:00Z", "level": "L1", "state": "firm", "to": words, "within": "PT24H"},
            {"basis": "act/7", "due": null, "level": "L3", "state": "unknown", "to": "Ardenia authority", "within": "P2D"}], "public_records": null}],
        "retention": {"after": "P2Y", "from": "case-closed"},
        "safe_harbour": {"authentic": ["en"], "lang": "sw", "text_sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "version": 3},
        "schema": "comity.report-preview/1"
    })
}

fn review(answers: &Fields, words: &str, changed: bool) -> ReviewView {
    let harbour = "We will not take legal action against you, nor ask others to, for good-faith research within this policy.";
    let terms = Terms::from_preview(&preview(words), Some(Foreign::new(harbour, Some("en"))))
        .expect("a preview");
    ReviewView {
        action: "/report/received".into(),
        answers: answer_rows(answers, CONTEXT, Some("sw")),
        files: files(words),
        terms_before: changed.then(|| Box::new(terms.clone())),
        terms,
        errors: if changed {
            error_items(&[comity_core::refusal::Refusal::new("preview-changed", "")])
        } else {
            Vec::new()
        },
        hidden: vec![("token".into(), words.into())],
    }
}

fn received(words: &str, code: bool) -> ReceivedView {
    let terms = Terms::from_preview(&preview(words), None).expect("a preview");
    ReceivedView {
        report: "nv-r-2027-00007".into(),
        case: Some("nv-2027-00007".into()),
        at: at("2027-01-05T12:00:00Z"),
        holder: "CERT Norvik".into(),
        clocks: terms.clocks.into_iter().take(1).collect(),
        embargo: terms.embargo,
        policy: (3, "7b6846d058a2ac3abc5e6569aeb07c09f47f374b79d31fc40dc861a4d81c5cf1".into()),
        commitment: "19d8".repeat(16),
        signature: "b64".repeat(28),
        receipt: json!({"schema": "comity.receipt/1", "report": words}).to_string(),
        code: code.then(|| ReceiptCode {
            groups: "4821 0937 5562 1048 7730".into(),
            words: Some((words.into(), "river".into())),
            unsaved: true,
        }),
        mailbox: "https://nv.example/en/mailbox".into(),
        hidden: vec![("token".into(), words.into())],
    }
}

fn advisories(query: &str, words: &str) -> AdvisoriesView {
    AdvisoriesView {
        query: query.into(),
        total: 1_234,
        newest: items(words),
        next: Some("/advisories?after=abc".into()),
        previous: Some("/advisories?before=abc".into()),
    }
}

const BODY: &str = "Nested role templates let the second role speak with the rights of the first. The guardrail reads only the outer one.\n\n\
    ## How it shows\n\n- The assistant quotes its hidden instructions.\n- Filters report `allowed`.\n\nSee [the vendor's page](https://lumen.example/sa-12).";

#[expect(clippy::too_many_lines, reason = "one sample that fills every field")]
fn advisory(words: &str) -> AdvisoryView {
    let row = |product: &str, versions: &str, state| AffectedRow {
        product: product.into(),
        versions: versions.into(),
        state,
        reason: (state == AffectedState::NotAffected)
            .then(|| "justification-vulnerable_code_not_present".to_owned()),
        note: (state == AffectedState::NotAffected).then(|| Foreign::new(words, None)),
    };
    let action = |category: &str, text: &str, href: Option<&str>| ActionRow {
        category: category.into(),
        text: Foreign::new(text, Some("en")),
        href: href.map(str::to_owned),
        products: vec![words.to_owned()],
    };
    AdvisoryView {
        id: "nv-2027-00007".into(),
        version: 2,
        latest: 2,
        title: Foreign::new(words, Some("en")),
        translated: Some(TranslationNote {
            from: "en".into(),
            state: "translation-reviewed",
            stale: true,
        }),
        summary: Foreign::new(words, Some("en")),
        published: at("2027-02-19T12:00:00Z"),
        corrected: Some((at("2027-02-21T08:30:00Z"), Foreign::new(words, None))),
        withdrawn: None,
        affected: vec![
            row(words, "4.0–4.2", AffectedState::Affected),
            row("Assist", "4.3", AffectedState::Fixed),
            row("Edge", "", AffectedState::NotAffected),
            row("Relay", words, AffectedState::UnderInvestigation),
            row("Kite", "9", AffectedState::Unknown),
        ],
        actions: vec![
            action("remedy-vendor_fix", "Update to 4.3.", Some("https://lumen.example/sa-12")),
            action("remedy-workaround", words, None),
        ],
        body_lang: "en".into(),
        body: Some(advisory_body(&format!("{BODY}\n\n{words}"))),
        withheld: Some("withheld-redacted_payload"),
        ask_at: Some("https://nv.example/ask".into()),
        classes: vec![("BEH-01".into(), Foreign::new("Jailbreak", Some("en")))],
        exploitation: "exploitation-public_poc",
        urgency: Some(Urgency::CoordinateNow),
        scores: vec![
            ScoreRow {
                system: "CVSS 4.0".into(),
                value: Some("9.3".into()),
                band: Some("band-critical"),
                axes: Vec::new(),
                vector: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N".into(),
                assessor: words.into(),
            },
            ScoreRow {
                system: "AIX 1.0".into(),
                value: None,
                band: None,
                axes: vec![("aix-fix_reach".into(), "aix-fix_reach-irrevocable".into())],
                vector: "AIX:1.0/TR:M/RL:X/PE:N/PR:S/DE:X/FR:I/UP:L/RI:N/SI:N".into(),
                assessor: "CERT Norvik".into(),
            },
        ],
        timeline: [
            ("2027-01-05T12:00:00Z", Milestone::Received),
            ("2027-01-05T13:02:00Z", Milestone::Acknowledged),
            ("2027-01-06T09:10:00Z", Milestone::VendorInformed),
            ("2027-02-10T00:00:00Z", Milestone::FixReady),
            ("2027-02-19T12:00:00Z", Milestone::Published),
            ("2027-02-21T08:30:00Z", Milestone::Corrected),
        ]
        .map(|(when, what)| TimelineRow {
            when: Moment { at: at(when), precision: Precision::Second },
            what,
            party: Some(words.into()),
            note: None,
        })
        .to_vec(),
        credit: vec![words.into()],
        sources: vec!["https://lumen.example/sa-12".into(), words.into()],
        aliases: vec!["CVE-2027-0001".into()],
        formats: vec![
            FormatLink { name: "CSAF 2.1", href: "/advisories/nv-2027-00007.csaf.json".into() },
            FormatLink { name: "OSV", href: "/advisories/nv-2027-00007.osv.json".into() },
            FormatLink { name: "CVE", href: "/advisories/nv-2027-00007.cve.json".into() },
        ],
        sha256: Some("7b6846d058a2ac3abc5e6569aeb07c09f47f374b79d31fc40dc861a4d81c5cf1".into()),
        log: Some(LogProof { position: 8_123, witnesses: 3 }),
    }
}

fn withdrawn(words: &str) -> AdvisoryView {
    AdvisoryView {
        version: 1,
        withdrawn: Some(Withdrawal {
            at: at("2027-03-01T10:00:00Z"),
            reason: Foreign::new(words, Some("en")),
            successor: Some("nv-2027-00009".into()),
        }),
        translated: None,
        affected: Vec::new(),
        actions: Vec::new(),
        scores: Vec::new(),
        urgency: None,
        credit: Vec::new(),
        log: None,
        sha256: None,
        ..advisory(words)
    }
}

fn corrections(words: &str) -> CorrectionsView {
    let item = |version, withdrawn| CorrectionItem {
        id: "nv-2027-00007".into(),
        version,
        at: at("2027-02-21T08:30:00Z"),
        withdrawn,
        title: Foreign::new(words, Some("en")),
        what: Foreign::new(words, Some("en")),
    };
    CorrectionsView { items: vec![item(3, true), item(2, false)] }
}

fn policy(words: &str) -> PolicyView {
    PolicyView {
        version: 3,
        latest: 3,
        since: Some(at("2026-09-01T00:00:00Z")),
        acknowledge: long("PT72H"),
        embargo: long("P45D"),
        retention: long("P2Y"),
        safe_harbour: Some(SafeHarbour {
            version: 3,
            text: Foreign::new(words, Some("ar")),
            authentic: vec!["en".into()],
            sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".into(),
        }),
        body: Some(advisory_body(&format!("# Scope\n\n{words}"))),
        body_lang: "en".into(),
        sha256: "7b6846d058a2ac3abc5e6569aeb07c09f47f374b79d31fc40dc861a4d81c5cf1".into(),
    }
}

fn fault(words: &str) -> FaultView {
    FaultView {
        incident: "8F3A-22C1".into(),
        stored: Stored::NotStored,
        answers: Some(json!({"system": words}).to_string()),
    }
}

fn busy(words: &str) -> BusyView {
    BusyView {
        retry_after_seconds: 130,
        action: Some("/report".into()),
        fields: vec![("system".into(), words.into()), ("description".into(), format!("\n{words}"))],
        answers: Some(json!({"system": words}).to_string()),
    }
}

fn contact(words: &str) -> ContactView {
    ContactView {
        addresses: vec![
            "mailto:cert@norvik.example".into(),
            "https://norvik.example/contact".into(),
            words.into(),
        ],
        key: Some(words.into()),
        answer_within: long("P5D"),
    }
}

fn lexicon(words: &str) -> LexiconView {
    LexiconView {
        version: "1.0.0".into(),
        query: words.into(),
        groups: vec![TermGroup {
            name: Foreign::new("behaviour", Some("en")),
            terms: vec![item(words)],
        }],
    }
}

fn standards(words: &str) -> StandardsView {
    let item = |jurisdictions| StandardItem {
        id: "std-1".into(),
        title: Foreign::new(words, Some("en")),
        simulated: jurisdictions == 1,
        jurisdictions,
    };
    StandardsView { items: vec![item(1), item(15)], next: Some("/standards?after=std-1".into()) }
}

fn procedure(words: &str) -> ProcedureView {
    let row = |member: &str, confidence: Option<&'static str>| FigureRow {
        of: words.into(),
        member: member.into(),
        value: "45".into(),
        unit: "working-days",
        analogue: confidence.map(|_| words.into()),
        confidence,
        warning: confidence == Some("low"),
    };
    ProcedureView {
        standard: "std-1".into(),
        title: Foreign::new(words, Some("en")),
        profile: "sample@1".into(),
        valid_from: at("2027-01-01T00:00:00Z"),
        valid_until: at("2035-12-31T00:00:00Z"),
        warnings: 1,
        parts: vec![FigurePart {
            part: "timer".into(),
            figures: vec![row("days", Some("low")), row("ldc-days", Some("own")), row(words, None)],
        }],
        holidays: vec![at("2031-01-20T00:00:00Z")],
    }
}

fn item(words: &str) -> TermItem {
    TermItem {
        id: "BEH-01".into(),
        name: Foreign::new("Jailbreak", Some("en")),
        definition: Foreign::new(words, Some("en")),
    }
}

fn term(words: &str) -> LexiconTermView {
    LexiconTermView {
        version: "1.0.0".into(),
        term: item(words),
        references: vec!["atlas@5.6.0:AML.T0054".into(), words.into()],
    }
}
