//! The sharing gate against its vectors and its properties.

mod properties;

use std::path::PathBuf;

use comity_core::lexicon::Lexicon;
use comity_core::sharing::{Draft, Exchange, Policies, Policy, preview, screen};
use serde_json::{Value, json};

/// Returns the vectors that this repository keeps, and those of the shared data if they are there.
fn vector_files() -> Vec<Value> {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/sharing/vectors.json");
    let shared = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/sharing/vectors.json");
    let read = |path: &str| std::fs::read_to_string(PathBuf::from(path)).ok();
    if read(shared).is_none() {
        println!("skipped: ../shared/data/sharing/vectors.json is not here");
    }
    [own, shared].into_iter().filter_map(read).map(|text| serde_json::from_str(&text).unwrap()).collect()
}

pub(crate) fn policy() -> Policy {
    Policies::embedded().unwrap().current().clone()
}

/// Returns the exchange of a vector.
pub(crate) fn exchange_of(id: &str) -> Value {
    vector(id)["exchange"].clone()
}

pub(crate) fn vector(id: &str) -> Value {
    let files = vector_files();
    let vectors = files[0]["vectors"].as_array().unwrap();
    vectors.iter().find(|vector| vector["id"] == id).unwrap().clone()
}

/// Returns the result of a screen or its refusals, as the command prints them.
pub(crate) fn screened(exchange: &Value, policy: &Policy) -> Value {
    match Exchange::from_value(exchange.clone(), policy, None) {
        Ok(exchange) => serde_json::to_value(screen(&exchange, policy)).unwrap(),
        Err(refusals) => json!({ "refusals": refusals }),
    }
}

fn previewed(case: &Value, recipient: &Value, policy: &Policy) -> Value {
    let lexicon = Lexicon::embedded();
    let bytes = |value: &Value| serde_json::to_vec(value).unwrap();
    let shown = Draft::read(&bytes(case), &bytes(recipient), (policy, lexicon), None)
        .and_then(|draft| preview(&draft, policy));
    match shown {
        Ok(preview) => serde_json::to_value(preview).unwrap(),
        Err(refusals) => json!({ "refusals": refusals }),
    }
}

#[test]
fn every_vector_is_exact() {
    for file in vector_files() {
        let policy = Policy::from_value(file["policy"].clone()).unwrap();
        for vector in file["vectors"].as_array().unwrap() {
            let found = match vector["kind"].as_str().unwrap() {
                "screen" => screened(&vector["exchange"], &policy),
                "preview" => previewed(&vector["case"], &vector["recipient"], &policy),
                "alpha" => continue,
                kind => panic!("a vector of kind {kind}"),
            };
            let expected = &vector["expect"];
            if found.get("refusals").is_none() {
                for (key, value) in expected.as_object().unwrap() {
                    assert_eq!(&found[key], value, "{} {key}", vector["id"]);
                }
            }
            assert_eq!(found, *expected, "{}", vector["id"]);
        }
    }
}

#[test]
fn the_embedded_policy_is_that_of_the_vectors() {
    for file in vector_files() {
        assert_eq!(policy().hash(), Policy::from_value(file["policy"].clone()).unwrap().hash());
    }
}
