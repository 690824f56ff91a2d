//! The law side of cases, on both engines.

use comity_store::Rows;

use crate::world::World;

pub(crate) async fn the_law_side_of_open_cases_is_listed_by_case(world: World) {
    let store = &world.store;
    let law = |case: &str, is_open: i64, facts: &[u8]| comity_store::CaseLaw {
        case_id: case.to_owned(),
        set_sha256: "s".to_owned(),
        is_open,
        facts: facts.to_vec(),
        updated_at: 1,
    };
    let edition = comity_store::PackEdition {
        sha256: "e".to_owned(),
        pack_id: "eu-cra".to_owned(),
        version: "2026.11.1".to_owned(),
        toml: b"[pack]".to_vec(),
        signatures: None,
        kept_at: 1,
    };
    let set =
        comity_store::PackSet { set_sha256: "s".to_owned(), manifest: "[]".to_owned(), kept_at: 1 };
    let mut rows = Rows::new();
    rows.put(law("c", 1, b"c")).put(law("a", 1, b"a")).put(law("b", 0, b"b"));
    rows.put(edition.clone()).put(set.clone());
    store.write(rows).await.unwrap();
    let listed = |after: &'static str, max| async move {
        let rows = store.open_case_laws(after, max).await.unwrap();
        rows.into_iter().map(|row| row.case_id).collect::<Vec<_>>()
    };
    assert_eq!(listed("", 10).await, ["a", "c"]);
    assert_eq!(listed("", 1).await, ["a"]);
    assert_eq!(listed("a", 10).await, ["c"]);
    // The same edition again, and a case that was folded anew.
    let mut rows = Rows::new();
    rows.put(edition.clone()).put(law("a", 0, b"later"));
    store.write(rows).await.unwrap();
    assert_eq!(listed("", 10).await, ["c"]);
    assert_eq!(store.case_law("a").await.unwrap().unwrap().facts, b"later");
    assert_eq!(store.case_law("none").await.unwrap(), None);
    assert_eq!(store.pack_edition("e").await.unwrap(), Some(edition));
    assert_eq!(store.pack_edition("none").await.unwrap(), None);
    assert_eq!(store.pack_set("s").await.unwrap(), Some(set));
}
