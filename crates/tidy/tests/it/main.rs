//! Checks of the repository itself: layers, sizes, words, migrations.

use std::collections::BTreeSet;
use std::path::Path;

use comity_tidy::{FILE_LINES_MAX, files, message_ids, root, text};

/// Returns the crates of ours that a crate depends on outside its tests.
fn dependencies(name: &str) -> BTreeSet<String> {
    let manifest = text(&root().join("crates").join(name).join("Cargo.toml"));
    let section = manifest.split("[dependencies]").nth(1).unwrap_or_default();
    let section = section.split("\n[").next().unwrap_or_default();
    section
        .lines()
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn dependencies_point_downwards_only() {
    let check = |name: &str, allowed: &[&str]| {
        let ours: Vec<String> = dependencies(name)
            .into_iter()
            .filter_map(|word| word.strip_prefix("comity-").map(str::to_owned))
            .filter(|word| !allowed.contains(&word.as_str()))
            .collect();
        assert!(ours.is_empty(), "{name} must not depend on {ours:?}");
    };
    check("ledger", &[]);
    check("core", &["ledger"]);
    check("formats", &["core", "ledger"]);
    check("store", &["core", "ledger"]);
    check("server", &["core", "formats", "ledger", "store"]);
    check("cli", &["core", "formats", "ledger", "server", "store"]);
    check("tidy", &[]);
}

#[test]
fn pure_crates_cannot_do_io() {
    for name in ["ledger", "core", "formats"] {
        for banned in ["tokio", "sqlx", "axum", "reqwest", "getrandom", "rand", "tempfile"] {
            assert!(!dependencies(name).contains(banned), "{name} must not depend on {banned}");
        }
    }
}

#[test]
fn pure_crates_read_no_clock_and_no_file() {
    for name in ["ledger", "core", "formats"] {
        for path in files(&root().join("crates").join(name).join("src"), &[".rs"]) {
            if path.ends_with("tests.rs") {
                continue;
            }
            for banned in ["std::fs", "std::net", "std::env::", "SystemTime", "Instant::now"] {
                assert!(!text(&path).contains(banned), "{}: {banned}", path.display());
            }
        }
    }
}

#[test]
fn no_source_file_is_over_the_limit() {
    let long: Vec<String> = files(&root().join("crates"), &[".rs"])
        .into_iter()
        .map(|path| (text(&path).lines().count(), path))
        .filter(|(lines, _)| *lines > FILE_LINES_MAX)
        .map(|(lines, path)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "split these: {long:#?}");
}

#[test]
fn nothing_is_left_for_later() {
    let mark = ["TO", "DO"].concat();
    let fix = ["FIX", "ME"].concat();
    let endings = [".rs", ".sql", ".html", ".css", ".md", ".ftl", ".py", ".mjs", ".toml"];
    for path in files(&root(), &endings) {
        if path.ends_with("STYLE.md") {
            continue;
        }
        for (number, line) in text(&path).lines().enumerate() {
            let word = |mark: &str| line.split(|c: char| !c.is_alphanumeric()).any(|w| w == mark);
            assert!(!word(&mark) && !word(&fix), "{}:{}", path.display(), number + 1);
        }
    }
}

#[test]
fn every_message_is_in_every_language() {
    let english = ids("en");
    assert!(!english.is_empty(), "the English messages are missing");
    for folder in std::fs::read_dir(root().join("locales")).unwrap().flatten() {
        let tag = folder.file_name().to_string_lossy().into_owned();
        if !folder.path().is_dir() {
            continue;
        }
        let there = ids(&tag);
        let missing: Vec<&String> = english.difference(&there).collect();
        let unknown: Vec<&String> = there.difference(&english).collect();
        assert!(missing.is_empty(), "{tag} lacks {missing:?}");
        assert!(unknown.is_empty(), "{tag} has what English has not: {unknown:?}");
    }
}

fn ids(tag: &str) -> BTreeSet<String> {
    files(&root().join("locales").join(tag), &[".ftl"])
        .iter()
        .flat_map(|path| message_ids(&text(path)))
        .collect()
}

#[test]
fn no_template_holds_words_of_its_own() {
    for path in files(&root().join("crates/server/templates"), &[".html"]) {
        let mut text = text(&path);
        for (open, close) in [("{#", "#}"), ("{%", "%}"), ("{{", "}}"), ("<", ">")] {
            while let Some((before, rest)) = text.split_once(open) {
                let after = rest.split_once(close).map_or("", |(_, after)| after);
                text = format!("{before} {after}");
            }
        }
        let words: Vec<&str> = text
            .split_whitespace()
            .filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1)
            .filter(|word| !word.starts_with('&'))
            // Pieces of attributes that a condition adds.
            .filter(|word| !word.contains('=') && !word.starts_with('-'))
            // Marks of standards are written alike in every language.
            .filter(|word| !["SHA-256", "TLP:CLEAR"].contains(word))
            .collect();
        assert!(words.is_empty(), "{}: {words:?}", path.display());
    }
}

#[test]
fn every_migration_has_a_seed() {
    let folder = root().join("crates/store/migrations");
    let all = files(&folder, &[".sql"]);
    let name = |path: &Path| path.file_name().map(|n| n.to_string_lossy().into_owned());
    let names: BTreeSet<String> = all.iter().filter_map(|path| name(path)).collect();
    for migration in names.iter().filter(|name| !name.contains("seed")) {
        let number = migration.split('_').next().unwrap_or_default();
        assert!(
            names.iter().any(|other| other.contains("seed") && other.starts_with(number)),
            "{migration} has no seed"
        );
    }
}

#[test]
fn sql_keeps_to_the_portable_dialect() {
    let banned = [
        " boolean",
        " jsonb",
        " uuid",
        "timestamptz",
        " numeric",
        "skip locked",
        "savepoint",
        "create trigger",
        "create sequence",
        "listen ",
        "pg_advisory",
        "truncate",
        "autoincrement",
    ];
    for path in files(&root().join("crates/store/migrations"), &[".sql"]) {
        let sql = text(&path).to_lowercase();
        for word in banned {
            assert!(!sql.contains(word), "{}: {}", path.display(), word.trim());
        }
    }
}

#[test]
fn every_refusal_code_is_said_in_words() {
    let english = ids("en");
    let codes = text(&root().join("lexicon/codes.json"));
    let refusals = codes.split("\"refusals\"").nth(1).unwrap_or_default();
    let refusals = refusals.split('}').next().unwrap_or_default();
    let mut seen = 0;
    for line in refusals.lines() {
        let Some(code) = line.trim().strip_prefix('"').and_then(|l| l.split('"').next()) else {
            continue;
        };
        seen += 1;
        let id = format!("refusal-{code}");
        assert!(english.contains(&id), "locales/en lacks {id}");
    }
    assert!(seen > 10, "the codes were not found");
}
