//! Every page in every language: complete, escaped, readable, in colours that can be told apart.
#![expect(
    clippy::expect_used,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use comity_core::advisory::Advisory;
use comity_core::lexicon::Lexicon;
use comity_server::i18n::Catalogue;
use comity_server::web::advisory_page::{
    Publication, advisory_item, advisory_view, correction_items,
};
use comity_server::web::assets;
use comity_server::web::{Chrome, render};
use fluent_syntax::ast;
use jiff::tz::TimeZone;

use crate::samples;

/// The numbers that show every plural form of every language offered later.
const COUNTS: [i64; 9] = [0, 1, 2, 3, 5, 11, 21, 100, 1_000_000];

fn catalogue() -> Catalogue {
    Catalogue::with_pseudo(&TimeZone::get("Africa/Cairo").unwrap()).unwrap()
}

fn locales_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../locales")
}

/// The messages of a language; legal texts and check words lie beside them.
fn message_files(tag: &str) -> Vec<PathBuf> {
    let files = std::fs::read_dir(locales_folder().join(tag)).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "ftl")).collect()
}

/// Every message of a language with the variables it uses, directly or in its variants.
fn messages(tag: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    for path in message_files(tag) {
        let text = std::fs::read_to_string(path).unwrap();
        let resource = fluent_syntax::parser::parse(text).expect("fluent");
        for entry in resource.body {
            if let ast::Entry::Message(message) = entry {
                let mut used = BTreeSet::new();
                if let Some(pattern) = &message.value {
                    variables(pattern, &mut used);
                }
                assert!(
                    found.insert(message.id.name.clone(), used).is_none(),
                    "{} twice",
                    message.id.name
                );
            }
        }
    }
    found
}

fn variables(pattern: &ast::Pattern<String>, used: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let ast::PatternElement::Placeable { expression } = element else { continue };
        let (inline, variants) = match expression {
            ast::Expression::Inline(inline) => (inline, &[][..]),
            ast::Expression::Select { selector, variants } => (selector, variants.as_slice()),
        };
        if let ast::InlineExpression::VariableReference { id } = inline {
            used.insert(id.name.clone());
        }
        for variant in variants {
            variables(&variant.value, used);
        }
    }
}

#[test]
fn every_page_is_complete_in_every_language() {
    let catalogue = catalogue();
    let hub = samples::hub(&catalogue);
    for locale in catalogue.locales() {
        for (name, html) in samples::pages(locale, &hub, "Nested roles") {
            let place = format!("{} {name}", locale.tag());
            assert!(!html.contains('\u{27e6}'), "{place}: a message is missing");
            assert!(!html.contains("{$") && !html.contains("{ $"), "{place}: a value is missing");
            assert!(!html.contains(['\u{e000}', '\u{e001}']), "{place}: a private mark is left");
            assert!(
                html.contains(&format!(
                    "<html lang=\"{}\" dir=\"{}\">",
                    locale.tag(),
                    locale.dir().name()
                )),
                "{place}"
            );
            assert_eq!(html.matches("<h1").count(), 1, "{place}: one main heading");
            assert!(html.contains("<main id=\"content\""), "{place}");
            assert!(
                !html.contains("<script")
                    && !html.contains(" style=")
                    && !html.contains(" onclick"),
                "{place}"
            );
            let own = html.matches("<span lang=\"en\" dir=\"ltr\">").count();
            assert_eq!(own, 0, "{place}: falls back to English");
        }
    }
}

#[test]
fn nothing_from_outside_becomes_markup() {
    let catalogue = catalogue();
    let hub = samples::hub(&catalogue);
    let corpus = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</textarea><svg onload=alert(1)>",
        "</title><script>alert(1)</script>",
        "javascript:alert(1)",
        "<!--<script>",
        "{{ t.say(\"x\") }} { $n } { -embargo }",
        "\u{e000}0\u{e001} \u{2068}\u{2069}\u{202e}evil\u{2066}",
        "&lt;script&gt; &#60; &amp;",
        "[x](javascript:alert(1)) ![](https://evil.example/p.png) <b onclick=alert(1)>",
        "\u{0}\u{8}\u{1b}[31m",
    ];
    for words in corpus {
        for tag in ["en", "ar"] {
            let locale = catalogue.locale(tag).unwrap();
            for (name, html) in samples::pages(locale, &hub, words) {
                let place = format!("{tag} {name} {words:?}");
                for bad in [
                    "<script",
                    "<img",
                    "<svg onload",
                    "onerror=alert(1)>",
                    "href=\"javascript:",
                    "<!--",
                    "<b onclick",
                ] {
                    assert!(!html.contains(bad), "{place}: {bad}");
                }
                assert!(well_formed(&html), "{place}: an attribute or element was broken");
                let hidden = html.chars().filter(|c| matches!(c, '\u{202a}'..='\u{202e}')).count();
                let in_fields =
                    html.matches("<textarea").count() + html.matches(" value=\"").count();
                assert!(hidden <= in_fields, "{place}: a direction mark is outside a field");
            }
        }
    }
}

/// Whether elements nest and every attribute is quoted.
pub(crate) fn well_formed(html: &str) -> bool {
    const VOID: [&str; 4] = ["input", "link", "meta", "br"];
    let mut open = Vec::new();
    let mut rest = html.strip_prefix("<!doctype html>").unwrap_or(html);
    while let Some((_, after)) = rest.split_once('<') {
        let Some(end) = end_of_tag(after) else { return false };
        let (tag, next) = after.split_at(end);
        rest = &next[1..];
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else {
            let name = tag.split([' ', '\n', '/']).next().unwrap_or_default();
            if !VOID.contains(&name) {
                open.push(name);
            }
        }
    }
    open.is_empty()
}

fn end_of_tag(after: &str) -> Option<usize> {
    let mut quoted = false;
    after.char_indices().find_map(|(place, character)| {
        quoted ^= character == '"';
        (character == '>' && !quoted).then_some(place)
    })
}

#[test]
fn arabic_says_all_that_english_says_with_the_same_values() {
    let (english, arabic) = (messages("en"), messages("ar"));
    for (id, used) in &english {
        let same = arabic.get(id).unwrap_or_else(|| panic!("{id} is not translated"));
        // A form such as "two" may leave the number out, so it may use fewer, never others.
        assert!(same.is_subset(used), "{id}: {same:?} is not {used:?}");
        assert!(
            used.difference(same).all(|variable| variable == "max" || variable == "n"),
            "{id} drops {used:?}"
        );
    }
    assert_eq!(arabic.keys().collect::<Vec<_>>(), english.keys().collect::<Vec<_>>());
}

#[test]
fn every_language_that_is_offered_is_complete() {
    let offered: Vec<String> =
        catalogue().offered().into_iter().map(|language| language.tag).collect();
    assert_eq!(offered, ["en", "ar"]);
}

#[test]
fn every_message_id_of_a_template_exists() {
    let english = messages("en");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for call in ["t.say(\"", "t.text(\""] {
            for (_, after) in
                text.match_indices(call).map(|(place, _)| text.split_at(place + call.len()))
            {
                let id = after.split('"').next().unwrap_or_default();
                assert!(english.contains_key(id), "{}: {id}", path.display());
            }
        }
        let words = without_markup(&text);
        assert!(!words.chars().any(char::is_alphabetic), "{} holds text: {words}", path.display());
    }
}

/// What a template would say by itself, ids of standards aside.
fn without_markup(template: &str) -> String {
    let mut rest = template.to_owned();
    for (start, end) in [("{%", "%}"), ("{{", "}}")] {
        while let Some(from) = rest.find(start) {
            let to = rest[from..].find(end).map_or(rest.len(), |to| from + to + 2);
            rest.replace_range(from..to, "");
        }
    }
    while let Some(from) = rest.find('<') {
        let to = rest[from..].find('>').map_or(rest.len(), |to| from + to + 1);
        rest.replace_range(from..to, "");
    }
    // Attributes that a macro adds to a tag stand outside of it.
    for id in [
        "SHA-256",
        "TLP:CLEAR",
        "aria-describedby",
        "aria-invalid=\"true\"",
        "-hint",
        "-error",
        "v",
    ] {
        rest = rest.replace(id, "");
    }
    rest
}

#[test]
fn no_message_spells_a_term_out() {
    let nouns = [
        "advisory",
        "advisories",
        "coordinator",
        "embargo",
        "finder",
        "hub",
        "lexicon",
        "receipt",
        "safe harbour",
        "vendor",
    ];
    for path in message_files("en") {
        if path.ends_with("terms.ftl") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split_once('=').map_or(line, |(_, words)| words).to_lowercase();
            while let Some(from) = words.find('{') {
                let to = words[from..].find('}').map_or(words.len(), |to| from + to + 1);
                words.replace_range(from..to, "");
            }
            let spelled = nouns.iter().find(|noun| {
                words
                    .split(|c: char| !c.is_alphabetic() && c != ' ')
                    .any(|part| format!(" {part} ").contains(&format!(" {noun} ")))
            });
            assert!(spelled.is_none(), "{}: {line}", path.display());
        }
    }
}

#[test]
fn every_refusal_code_has_words() {
    let codes = [
        "draft-unknown",
        "intake-busy",
        "preview-changed",
        "report-file-empty",
        "report-file-too-large",
        "report-files-too-many",
        "report-text-too-short",
        "strict-liability-payload",
        "receipt-code-mistyped",
        "receipt-code-unknown",
        "text-not-utf8",
        "field-missing",
        "value-unknown",
        "time-invalid",
    ];
    let (english, arabic) = (messages("en"), messages("ar"));
    let check = |code: &str| {
        let id = format!("refusal-{code}");
        assert!(english.contains_key(&id) && arabic.contains_key(&id), "{id}");
    };
    for code in codes {
        check(code);
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/lexicon/codes.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: {path} is not there");
        return;
    };
    let data: serde_json::Value = serde_json::from_str(&text).unwrap();
    for code in data["refusals"].as_object().unwrap().keys() {
        check(code);
    }
}

#[test]
fn counted_messages_have_every_form() {
    let catalogue = catalogue();
    for (id, used) in messages("en") {
        for variable in used {
            for locale in catalogue.locales() {
                for count in COUNTS {
                    let said = locale.bare(&id).count(&variable, count).to_string();
                    assert!(!said.contains('\u{27e6}'), "{} {id} {count}: {said}", locale.tag());
                }
            }
        }
    }
    let check = |tag: &str, count: i64, expected: &str| {
        let said =
            catalogue.locale(tag).unwrap().bare("duration-days").count("n", count).to_string();
        assert_eq!(said, expected);
    };
    check("en", 1, "1 day");
    check("en", 0, "0 days");
    check("en", 1_000_000, "1,000,000 days");
    check("ar", 0, "0 يوم");
    check("ar", 1, "يوم واحد");
    check("ar", 2, "يومان");
    check("ar", 3, "3 أيام");
    check("ar", 11, "11 يوما");
    check("ar", 21, "21 يوما");
    check("ar", 100, "100 يوم");
    check("ar", 1_000_000, "1,000,000 يوم");
}

#[test]
fn a_missing_message_alone_falls_back_and_is_marked() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sw")).unwrap();
    std::fs::write(
        folder.path().join("sw/a.ftl"),
        "nav-policy = Sera\nlanguage-name = Kiswahili\n",
    )
    .unwrap();
    let catalogue = Catalogue::overridden(folder.path(), &TimeZone::UTC).unwrap();
    let swahili = catalogue.locale("sw").unwrap();
    assert_eq!(swahili.say("nav-policy").to_string(), "Sera");
    assert_eq!(
        swahili.say("nav-report").to_string(),
        "<span lang=\"en\" dir=\"ltr\">Report a flaw</span>"
    );
    assert_eq!(swahili.text("nav-report").to_string(), "Report a flaw");
    assert!(
        catalogue.offered().iter().all(|language| language.tag != "sw"),
        "too little to be offered"
    );
    std::fs::write(folder.path().join("sw/b.ftl"), "= broken").unwrap();
    assert!(Catalogue::overridden(folder.path(), &TimeZone::UTC).is_err());
}

#[test]
fn marks_isolate_in_pages_and_not_in_headers() {
    let catalogue = catalogue();
    let english = catalogue.locale("en").unwrap();
    let check = |said: String, expected: &str| assert_eq!(said, expected);
    check(
        english.text("fault-incident").id("incident", "8F").to_string(),
        "Incident number \u{2068}8F\u{2069}",
    );
    check(english.bare("fault-incident").id("incident", "8F").to_string(), "Incident number 8F");
    check(
        english.say("fault-incident").id("incident", "<8F>").to_string(),
        "Incident number <bdi dir=\"ltr\">&lt;8F&gt;</bdi>",
    );
}

#[test]
fn deadlines_show_the_zone_and_utc() {
    let check = |zone: &str, at: &str, tag: &str, expected: &str| {
        let catalogue = Catalogue::embedded(&TimeZone::get(zone).unwrap()).unwrap();
        let at: jiff::Timestamp = at.parse().unwrap();
        assert_eq!(catalogue.locale(tag).unwrap().instant_text(at), expected);
    };
    check("UTC", "2027-02-19T12:00:00Z", "en", "19 February 2027, 12:00 UTC");
    check(
        "Africa/Cairo",
        "2027-02-19T12:00:00Z",
        "en",
        "19 February 2027, 14:00 UTC+02:00 (12:00 UTC)",
    );
    check(
        "Asia/Tokyo",
        "2027-02-19T23:30:00Z",
        "en",
        "20 February 2027, 08:30 UTC+09:00 (19 February 2027 23:30 UTC)",
    );
    check(
        "America/New_York",
        "2027-01-01T00:00:00Z",
        "en",
        "31 December 2026, 19:00 UTC\u{2212}05:00 (1 January 2027 00:00 UTC)",
    );
    check("UTC", "2027-02-19T12:00:00Z", "ar", "19 فبراير 2027، الساعة 12:00 بالتوقيت العالمي");
}

#[test]
fn colours_can_be_told_apart() {
    let css = include_str!("../../assets/app.css");
    let (light, dark) = palettes(css);
    for (name, palette) in [("light", &light), ("dark", &dark)] {
        for ground in ["page", "panel"] {
            let ratio = |ink: &str| contrast(palette[ink], palette[ground]);
            for ink in ["text", "muted", "action", "good", "warn", "bad", "embargo"] {
                assert!(ratio(ink) >= 4.5, "{name} {ink} on {ground}: {}", ratio(ink));
            }
            for mark in ["edge", "focus"] {
                assert!(ratio(mark) >= 3.0, "{name} {mark} on {ground}: {}", ratio(mark));
            }
        }
    }
    let allowed: BTreeSet<u32> = light.values().chain(dark.values()).copied().collect();
    for (place, _) in css.match_indices('#') {
        let hex: String = css[place + 1..].chars().take_while(char::is_ascii_hexdigit).collect();
        let colour = u32::from_str_radix(&hex, 16).unwrap();
        assert!(hex.len() == 6 && allowed.contains(&colour), "#{hex} is not a colour of the table");
    }
    for word in [
        "rgb(",
        "hsl(",
        "oklch(",
        "box-shadow: 0",
        "left:",
        "right:",
        "margin-left",
        "padding-right",
    ] {
        assert!(!css.contains(word), "{word}");
    }
}

fn palettes(css: &str) -> (BTreeMap<&str, u32>, BTreeMap<&str, u32>) {
    let of = |block: &'static str| block;
    let read = |part: &'static str| -> BTreeMap<&'static str, u32> {
        part.split("--")
            .skip(1)
            .filter_map(|line| {
                let (name, value) = line.split_once(": #")?;
                Some((name, u32::from_str_radix(value.get(..6)?, 16).ok()?))
            })
            .collect()
    };
    let css: &'static str = of(Box::leak(css.to_owned().into_boxed_str()));
    let (light, after) = css.split_once("@media (prefers-color-scheme: dark)").unwrap();
    let dark = after.split("}\n}").next().unwrap();
    (read(light), read(dark))
}

fn contrast(one: u32, other: u32) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: u32) -> f64 {
    let part = |shift: u32| {
        let value = f64::from((colour >> shift) & 0xff) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0)
}

#[test]
fn the_sprite_has_every_icon_and_no_more_than_twenty() {
    let sprite = include_str!("../../assets/icons.svg");
    let icons: BTreeSet<&str> =
        sprite.split("<symbol id=\"").skip(1).filter_map(|part| part.split('"').next()).collect();
    assert!(icons.len() <= 20);
    let catalogue = catalogue();
    let hub = samples::hub(&catalogue);
    for (name, html) in samples::pages(catalogue.locale("en").unwrap(), &hub, "w") {
        for part in html.split("<use href=\"").skip(1) {
            let icon =
                part.split('"').next().and_then(|address| address.split('#').nth(1)).unwrap();
            assert!(icons.contains(icon), "{name}: {icon}");
        }
    }
    for asset in assets::all() {
        assert_eq!(assets::find(&asset.path), Some(asset));
    }
}

#[test]
fn each_page_has_ids_once_and_links_that_lead_somewhere() {
    let catalogue = catalogue();
    let hub = samples::hub(&catalogue);
    for (name, html) in samples::pages(catalogue.locale("en").unwrap(), &hub, "words") {
        let ids: Vec<&str> =
            html.split(" id=\"").skip(1).filter_map(|part| part.split('"').next()).collect();
        let unique: BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "{name}: an id twice in {ids:?}");
        let near = |attribute: &str| -> Vec<String> {
            let parts = html.split(attribute).skip(1).filter_map(|part| part.split('"').next());
            parts
                .flat_map(|value| value.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
                .collect()
        };
        for target in near(" href=\"#")
            .into_iter()
            .chain(near(" for=\""))
            .chain(near("describedby=\""))
            .chain(near("labelledby=\""))
        {
            assert!(ids.contains(&target.as_str()), "{name}: nothing has the id {target}");
        }
    }
}

#[test]
fn every_published_sample_of_an_advisory_has_a_page() {
    let catalogue = catalogue();
    let hub = samples::hub(&catalogue);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/advisory/good");
    let mut shown = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let advisory = Advisory::parse(&std::fs::read(&path).unwrap()).unwrap();
        if advisory.version == 0 {
            continue;
        }
        for locale in catalogue.locales() {
            let view =
                advisory_view(&advisory, Publication::default(), locale, Lexicon::embedded());
            let html = render(&view, &Chrome::new(&hub, "/advisories/x"), locale);
            let place = format!("{} {}", path.display(), locale.tag());
            assert!(!html.contains('\u{27e6}') && well_formed(&html), "{place}");
            assert!(!html.contains("<script") && !html.contains("javascript:\""), "{place}");
            assert_eq!(advisory_item(&advisory, locale).id, advisory.id);
            assert!(
                correction_items(&advisory, locale).len() < advisory.revisions.len().max(1),
                "{place}"
            );
            shown += 1;
        }
    }
    assert!(shown > 0, "no sample was found");
}

#[test]
fn a_reader_gets_the_translation_and_is_told_which_text_decides() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/advisory/good/full.json");
    let mut document: serde_json::Value =
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    document["content"]["translations"] = serde_json::json!([{
        "language": "ar", "state": "machine", "translator": {"kind": "engine", "name": "e", "version": "1"},
        "at": "2027-02-19T12:00:00Z", "source_language": "en", "source_sha256": "0".repeat(64),
        "title": "عنوان مترجم", "summary": "ملخص"
    }]);
    let advisory = Advisory::from_value(document).unwrap();
    let catalogue = catalogue();
    let of = |tag: &str| {
        advisory_view(
            &advisory,
            Publication::default(),
            catalogue.locale(tag).unwrap(),
            Lexicon::embedded(),
        )
    };
    assert_eq!(of("ar").title.text, "عنوان مترجم");
    let note = of("ar").translated.unwrap();
    assert_eq!((note.from.as_str(), note.state, note.stale), ("en", "translation-machine", true));
    assert_eq!(of("en").translated, None);
}
