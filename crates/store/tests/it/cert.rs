//! Certification's read models on either engine.

use comity_store::{CertAssessment, CertStandard, Projection, RegisterEdition, Replay, Rows};

use crate::world::World;

fn standard(id: &str, version: &str) -> CertStandard {
    CertStandard {
        standard_id: id.to_owned(),
        room_id: format!("room-{id}"),
        version: version.to_owned(),
        simulated: 0,
        position: 1,
        updated_at: 1,
        summary: "{}".to_owned(),
    }
}

fn assessment(id: &str, jurisdiction: &str) -> CertAssessment {
    CertAssessment {
        assessment_id: id.to_owned(),
        standard_id: "s1".to_owned(),
        jurisdiction: jurisdiction.to_owned(),
        room_id: format!("room-{id}"),
        mark: "APPLIED".to_owned(),
        updated_at: 1,
        summary: "{}".to_owned(),
    }
}

fn edition(number: i64, published_at: Option<i64>) -> RegisterEdition {
    RegisterEdition {
        standard_id: "s1".to_owned(),
        edition: number,
        as_of: number,
        sha256: format!("sha256:{number}"),
        published_at,
        signatures: "{}".to_owned(),
        document: vec![0, 255, 7],
    }
}

/// Standards and assessments page by id, the newest published edition is found, a rebuild empties all.
pub(crate) async fn certification_is_listed_and_rebuilt(world: World) {
    let store = &world.store;
    let mut rows = Rows::new();
    for id in ["s2", "s1", "s3"] {
        rows.put(standard(id, "DRAFT"));
    }
    for (id, jurisdiction) in [("a2", "j1"), ("a1", "j1"), ("a3", "j2")] {
        rows.put(assessment(id, jurisdiction));
    }
    rows.put(edition(1, Some(5))).put(edition(2, Some(6))).put(edition(3, None));
    store.write(rows).await.unwrap();
    store.write(Rows::new().with(standard("s1", "APPLICABLE"))).await.unwrap();
    assert_eq!(store.cert_standard("s1").await.unwrap(), Some(standard("s1", "APPLICABLE")));
    assert_eq!(store.cert_standard("s9").await.unwrap(), None);
    let page = store.cert_standards("s1", 1).await.unwrap();
    assert_eq!(page, [standard("s2", "DRAFT")]);
    let all = store.cert_assessments("", 10).await.unwrap();
    assert_eq!(
        all.iter().map(|row| row.assessment_id.as_str()).collect::<Vec<_>>(),
        ["a1", "a2", "a3"]
    );
    assert_eq!(store.cert_assessments_of("j1", "a1", 10).await.unwrap(), [assessment("a2", "j1")]);
    assert_eq!(store.cert_assessment("a3").await.unwrap(), Some(assessment("a3", "j2")));
    assert_eq!(store.newest_edition("s1").await.unwrap(), Some(edition(2, Some(6))));
    assert_eq!(store.register_edition("s1", 3).await.unwrap(), Some(edition(3, None)));
    store.write(Rows::new().with(edition(3, Some(9)))).await.unwrap();
    assert_eq!(store.newest_edition("s1").await.unwrap(), Some(edition(3, Some(9))));
    let anew = |replay: Replay<'_>| -> Result<Rows, std::convert::Infallible> {
        Ok(match replay {
            Replay::End => Rows::new().with(standard("s1", "LAPSED")),
            Replay::Entry(..) | Replay::RoomEnd(_) => Rows::new(),
        })
    };
    store.rebuild(&[Projection::Certification], anew).await.unwrap();
    assert_eq!(store.cert_standards("", 10).await.unwrap(), [standard("s1", "LAPSED")]);
    assert_eq!(store.newest_edition("s1").await.unwrap(), None);
    assert!(store.cert_assessments("", 10).await.unwrap().is_empty());
}
