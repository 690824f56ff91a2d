//! What holds on both engines.

use std::collections::BTreeSet;
use std::convert::Infallible;

use comity_store::{
    Advisory, Answer, Conflict, Cursor, Fault, Guard, INLINE_BYTES_MAX, Item, Look, MailboxMessage,
    Needs, Open, Order, OutboxJob, Place, Rejected, ReportFilter, Rows, SearchEntry, SearchQuery,
    Store, Write,
};

use crate::cert::certification_is_listed_and_rebuilt;
use crate::law::the_law_side_of_open_cases_is_listed_by_case;
use crate::sharing::screens_and_passes_are_listed_as_they_stand;
use crate::world::{
    Postgres, World, append, arrival, entry, id, item, item_key, report, room, run,
};

macro_rules! scenarios {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(
                #[test]
                fn $name() {
                    super::run(async { super::$name(super::World::sqlite().await).await });
                }
            )+
        }

        #[test]
        fn every_scenario_holds_on_postgres_too() {
            let server = match Postgres::start() {
                Ok(server) => server,
                Err(why) => {
                    println!("{why}");
                    return;
                }
            };
            $(
                println!("{}", stringify!($name));
                let url = server.database(stringify!($name));
                run(async { $name(World::open(Some(url)).await).await });
            )+
        }
    };
}

scenarios!(
    screens_and_passes_are_listed_as_they_stand,
    the_law_side_of_open_cases_is_listed_by_case,
    a_chain_grows_only_from_its_head,
    a_failing_unit_does_not_spoil_the_others,
    a_guard_notices_that_the_room_moved,
    a_job_is_claimed_by_one_worker_until_its_lease_ends,
    a_long_ciphertext_is_a_file_and_goes_with_its_key,
    a_repeated_request_finds_its_answer,
    a_search_finds_the_same_words_in_every_script,
    a_sweep_deletes_what_has_run_out,
    a_text_with_a_nul_is_refused_on_both_engines,
    a_unit_too_large_is_refused_whole,
    certification_is_listed_and_rebuilt,
    two_processes_share_a_chain_without_gaps,
    many_callers_get_gap_free_serials_and_one_chain,
    more_advisories_of_one_instant_than_it_has_places,
    queues_page_without_gaps_or_repeats,
    read_models_are_replaced_whole,
    two_truths_are_both_kept,
    what_was_acknowledged_is_there_after_a_restart,
    what_a_unit_did_not_name_it_cannot_use,
);

async fn a_chain_grows_only_from_its_head(world: World) {
    let store = &world.store;
    store.write(Rows::new().with(room("r", None))).await.unwrap();
    assert_eq!(append(store, "r", "fr").await, 1);
    assert_eq!(append(store, "r", "fr").await, 2);
    assert_eq!(append(store, "r", "jp").await, 1);
    let check = async |entry, why| {
        let refused = store.write(Rows::new().with(entry)).await;
        assert!(matches!(refused, Err(Rejected::Conflict(found)) if found == why), "{refused:?}");
    };
    check(entry("r", "fr", 2, Some(id("r", "fr", 1))), Conflict::Head).await;
    check(entry("r", "fr", 4, Some(id("r", "fr", 3))), Conflict::Head).await;
    check(entry("r", "fr", 3, Some(id("r", "fr", 1))), Conflict::Head).await;
    check(entry("r", "us", 1, Some(id("r", "fr", 1))), Conflict::Head).await;
    let same_id = comity_store::Append {
        id: id("r", "fr", 1),
        ..entry("r", "fr", 3, Some(id("r", "fr", 2)))
    };
    check(same_id, Conflict::Duplicate).await;
    let entries = store.entries("r", 0, 10).await.unwrap();
    let positions: Vec<i64> = entries.iter().map(|entry| entry.position).collect();
    assert_eq!(positions, [1, 2, 3]);
    assert_eq!(store.room_position("r").await.unwrap(), 3);
    assert_eq!(store.head("r", "fr").await.unwrap().unwrap().seq, 1);
    assert_eq!(store.entries("r", 2, 10).await.unwrap().len(), 1);
    assert_eq!(store.entry(&id("r", "jp", 1)).await.unwrap().unwrap().author, "jp");
    assert_eq!(store.entry("unknown").await.unwrap(), None);
}

async fn a_failing_unit_does_not_spoil_the_others(world: World) {
    let store = &world.store;
    store.write(Rows::new().with(item("taken", "o", "c"))).await.unwrap();
    let units = (0..40).map(|n| async move {
        let mut rows = Rows::new();
        rows.put(item(&format!("item-{n:02}"), "o", "c"));
        if n % 10 == 3 {
            rows.put(item("taken", "o", "c"));
        }
        if n % 10 == 5 {
            rows.put(entry("r", "fr", 9, None));
        }
        (n, store.write(rows).await)
    });
    for (n, answer) in futures::future::join_all(units).await {
        match n % 10 {
            3 => assert!(matches!(answer, Err(Rejected::Conflict(Conflict::Duplicate))), "{n}"),
            5 => assert!(matches!(answer, Err(Rejected::Conflict(Conflict::Head))), "{n}"),
            _ => assert!(answer.is_ok(), "{n}: {answer:?}"),
        }
    }
    assert_eq!(store.items("o", 100).await.unwrap().len(), 1 + 32);
    assert_eq!(store.room_position("r").await.unwrap(), 0);
}

async fn a_guard_notices_that_the_room_moved(world: World) {
    let store = &world.store;
    append(store, "r", "fr").await;
    let guarded = |position, author| {
        Rows::new()
            .with(entry("r", author, 1, None))
            .guard(Guard::RoomAt { room_id: "r".to_owned(), position })
    };
    let late = store.write(guarded(0, "jp")).await;
    assert!(matches!(late, Err(Rejected::Conflict(Conflict::Position))), "{late:?}");
    store.write(guarded(1, "jp")).await.unwrap();
    let both = tokio::join!(store.write(guarded(2, "us")), store.write(guarded(2, "ke")));
    assert!(both.0.is_ok() != both.1.is_ok(), "one of two wins: {both:?}");
}

fn job(id: &str, due_at: i64) -> OutboxJob {
    OutboxJob {
        id: id.to_owned(),
        topic: "mail".to_owned(),
        payload: vec![1],
        due_at,
        lease_until: 0,
        attempts: 0,
        done_at: None,
        dead_at: None,
        last_error: None,
    }
}

async fn a_job_is_claimed_by_one_worker_until_its_lease_ends(world: World) {
    let store = &world.store;
    let mut rows = Rows::new();
    rows.put(job("a", 5)).put(job("b", 3)).put(job("later", 50));
    store.write(rows).await.unwrap();
    let again = store.write(Rows::new().with(job("a", 5))).await;
    assert!(matches!(again, Err(Rejected::Conflict(Conflict::Duplicate))));
    let names = |claimed: Vec<comity_store::Claimed>| -> Vec<String> {
        claimed.into_iter().map(|claimed| claimed.job.id).collect()
    };
    assert_eq!(names(store.claim("mail", 4, 20, 10).await.unwrap()), ["b"]);
    assert_eq!(names(store.claim("mail", 10, 20, 10).await.unwrap()), ["a"]);
    assert!(store.claim("mail", 19, 30, 10).await.unwrap().is_empty(), "both are leased");
    assert!(store.claim("other", 19, 30, 10).await.unwrap().is_empty());
    store.complete("a", 19).await.unwrap();
    let back = store.claim("mail", 20, 30, 10).await.unwrap();
    assert_eq!((back.len(), back[0].job.attempts), (1, 2), "the worker of b died");
    store.retry("b", 40, "refused").await.unwrap();
    assert!(store.claim("mail", 30, 45, 10).await.unwrap().is_empty());
    assert_eq!(names(store.claim("mail", 40, 45, 10).await.unwrap()), ["b"]);
    store.give_up("b", 41, "gone").await.unwrap();
    assert!(store.claim("mail", 49, 60, 10).await.unwrap().is_empty());
    assert_eq!(store.dead_jobs("", 10).await.unwrap()[0].last_error.as_deref(), Some("gone"));
    let counts = store.outbox_counts().await.unwrap();
    assert_eq!((counts[0].waiting, counts[0].dead), (1, 1));
}

async fn a_long_ciphertext_is_a_file_and_goes_with_its_key(world: World) {
    let store = &world.store;
    let long = vec![0xab; INLINE_BYTES_MAX + 1];
    let inline = Item { ciphertext: Some(long.clone()), ..item("i", "rep", "technical") };
    let refused = store.write(Rows::new().with(inline)).await;
    assert!(matches!(refused, Err(Rejected::Fault(Fault::TooLarge { .. }))), "{refused:?}");
    let (ciphertext, blob) = store.place(long.clone()).await.unwrap();
    assert!(ciphertext.is_none());
    let sha256 = blob.clone().unwrap();
    let path = world.directory.join("blobs").join(&sha256[..2]).join(&sha256);
    assert!(path.exists(), "durable before the row");
    let mut rows = Rows::new();
    rows.put(Item { ciphertext, blob, ..item("i", "rep", "technical") }).put(item_key("i"));
    rows.put(item("n", "rep", "identity")).put(item_key("n"));
    store.write(rows).await.unwrap();
    let (stored, key) = store.item("i").await.unwrap().unwrap();
    assert!(key.is_some());
    assert_eq!(store.content(stored.ciphertext, stored.blob).await.unwrap(), Some(long));

    let shred = |compartment: Option<&str>| Write::Shred {
        owner: "rep".to_owned(),
        compartment: compartment.map(str::to_owned),
        at: 77,
    };
    store.write(Rows::new().with(shred(Some("technical")))).await.unwrap();
    let (stored, key) = store.item("i").await.unwrap().unwrap();
    assert_eq!(
        (key, stored.ciphertext, stored.blob, stored.shredded_at),
        (None, None, None, Some(77))
    );
    // The file goes after the commit, before the next unit.
    store.write(Rows::new()).await.unwrap();
    assert!(!path.exists());
    assert!(store.item("n").await.unwrap().unwrap().1.is_some(), "other compartments stay");
    store.write(Rows::new().with(shred(None))).await.unwrap();
    let items = store.items("rep", 10).await.unwrap();
    assert!(items.iter().all(|(item, key)| item.shredded_at.is_some() && key.is_none()));
    assert_eq!(items.len(), 2, "what was there is still known");
    let missing = store.content(None, Some("0".repeat(64))).await;
    assert!(matches!(missing, Err(Fault::BlobDamaged { .. })));
    let outside = store.content(None, Some("../../etc/passwd".to_owned())).await;
    assert!(matches!(outside, Err(Fault::BlobDamaged { .. })));
}

async fn a_repeated_request_finds_its_answer(world: World) {
    let store = &world.store;
    let once = || async {
        let needs =
            Needs::default().chain("intake", "fi").serial("report-2026").answer("anyone", "key");
        let build = |view: &comity_store::View| {
            if let Some(answer) = view.answer("anyone", "key") {
                return Err(answer.answer.clone());
            }
            let (rows, report_id) = arrival(view, "fi", b"sealed");
            let answer = Answer {
                account: "anyone".to_owned(),
                key: "key".to_owned(),
                body_hash: "h".to_owned(),
                status: 201,
                answer: report_id.clone().into_bytes(),
                created_at: 5,
            };
            Ok((rows.with(answer), report_id))
        };
        store.submit(needs, build).await
    };
    let answers = futures::future::join_all((0..20).map(|_| once())).await;
    let made = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(made, 1, "twenty clicks, one report");
    for answer in answers {
        if let Err(refused) = answer {
            assert!(matches!(refused, Rejected::Refused(id) if id == b"fi-r-2026-00001"));
        }
    }
    assert_eq!(store.answer("anyone", "key").await.unwrap().unwrap().status, 201);
    assert_eq!(store.reports_by_time(None, 10).await.unwrap().len(), 1);
}

fn advisory(id: &str, version: i64, title: &str, published_at: Option<i64>) -> Advisory {
    Advisory {
        advisory_id: id.to_owned(),
        version,
        case_id: None,
        state: "published".to_owned(),
        title: title.to_owned(),
        language: "en".to_owned(),
        published_at,
        withdrawn_at: None,
        successor: None,
        sha256: "s".to_owned(),
        document: b"{}".to_vec(),
    }
}

async fn publish(store: &Store, id: &str, version: i64, text: &str, at: i64) {
    let mut rows = Rows::new();
    rows.put(advisory(id, version, text, Some(at))).put(SearchEntry {
        advisory_id: id.to_owned(),
        version,
        published_at: at,
        withdrawn_at: None,
        text: text.to_owned(),
    });
    store.write(rows).await.unwrap();
}

async fn found(store: &Store, text: &str, order: Order) -> Vec<String> {
    let query = SearchQuery { text: text.to_owned(), order, ..SearchQuery::default() };
    let hits = store.search(&query, 50).await.unwrap();
    hits.into_iter().map(|hit| hit.advisory.advisory_id).collect()
}

async fn a_search_finds_the_same_words_in_every_script(world: World) {
    let store = &world.store;
    publish(store, "a1", 1, "Prompt injection in Café RAG, CVE-2026-0001", 100).await;
    publish(store, "a2", 1, "提示注入漏洞 in a retrieval index", 200).await;
    publish(store, "a3", 1, "プロンプトインジェクション prompt", 200).await;
    publish(store, "a4", 1, "it's a \"quoted\" \\ back'slash: prompt prompt prompt", 50).await;
    let check = async |text: &str, expected: &[&str]| {
        assert_eq!(found(store, text, Order::Newest).await, expected, "{text:?}");
        let ranked: BTreeSet<String> =
            found(store, text, Order::Relevance).await.into_iter().collect();
        assert_eq!(ranked, expected.iter().map(|id| (*id).to_owned()).collect(), "{text:?}");
    };
    check("prompt", &["a3", "a1", "a4"]).await;
    check("PROMPT injection", &["a1"]).await;
    check("inject", &["a1"]).await;
    check("inject prompt", &[]).await;
    check("cafe\u{301}", &["a1"]).await;
    check("注入", &["a2"]).await;
    check("示漏", &[]).await;
    check("示", &["a2"]).await;
    check("洞", &["a2"]).await;
    check("注入 retrieval", &["a2"]).await;
    check("インジェ", &["a3"]).await;
    check("2026-0001", &["a1"]).await;
    check("back'slash \\ \" quoted", &["a4"]).await;
    check("') or 1=1 --", &[]).await;
    check("a* NEAR(b) -c", &[]).await;
    check("!&|()", &[]).await;
    check("", &["a3", "a2", "a1", "a4"]).await;
    assert_eq!(found(store, "prompt", Order::Relevance).await[0], "a4");
    for after in [i64::MIN, i64::MAX] {
        for order in [Order::Newest, Order::Relevance] {
            let text = "prompt".to_owned();
            let far = SearchQuery { text, order, after: Some(after), ..SearchQuery::default() };
            store.search(&far, 5).await.unwrap();
        }
    }

    publish(store, "a1", 2, "Renamed entirely", 300).await;
    check("injection", &[]).await;
    check("renamed", &["a1"]).await;
    assert_eq!(store.advisory("a1").await.unwrap().unwrap().version, 2);
    assert_eq!(store.advisory_versions("a1", 10).await.unwrap().len(), 2);
    assert!(store.advisory_version("a1", 1).await.unwrap().is_some());

    let mut seen = Vec::new();
    let mut query = SearchQuery::default();
    loop {
        let hits = store.search(&query, 1).await.unwrap();
        let Some(hit) = hits.first() else { break };
        seen.push(hit.advisory.advisory_id.clone());
        query.after = Some(hit.next);
    }
    assert_eq!(seen, ["a1", "a3", "a2", "a4"]);
    let listed = store.published(None, 2).await.unwrap();
    let rest = store.published(Some(listed[1].next), 9).await.unwrap();
    let seen = listed.iter().chain(&rest).map(|one| (&*one.advisory_id, one.published_at));
    assert!(seen.eq([("a1", 300), ("a3", 200), ("a2", 200), ("a4", 50)]));
    assert_eq!(listed[0].changed_at, 300, "of the newest version");
    let bounded = SearchQuery {
        published_from: Some(100),
        published_before: Some(300),
        ..SearchQuery::default()
    };
    assert_eq!(store.search(&bounded, 10).await.unwrap().len(), 2);
}

async fn a_sweep_deletes_what_has_run_out(world: World) {
    let store = &world.store;
    let day = 24 * 3600 * 1000;
    let answer = |key: &str, created_at| Answer {
        account: "a".to_owned(),
        key: key.to_owned(),
        body_hash: String::new(),
        status: 200,
        answer: vec![],
        created_at,
    };
    let draft = |draft_id: &str, expires_at| comity_store::Draft {
        draft_id: draft_id.to_owned(),
        expires_at,
        ciphertext: vec![1],
    };
    let mut rows = Rows::new();
    rows.put(answer("old", 0))
        .put(answer("new", day))
        .put(draft("old", day))
        .put(draft("new", 9 * day));
    store.write(rows).await.unwrap();
    let swept = store.sweep(2 * day).await.unwrap();
    assert_eq!((swept.answers, swept.drafts), (1, 1));
    assert!(store.answer("a", "new").await.unwrap().is_some());
    assert!(store.draft("old").await.unwrap().is_none());
    assert!(store.draft("new").await.unwrap().is_some());
}

async fn a_unit_too_large_is_refused_whole(world: World) {
    let store = &world.store;
    let mut rows = Rows::new();
    for n in 0..=comity_store::UNIT_WRITES_MAX {
        rows.put(item(&n.to_string(), "o", "c"));
    }
    let refused = store.write(rows).await;
    assert!(matches!(refused, Err(Rejected::Fault(Fault::Misuse(_)))));
    assert!(store.items("o", 10).await.unwrap().is_empty());
}

async fn many_callers_get_gap_free_serials_and_one_chain(world: World) {
    let store = &world.store;
    let callers = (0..300).map(|_| {
        let needs = Needs::default().chain("intake", "fi").serial("report-2026");
        store.submit(needs, |view| -> Result<_, Infallible> { Ok(arrival(view, "fi", &[5; 500])) })
    });
    let answers = futures::future::join_all(callers).await;
    let ids: BTreeSet<String> = answers.into_iter().map(Result::unwrap).collect();
    let expected: BTreeSet<String> = (1..=300).map(|n| format!("fi-r-2026-{n:05}")).collect();
    assert_eq!(ids, expected);
    let chain = store.chain("intake", "fi", -1, 1_000).await.unwrap();
    let seqs: Vec<i64> = chain.iter().map(|entry| entry.seq).collect();
    assert_eq!(seqs, (0..300).collect::<Vec<i64>>());
}

async fn queues_page_without_gaps_or_repeats(world: World) {
    let store = &world.store;
    for n in 0..25_i64 {
        let due_at = if n % 5 == 0 { None } else { Some(n / 4) };
        let state = if n % 2 == 0 { "received" } else { "case" };
        let row = comity_store::Report {
            state: state.to_owned(),
            received_at: n / 3,
            ..report(&format!("r{n:02}"), due_at)
        };
        store.write(Rows::new().with(row)).await.unwrap();
    }
    let filter = ReportFilter { state: Some("received".to_owned()) };
    for (filter, expected) in [(ReportFilter::default(), 25), (filter, 13)] {
        let mut seen = BTreeSet::new();
        let mut after: Option<Cursor> = None;
        loop {
            let page = store.reports_by_due(&filter, after.as_ref(), 4).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(Cursor { at: last.due_at, id: last.report_id.clone() });
            for report in page {
                assert!(seen.insert((report.due_at, report.report_id)));
            }
        }
        assert_eq!(seen.len(), expected);
    }
    let mut count = 0;
    let mut before: Option<Cursor> = None;
    loop {
        let page = store.reports_by_time(before.as_ref(), 7).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(Cursor { at: last.received_at, id: last.report_id.clone() });
        count += page.len();
    }
    assert_eq!(count, 25);
    let counts = store.report_counts().await.unwrap();
    assert_eq!(counts, [("case".to_owned(), 12), ("received".to_owned(), 13)]);
}

async fn read_models_are_replaced_whole(world: World) {
    let store = &world.store;
    let case = comity_store::CaseSummary {
        case_id: "fi-2026-00001".to_owned(),
        opened_at: 1,
        status: "open".to_owned(),
        em: "none".to_owned(),
        pxa: "pxa".to_owned(),
        lead: "fi".to_owned(),
        next_due: 9,
        heads: "h".to_owned(),
        updated_at: 1,
        closed_at: None,
        summary: "{}".to_owned(),
    };
    let party = comity_store::CaseParty {
        case_id: "fi-2026-00001".to_owned(),
        party_id: "acme".to_owned(),
        org: "acme".to_owned(),
        hub: "us".to_owned(),
        role: "vendor".to_owned(),
        joined_at: 1,
        left_at: None,
        summary: "{}".to_owned(),
    };
    let message = MailboxMessage {
        mailbox_id: "m".to_owned(),
        message_id: "1".to_owned(),
        at: 1,
        sender: "hub".to_owned(),
        ciphertext: vec![1],
        read_at: None,
    };
    let look = Look {
        look_id: "l1".to_owned(),
        at: 1,
        account: "ana".to_owned(),
        subject: "rep".to_owned(),
        compartment: "identity".to_owned(),
        reason: "contact".to_owned(),
    };
    let mut rows = Rows::new();
    rows.put(case.clone()).put(party).put(room("r", Some("fi-2026-00001"))).put(message).put(look);
    rows.put(Write::Meta { name: "hub".to_owned(), value: "fi".to_owned() });
    store.write(rows).await.unwrap();
    append(store, "r", "fi").await;
    let closed =
        comity_store::CaseSummary { status: "closed".to_owned(), closed_at: Some(5), ..case };
    let read = Write::MailboxRead { mailbox_id: "m".to_owned(), sender: "hub".to_owned(), at: 3 };
    store.write(Rows::new().with(closed.clone()).with(read)).await.unwrap();
    assert_eq!(store.case("fi-2026-00001").await.unwrap(), Some(closed));
    assert!(store.cases_by_due(Open::Only, None, 10).await.unwrap().is_empty());
    assert_eq!(store.cases_by_due(Open::AndClosed, None, 10).await.unwrap().len(), 1);
    assert_eq!(store.cases_by_change(None, 10).await.unwrap().len(), 1);
    assert_eq!(store.cases_of_organisation("acme", "", 10).await.unwrap().len(), 1);
    assert!(store.cases_of_organisation("other", "", 10).await.unwrap().is_empty());
    assert_eq!(store.parties("fi-2026-00001", 10).await.unwrap()[0].role, "vendor");
    assert_eq!(store.entries_of_case("fi-2026-00001", ("", 0), 10).await.unwrap().len(), 1);
    assert_eq!(store.rooms_of_case("fi-2026-00001", 10).await.unwrap().len(), 1);
    assert_eq!(store.mailbox("m", "", 10).await.unwrap()[0].read_at, Some(3));
    assert_eq!(store.looks("rep", "", 10).await.unwrap().len(), 1);
    assert_eq!(store.meta("hub").await.unwrap().as_deref(), Some("fi"));
    assert_eq!(store.meta("none").await.unwrap(), None);
}

async fn two_truths_are_both_kept(world: World) {
    let store = &world.store;
    append(store, "r", "us").await;
    append(store, "r", "us").await;
    let rival = comity_store::Append {
        id: "rival".to_owned(),
        place: Place::Beside,
        ..entry("r", "us", 2, Some(id("r", "us", 1)))
    };
    store.write(Rows::new().with(rival)).await.unwrap();
    assert_eq!(store.chain("r", "us", 0, 10).await.unwrap().len(), 2);
    let head = store.head("r", "us").await.unwrap().unwrap();
    assert_eq!((head.seq, head.id), (1, id("r", "us", 2)), "the head stays");
    assert_eq!(append(store, "r", "us").await, 3);
}

async fn what_was_acknowledged_is_there_after_a_restart(world: World) {
    append(&world.store, "r", "fr").await;
    let world = world.reopen().await;
    assert_eq!(append(&world.store, "r", "fr").await, 2);
    world.store.close().await;
    let closed = world.store.write(Rows::new()).await;
    assert!(matches!(closed, Err(Rejected::Fault(Fault::Closed))), "{closed:?}");
}

async fn what_a_unit_did_not_name_it_cannot_use(world: World) {
    let store = &world.store;
    let refused = store
        .submit(Needs::default(), |_| -> Result<_, Infallible> {
            Ok((Rows::new().with(entry("r", "fr", 1, None)), ()))
        })
        .await;
    assert!(matches!(refused, Err(Rejected::Fault(Fault::Misuse(_)))), "{refused:?}");
}

async fn a_text_with_a_nul_is_refused_on_both_engines(world: World) {
    let store = &world.store;
    let units =
        ["good", "b\0d", "fine"].map(|owner| store.write(Rows::new().with(item(owner, "o", "c"))));
    let answers = futures::future::join_all(units).await;
    assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(store.report("a\0b").await.unwrap(), None);
}

/// A hub and a command beside it, or two replicas on one server.
async fn two_processes_share_a_chain_without_gaps(world: World) {
    let options = world.options.clone().purpose(comity_store::Purpose::Tool);
    let other = Store::open(options).await.unwrap();
    let store = &world.store;
    let callers = (0..60).map(|n| {
        let store = if n % 2 == 0 { store } else { &other };
        let needs = Needs::default().chain("intake", "fi").serial("report-2026");
        store.submit(needs, |view| -> Result<_, Infallible> { Ok(arrival(view, "fi", &[5; 50])) })
    });
    let answers = futures::future::join_all(callers).await;
    let ids: BTreeSet<String> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(ids.len(), 60);
    let chain = store.chain("intake", "fi", -1, 100).await.unwrap();
    assert!(chain.iter().map(|entry| entry.seq).eq(0..60));
    other.close().await;
}

async fn more_advisories_of_one_instant_than_it_has_places(world: World) {
    let store = &world.store;
    for first in (0..2_100).step_by(420) {
        let mut rows = Rows::new();
        for n in first..first + 420 {
            let advisory_id = format!("a{n:04}");
            rows.put(SearchEntry {
                advisory_id,
                version: 1,
                published_at: 7,
                withdrawn_at: None,
                text: "same".to_owned(),
            });
        }
        store.write(rows).await.unwrap();
    }
    publish(store, "last", 1, "same", 7).await;
    assert_eq!(found(store, "same", Order::Newest).await, ["last"], "only it has a document");
}
