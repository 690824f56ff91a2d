//! Broken machines: a second hub, a disk that takes no more, a clock that was set back, another database.

use std::path::Path;
use std::process::Command;

use comity_server::app::setup;
use comity_server::clock::Clock;
use comity_store::Purpose;
use serde_json::json;
use tempfile::TempDir;

use crate::world::{World, config, report, run};

#[expect(dead_code, reason = "only the private PostgreSQL of the store's tests is used")]
#[path = "../../../store/tests/it/world.rs"]
mod store_world;

#[test]
fn a_second_hub_on_the_same_data_is_refused() {
    run(async {
        let world = World::new().await;
        let second = setup::open(&world.data, config(), Clock::real(), Purpose::Serve).await;
        assert!(second.is_err());
        world.file("", &report("The first goes on")).await;
        let made = setup::create(&world.data, &config(), Clock::real()).await;
        assert!(made.is_err());
        world.finish().await;
    });
}

#[test]
fn a_clock_that_was_set_back_writes_no_history_backwards() {
    run(async {
        let world = World::new().await;
        let case = world.open_case("fin").await;
        world.say("ada", "nv", &case, "report.judge", json!({ "to": "V" })).await;
        let before = Clock::at("2027-01-05T09:00:00Z".parse().unwrap());
        let world = world.restart_at(before).await;
        let filed = world.file("fin", &report("After the clock went back")).await;
        let at = format!("/api/v1/reports/{filed}/commands");
        world.post("ada", &at, &json!({ "command": "acknowledge" })).await.ok();
        world.say("ada", "nv", &case, "report.judge", json!({ "to": "A" })).await;
        let content = crate::world::advisory("Draft");
        world
            .post("ada", &format!("/api/v1/cases/{case}/drafts"), &json!({ "content": content }))
            .await
            .ok();
        world.finish().await;
    });
}

/// Runs a command and says whether it succeeded.
fn done(words: &[&str]) -> bool {
    let Some((program, rest)) = words.split_first() else { return false };
    Command::new(program).args(rest).output().is_ok_and(|output| output.status.success())
}

/// A small file system of its own, unmounted when dropped.
struct Disk(TempDir);

impl Disk {
    fn mount(options: &str) -> Option<Self> {
        let disk = Self(TempDir::new().unwrap());
        let at = disk.0.path().to_str()?.to_owned();
        done(&["mount", "-t", "tmpfs", "-o", options, "tmpfs", &at]).then_some(disk)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        done(&["umount", "-l", self.0.path().to_str().unwrap()]);
    }
}

#[test]
fn a_read_only_directory_is_a_fault_and_no_panic() {
    run(async {
        let Some(disk) = Disk::mount("size=16m") else {
            println!("skipped: this account cannot mount a file system");
            return;
        };
        let world = World::within(TempDir::new_in(disk.path()).unwrap(), config()).await;
        world.file("", &report("Before")).await;
        let data = world.data.clone();
        world.finish().await;
        let at = disk.path().to_str().unwrap().to_owned();
        assert!(done(&["mount", "-o", "remount,ro", &at]));
        assert!(setup::open(&data, config(), Clock::real(), Purpose::Serve).await.is_err());
        let other = disk.path().join("other");
        assert!(setup::create(&other, &config(), Clock::real()).await.is_err());
    });
}

#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged() {
    run(async {
        let Some(disk) = Disk::mount("size=4m") else {
            println!("skipped: this account cannot mount a file system");
            return;
        };
        let world = World::within(TempDir::new_in(disk.path()).unwrap(), config()).await;
        let mut large = report("Much to say");
        large["technical"]["description"] = json!("x".repeat(19_000));
        let mut kept = Vec::new();
        let mut refused = 0;
        for _ in 0..400 {
            let bytes = large.to_string();
            let seen =
                world.ask("", "POST", "/api/v1/reports").bytes(bytes).unchecked().send().await;
            if seen.status == 201 {
                kept.push(seen.json()["report"].as_str().unwrap().to_owned());
            } else {
                assert!(matches!(seen.status, 500 | 503), "{}", seen.text());
                refused += 1;
                if refused > 3 {
                    break;
                }
            }
        }
        assert!(refused > 0 && !kept.is_empty());
        let at = disk.path().to_str().unwrap().to_owned();
        assert!(done(&["mount", "-o", "remount,size=64m", &at]));
        let world = world.restart().await;
        for id in &kept {
            world.get("ada", &format!("/api/v1/reports/{id}")).await.ok();
        }
        world.file("", &report("There is room again")).await;
        world.finish().await;
    });
}

#[test]
fn the_whole_job_is_done_on_postgresql_too() {
    let server = match store_world::Postgres::start() {
        Ok(server) => server,
        Err(why) => {
            println!("{why}");
            return;
        }
    };
    run(async {
        let mut config = config();
        config.database_url = server.database("hub");
        let world = World::with(config).await;
        crate::job::whole_job(&world).await;
        let mut strange = report("With a null byte \u{0} inside");
        strange["language"] = json!("ar");
        strange["technical"]["description"] =
            json!("null \u{0} byte in a text that is long enough");
        let seen = world.ask("", "POST", "/api/v1/reports").bytes(strange.to_string()).send().await;
        assert!(seen.status == 201 || seen.status == 422);
        for path in [
            "advisories?q=%00",
            "reports?state=%00",
            "reports?cursor=%00",
            "advisories/%00",
            "reports/%00",
            "cases/%00",
        ] {
            let seen = world.get("ada", &format!("/api/v1/{path}")).await;
            assert!(seen.status < 500, "{path}");
        }
        world.finish().await;
    });
}

/// Changes one letter inside the payload of the newest stored envelope that holds `part`.
fn damage(database: &Path, part: &str) {
    use data_encoding::BASE64;
    let mut bytes = std::fs::read(database).unwrap();
    let head = b"{\"payload\":\"";
    let found = (0..bytes.len() - head.len()).rev().find(|at| {
        let Some(rest) = bytes[*at..].strip_prefix(head) else { return false };
        let end = rest.iter().position(|byte| *byte == b'"').unwrap_or(0);
        let payload = BASE64.decode(&rest[..end]).unwrap_or_default();
        String::from_utf8_lossy(&payload).contains(part)
    });
    let at = found.expect("an envelope with that part") + head.len() + 40;
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    std::fs::write(database, bytes).unwrap();
}

#[test]
fn a_damaged_entry_is_named_and_a_rebuild_changes_nothing() {
    run(async {
        let world = World::new().await;
        let case = world.open_case("fin").await;
        world.say("ada", "nv", &case, "report.judge", json!({ "to": "V" })).await;
        let world = world.stop_and(|data| damage(&data.join("comity.db"), "report.judge")).await;
        let checked = world.hub.verify_entries().await.unwrap();
        assert!(!checked.ok && checked.first_bad.is_some(), "{checked:?}");
        let error = world.hub.rebuild().await.unwrap_err();
        assert!(error.causes().contains(&case), "{}", error.causes());
        let kept =
            world.hub.store().cases_by_due(comity_store::Open::AndClosed, None, 10).await.unwrap();
        assert_eq!(kept.len(), 1, "the read models are as they were");
        // Whoever reads the case is given a number, and the log says what it stands for.
        let path = format!("/api/v1/cases/{case}");
        let seen = world.ask("ada", "GET", &path).unchecked().send().await;
        let problem = seen.refused(500, "fault");
        assert_eq!(problem["incident"].as_str().unwrap().len(), 12);
        world.finish_unchecked().await;
    });
}
