//! Any advisory in order becomes CSAF that is in order.

use comity_core::advisory::content::{
    Bound, Credit, CreditRole, Detail, Digest, DigestAlgorithm, Fact, FactKind, Justification,
    Moment, Precision, ProductRow, Remedy, RemedyCategory, Scheme, Status, Versions,
};
use comity_core::advisory::severity::{Assessment, CvssScore};
use comity_core::advisory::{Advisory, Checked, Content, Withdrawal};
use comity_core::severity::cvss;
use comity_formats::{csaf, osv};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;

use super::{SITE, VERSIONS, errors, purls, sample, sent};

/// Vectors on which exact and floating-point scoring agree.
const VECTORS: [&str; 6] = [
    "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N",
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P/RL:O/RC:C",
    "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N",
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:A/CR:H",
];

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9 ._-]{0,20}[a-z0-9]",
        "[\\PC&&[^\\p{C}]]{0,12}x",
        select(vec![
            "all versions",
            "< 4",
            "before 5",
            "\u{202e}4.2",
            "1.0.0",
            "v2",
            "latest",
            "<b>",
            "./.."
        ])
        .prop_map(str::to_owned),
    ]
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        (0u32..20, 0u32..20, 0u32..20).prop_map(|(a, b, c)| format!("{a}.{b}.{c}")),
        (0u32..9, 0u32..9).prop_map(|(a, b)| format!("{a}.{b}")),
        "[0-9a-z][0-9a-z.+_~-]{0,8}",
    ]
}

fn versions() -> impl Strategy<Value = Versions> {
    let scheme = select(vec![
        Scheme::Gem,
        Scheme::Generic,
        Scheme::Golang,
        Scheme::Maven,
        Scheme::Npm,
        Scheme::Nuget,
        Scheme::Pypi,
        Scheme::Semver,
    ]);
    let bound =
        (number(), any::<bool>()).prop_map(|(version, included)| Bound { version, included });
    prop_oneof![
        Just(Versions::All {}),
        proptest::collection::btree_set(words(), 1..4)
            .prop_map(|set| Versions::Listed { versions: set.into_iter().collect() }),
        (scheme, proptest::option::of(number()), proptest::option::of(bound))
            .prop_map(|(scheme, from, to)| Versions::Range { scheme, from, to }),
    ]
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![
        Just(Status::KnownAffected {}),
        Just(Status::Fixed {}),
        Just(Status::UnderInvestigation {}),
        Just(Status::NotAffected {
            justification: Some(Justification::ComponentNotPresent),
            impact: None
        }),
        words()
            .prop_map(|impact| Status::NotAffected { justification: None, impact: Some(impact) }),
    ]
}

fn digests() -> impl Strategy<Value = Vec<Digest>> {
    let alg =
        select(vec![DigestAlgorithm::Sha256, DigestAlgorithm::Sha512, DigestAlgorithm::Sha256Tree]);
    let digest = (alg, proptest::option::of(words())).prop_map(|(alg, file)| {
        let digits = if alg == DigestAlgorithm::Sha512 { 128 } else { 64 };
        Digest { alg, value: "ab".repeat(digits / 2), file }
    });
    proptest::collection::vec(digest, 0..3)
}

fn rows() -> impl Strategy<Value = Vec<ProductRow>> {
    let purl = proptest::option::of(select(vec![
        "pkg:pypi/assist",
        "pkg:npm/%40lumen/assist",
        "pkg:huggingface/lumen/assist",
        "pkg:maven/org.example/assist",
        "pkg:golang/example.org/assist",
        "pkg:generic/assist?arch=x#sub",
    ]));
    let urn = proptest::option::of(select(vec![
        "urn:comity:service:lumen.example:assist",
        "urn:comity:service:lumen.example:assist:2027-01",
    ]));
    let suppliers = select(vec!["Lumen", "Borealis", "לומן"]);
    let row = (suppliers, words(), versions(), status(), purl, urn, digests());
    proptest::collection::vec(row, 1..6).prop_map(|rows| {
        let row = |(index, (supplier, name, versions, status, purl, urn, digests)): (
            usize,
            (&str, _, _, _, Option<&str>, Option<&str>, _),
        )| ProductRow {
            key: format!("p{index}"),
            supplier: supplier.to_owned(),
            name,
            versions,
            status,
            purl: purl.map(str::to_owned),
            urn: urn.map(str::to_owned),
            digests,
        };
        rows.into_iter().enumerate().map(row).collect()
    })
}

fn assessments(at: Timestamp) -> impl Strategy<Value = Vec<Assessment>> {
    let source = proptest::option::of(select(vec!["https://a.example/1", "https://b.example/2"]));
    let one = (select(VECTORS.to_vec()), source).prop_map(move |(vector, source)| {
        let read = cvss::parse(vector).unwrap();
        let score = CvssScore {
            vector: vector.to_owned(),
            score_tenths: read.score.tenths(),
            severity: read.severity(),
        };
        Assessment {
            assessor: "Someone".to_owned(),
            source: source.map(str::to_owned),
            at,
            cvss: vec![score],
            aix: None,
            decision: None,
        }
    });
    proptest::collection::vec(one, 0..4)
}

fn timeline() -> impl Strategy<Value = Vec<Fact>> {
    let kind = select(vec![
        FactKind::Discovered,
        FactKind::Received,
        FactKind::VendorNotified,
        FactKind::PublicElsewhere,
        FactKind::Published,
    ]);
    let precision = select(vec![Precision::Second, Precision::Day, Precision::Month]);
    let fact = (kind, 0i64..2_000_000_000, precision, proptest::option::of(words()));
    proptest::collection::vec(fact, 0..5).prop_map(|facts| {
        let mut facts: Vec<Fact> = facts
            .into_iter()
            .map(|(kind, second, precision, note)| Fact {
                kind,
                when: Moment { at: Timestamp::from_second(second).unwrap(), precision },
                party: None,
                note,
            })
            .collect();
        facts.sort_by_key(|fact| fact.when.at);
        facts
    })
}

/// What varies beside rows, scores and time.
type Rest = (String, &'static str, Vec<&'static str>, Vec<&'static str>, u8, i64);

fn rest() -> impl Strategy<Value = Rest> {
    let languages = select(vec!["en", "en-GB", "ar", "zh-Hans", "xq", "fr-QK"]);
    let aliases = proptest::sample::subsequence(
        vec!["CVE-2027-10001", "CVE-2027-10002", "GHSA-2345-6789-cfgh", "LUMEN:SA-1", "x"],
        0..5,
    );
    let cwes = proptest::sample::subsequence(
        vec!["CWE-79", "CWE-1427", "CWE-1434", "CWE-942", "CWE-424242"],
        0..5,
    );
    (words(), languages, aliases, cwes, 0u8..4, 1i64..2_000_000_000)
}

fn advisory() -> impl Strategy<Value = Option<Checked>> {
    let at = Timestamp::UNIX_EPOCH;
    (rows(), assessments(at), timeline(), rest()).prop_map(|(rows, assessments, timeline, rest)| {
        let mut content = sample("minimal").content.clone();
        content.products = rows;
        content.assessments = assessments;
        content.timeline = timeline;
        build(content, rest)
    })
}

/// The advisory in one of its states, or `None` where chance made what is not in order.
fn build(
    mut content: Content,
    (text, language, aliases, cwes, state, second): Rest,
) -> Option<Checked> {
    let now = Timestamp::from_second(second).unwrap();
    content.title = text.replace('\n', " ");
    language.clone_into(&mut content.language);
    content.detail = Detail::Full { description: text.clone(), reproduction: Some(text.clone()) };
    content.exposure.as_of = now;
    content.aliases = aliases.into_iter().map(str::to_owned).collect();
    content.credits = vec![
        Credit::Anonymous { role: CreditRole::Finder },
        Credit::Named {
            role: CreditRole::Other,
            name: text.clone(),
            organisation: None,
            url: None,
        },
    ];
    let reference = comity_core::advisory::content::FrameworkRef {
        framework: "cwe".into(),
        version: "4.20".into(),
        id: String::new(),
    };
    content.weakness.references = cwes
        .into_iter()
        .map(|id| comity_core::advisory::content::FrameworkRef {
            id: id.to_owned(),
            ..reference.clone()
        })
        .collect();
    let wants_remedy = content.products.iter().any(|row| row.status.takes_remedy());
    let remedy = Remedy {
        category: RemedyCategory::Mitigation,
        classes: vec![],
        text,
        url: None,
        since: None,
        products: vec![],
    };
    content.remedies = if wants_remedy { vec![remedy] } else { vec![] };
    let publisher = sample("minimal").publisher.clone();
    let draft = Advisory::draft("nv-2027-00001".into(), publisher, content.clone(), now);
    if state == 0 {
        return draft.checked().ok();
    }
    let first = draft.publish("First.".into(), now).ok()?;
    let later = now + SignedDuration::from_millis(1);
    match state {
        1 => Some(first),
        state => {
            let successor = (state == 3).then(|| "nv-2027-00002".to_owned());
            first.withdraw(Withdrawal { reason: "Wrong.".into(), successor }, later).ok()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_global_rejects: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn any_advisory_in_order_exports_to_valid_csaf(advisory in advisory()) {
        prop_assume!(advisory.is_some());
        let advisory = advisory.unwrap();
        for version in VERSIONS {
            let (document, _) = csaf::export(&advisory, version, &SITE);
            let document = sent(&document);
            let errors = errors(&document, version);
            prop_assert!(errors.is_empty(), "{version:?}: {}\n{document:#}", errors.join("\n"));
            if document.get("product_tree").is_some() {
                let told = purls(&document);
                for purl in advisory.content.products.iter().filter_map(|row| row.purl.as_deref()) {
                    let path = purl.split(['?', '#']).next().unwrap();
                    prop_assert!(told.iter().any(|one| one.starts_with(path)), "{purl} not in {told:?}");
                }
            }
        }
        let (document, _) = osv::export(&advisory, &SITE);
        prop_assert_eq!(&document["summary"], &serde_json::json!(advisory.content.title));
    }
}
