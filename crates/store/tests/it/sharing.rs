//! The rows of the sharing gate.

use comity_store::{
    Agreement, NEVER, Outbound, PeerIdentity, Rows, Screen, ScreenSample, SharePass, SharingWrite,
};

use crate::world::World;

fn screen(case: &str, id: &str, asked_at: i64, due_at: i64) -> Screen {
    Screen {
        case_id: case.to_owned(),
        screen_id: id.to_owned(),
        state: "open".to_owned(),
        asked_at,
        decided_at: None,
        due_at,
        supersedes: None,
        record: format!("record-{id}"),
        statement: b"signed".to_vec(),
        sealed: b"sealed".to_vec(),
        updated_at: asked_at,
    }
}

fn pass(case: &str, id: &str, hub: &str, made_at: i64) -> SharePass {
    SharePass {
        case_id: case.to_owned(),
        pass_id: id.to_owned(),
        screen_id: "s1".to_owned(),
        hub: hub.to_owned(),
        made_at,
        expires_at: made_at + 7,
        revoked_at: None,
        details: format!("details-{id}"),
    }
}

pub(crate) async fn screens_and_passes_are_listed_as_they_stand(world: World) {
    let store = &world.store;
    let mut rows = Rows::new();
    for row in [screen("a", "s1", 1, 10), screen("a", "s2", 2, 5), screen("b", "s1", 2, NEVER)] {
        rows.put(SharingWrite::Screen(row));
    }
    for row in [pass("a", "p1", "ard", 1), pass("a", "p2", "ard", 3), pass("b", "p1", "cas", 2)] {
        rows.put(SharingWrite::Pass(row));
    }
    store.write(rows).await.unwrap();
    let ids = |rows: Vec<Screen>| -> Vec<String> {
        rows.into_iter().map(|row| format!("{}/{}", row.case_id, row.screen_id)).collect()
    };
    assert_eq!(ids(store.screens_of_case("a", "", 10).await.unwrap()), ["a/s1", "a/s2"]);
    assert_eq!(ids(store.screens_of_case("a", "s1", 10).await.unwrap()), ["a/s2"]);
    assert_eq!(ids(store.screens_due(10, 10).await.unwrap()), ["a/s2", "a/s1"]);
    assert_eq!(ids(store.screens_due(4, 10).await.unwrap()), [""; 0]);
    let asked = |after: (i64, &'static str, &'static str), max| async move {
        ids(store.screens_asked((1, 3), after, max).await.unwrap())
    };
    assert_eq!(asked((0, "", ""), 2).await, ["a/s1", "a/s2"]);
    assert_eq!(asked((2, "a", "s2"), 2).await, ["b/s1"]);
    // Decided: replaced whole, nothing is due any more.
    let mut decided = screen("a", "s2", 2, NEVER);
    "approved".clone_into(&mut decided.state);
    decided.decided_at = Some(3);
    let mut rows = Rows::new();
    rows.put(SharingWrite::Screen(decided.clone()));
    rows.put(SharingWrite::Outbound(Outbound {
        hub: "ard".to_owned(),
        pass_id: "p1".to_owned(),
        case_id: "a".to_owned(),
        made_at: 4,
        package: b"sealed".to_vec(),
    }));
    store.write(rows).await.unwrap();
    assert_eq!(store.screen("a", "s2").await.unwrap(), Some(decided));
    assert_eq!(store.screen("b", "s2").await.unwrap(), None);
    assert_eq!(ids(store.screens_due(10, 10).await.unwrap()), ["a/s1"]);
    assert_eq!(store.outbound_of_hub("ard", "", 10).await.unwrap().len(), 1);
    assert_eq!(store.outbound_of_hub("cas", "", 10).await.unwrap(), []);
    // Withdrawn: the pass says when, and nothing waits any more.
    let mut revoked = pass("a", "p1", "ard", 1);
    revoked.revoked_at = Some(5);
    let mut rows = Rows::new();
    rows.put(SharingWrite::Pass(revoked.clone()));
    rows.put(SharingWrite::OutboundGone { hub: "ard".to_owned(), pass_id: "p1".to_owned() });
    store.write(rows).await.unwrap();
    assert_eq!(store.share_pass("a", "p1").await.unwrap(), Some(revoked));
    assert_eq!(store.outbound("ard", "p1").await.unwrap(), None);
    let newest = store.passes_to_hub("ard", 1, 10).await.unwrap();
    assert_eq!(newest.iter().map(|row| row.pass_id.as_str()).collect::<Vec<_>>(), ["p2", "p1"]);
    assert_eq!(store.passes_of_case("a", "p1", 10).await.unwrap().len(), 1);
    agreements_and_identities(&world).await;
    samples(&world).await;
}

async fn samples(world: &World) {
    let store = &world.store;
    let drawn = |quarter: &str, screen: &str, ratings| ScreenSample {
        quarter: quarter.to_owned(),
        screen_id: screen.to_owned(),
        case_id: "a".to_owned(),
        drawn_at: 1,
        ratings,
        sealed: b"sealed".to_vec(),
        updated_at: 1,
    };
    let mut rows = Rows::new();
    for (quarter, screen) in [("2027-Q1", "s2"), ("2027-Q1", "s1"), ("2027-Q2", "s1")] {
        rows.put(SharingWrite::Sample(drawn(quarter, screen, 0)));
    }
    store.write(rows).await.unwrap();
    let mut rows = Rows::new();
    rows.put(SharingWrite::Sample(drawn("2027-Q1", "s2", 1)));
    store.write(rows).await.unwrap();
    let wanted = [drawn("2027-Q1", "s1", 0), drawn("2027-Q1", "s2", 1)];
    assert_eq!(store.sample_of("2027-Q1", 10).await.unwrap(), wanted);
    assert_eq!(store.sample_of("2027-Q3", 10).await.unwrap(), []);
}

async fn agreements_and_identities(world: &World) {
    let store = &world.store;
    let agreement = |id: &str, state: &str| Agreement {
        agreement_id: id.to_owned(),
        state: state.to_owned(),
        due_at: NEVER,
        register: b"{}".to_vec(),
        updated_at: 1,
    };
    let peer = PeerIdentity {
        hub: "ard".to_owned(),
        chain: b"chain".to_vec(),
        profile: b"sealed".to_vec(),
        admitted_at: 1,
        admitted_by: "root".to_owned(),
    };
    let mut rows = Rows::new();
    rows.put(SharingWrite::Agreement(agreement("nv-cas", "draft")));
    rows.put(SharingWrite::Agreement(agreement("nv-ard", "draft")));
    rows.put(SharingWrite::Peer(peer.clone()));
    store.write(rows).await.unwrap();
    let mut rows = Rows::new();
    rows.put(SharingWrite::Agreement(agreement("nv-ard", "in_force")));
    store.write(rows).await.unwrap();
    let listed = store.agreements("", 10).await.unwrap();
    let states: Vec<&str> = listed.iter().map(|row| row.state.as_str()).collect();
    assert_eq!(states, ["in_force", "draft"]);
    assert_eq!(store.agreement("nv-ard").await.unwrap(), Some(agreement("nv-ard", "in_force")));
    assert_eq!(store.agreement("none").await.unwrap(), None);
    assert_eq!(store.peer_identities("", 10).await.unwrap(), [peer]);
    assert_eq!(store.peer_identity("none").await.unwrap(), None);
}
