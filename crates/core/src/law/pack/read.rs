//! From the bytes of a `pack.toml` to a pack, with a finding for every fault on the way (LW-1 to LW-5).
//!
//! Each function reads one kind of table. What concerns two rules or two packs is in `lint`.

mod rule;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use toml::de::DeTable;

use super::table::{File, Finding, Table};
use super::{BYTES_MAX, Definition, Pack, RULES_MAX, Source, Verification};
use crate::law::expr::Expr;
use crate::law::refused::Code;
use crate::law::time::parse_date;
use crate::law::vocabulary::{
    FactId, Kind, RECIPIENT_KINDS, Recipient, RecipientCountry, VERSION, Vocabulary, is_country,
};

/// Reads one `pack.toml`. A pack whose head can be read is returned even with faults, for the linter;
/// whoever evaluates it first asks whether a finding [blocks](Finding::blocks).
#[must_use]
pub fn read(bytes: &[u8], file: &str) -> (Option<Pack>, Vec<Finding>) {
    if bytes.len() > BYTES_MAX {
        let message = format!("larger than {BYTES_MAX} bytes");
        return (
            None,
            vec![Finding::error("PL-17", None, super::Place { line: 1, column: 1 }, message)],
        );
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let whole = String::from_utf8_lossy(bytes);
            let place = File::new(&whole).place(error.valid_up_to());
            return (None, vec![Finding::error("PL-01", None, place, "not UTF-8")]);
        }
    };
    let reader = File::new(text);
    let pack = match DeTable::parse(text) {
        Ok(root) => {
            let span = root.span();
            let table = Table::new(&reader, None, root.get_ref(), span);
            read_pack(table, bytes, file)
        }
        Err(error) => {
            let offset = error.span().map_or(0, |s| s.start);
            reader.report("PL-01", None, offset, format!("no TOML: {}", error.message().trim()));
            None
        }
    };
    let mut findings = reader.findings.into_inner();
    findings.sort_by(|a, b| (a.place, a.code).cmp(&(b.place, b.code)));
    (pack, findings)
}

/// The ids of tables, by key of the table.
type Written = BTreeSet<(&'static str, String)>;

/// What expressions and stages of one pack can refer to.
pub(super) struct Names {
    pub(super) words: &'static Vocabulary,
    pub(super) sets: BTreeMap<String, Arc<BTreeSet<String>>>,
    pub(super) recipients: BTreeMap<String, Recipient>,
    pub(super) sources: BTreeMap<String, Source>,
    pub(super) order: String,
    /// What stands in the file, read or not: it is not missing for those who name it.
    written: Written,
}

impl Names {
    pub(super) fn knows_recipient(&self, id: &str) -> bool {
        self.words.recipients().contains_key(id)
            || self.written.contains(&("recipient", id.to_owned()))
    }

    pub(super) fn knows_source(&self, id: &str) -> bool {
        self.written.contains(&("source", id.to_owned()))
    }
}

fn read_pack(root: Table<'_, '_, '_>, bytes: &[u8], file: &str) -> Option<Pack> {
    let Some(head) = root.table("pack") else {
        root.report("PL-01", 0, "the table [pack] is missing");
        return None;
    };
    expect_word(&head, "schema", "comity.pack/1");
    expect_word(&head, "vocabulary", VERSION);
    let id = head.required_string("id");
    let version = read_version(&head);
    let order = head.required_string("order");
    head.required("issuer");
    let review_by = head.date("review_by");
    if !head.has("review_by") {
        head.report("PL-01", head.offset(), "review_by is missing");
    }
    let sunset = read_sunset(&head);
    head.finish();
    let mut written = Written::new();
    let names = Names {
        words: Vocabulary::shipped(),
        sets: read_sets(&root),
        recipients: read_recipients(&root, &mut written),
        sources: read_sources(&root, &mut written),
        order: order.clone().unwrap_or_default(),
        written,
    };
    let definitions = read_definitions(&root, &names);
    let mut faulty = BTreeSet::new();
    let rules = read_rules(&root, &names, &mut faulty);
    root.finish();
    Some(Pack {
        id: id?,
        version: version?,
        order: order?,
        review_by: review_by?,
        sunset,
        sha256: HEXLOWER.encode(&Sha256::digest(bytes)),
        signed: false,
        sources: names.sources,
        recipients: names.recipients,
        sets: names.sets,
        definitions,
        rules,
        faulty,
        file: file.to_owned(),
    })
}

fn expect_word(table: &Table<'_, '_, '_>, key: &'static str, wanted: &str) {
    if let Some(text) = table.required(key)
        && text.value != wanted
    {
        table.report("PL-01", text.offset, format!("{key} is {wanted:?}"));
    }
}

fn read_version(head: &Table<'_, '_, '_>) -> Option<String> {
    let text = head.required("version")?;
    let parts: Vec<&str> = text.value.split('.').collect();
    let digits = |part: &&str| {
        !part.is_empty() && part.len() <= 9 && part.bytes().all(|b| b.is_ascii_digit())
    };
    let year = parts.first().is_some_and(|y| y.len() == 4);
    let month =
        parts.get(1).and_then(|m| m.parse::<u8>().ok()).is_some_and(|m| (1..=12).contains(&m));
    if parts.len() == 3 && parts.iter().all(digits) && year && month {
        return Some(text.value.to_owned());
    }
    head.report("PL-01", text.offset, "a version is year.month.counter");
    None
}

fn read_sunset(head: &Table<'_, '_, '_>) -> Option<jiff::civil::Date> {
    let reason = head.string("sunset_reason").filter(|r| !r.trim().is_empty());
    let offset = head.offset_of("sunset");
    if !head.has("sunset") {
        head.report("PL-06", head.offset(), "sunset is missing");
        return None;
    }
    if !head.is_text("sunset") {
        return head.date("sunset");
    }
    let text = head.text("sunset")?;
    if text.value == "none" {
        if reason.is_none() {
            head.report("PL-06", offset, "sunset \"none\" needs a sunset_reason");
        }
        return None;
    }
    head.report("PL-01", offset, "sunset is a date or \"none\"");
    None
}

fn read_sources(root: &Table<'_, '_, '_>, written: &mut Written) -> BTreeMap<String, Source> {
    let mut found = BTreeMap::new();
    for table in root.tables("source") {
        let id = table.required_string("id");
        for key in ["instrument", "article", "reader"] {
            if table.text(key).is_none_or(|t| t.value.trim().is_empty()) {
                table.report("PL-03", table.offset(), format!("a source without {key}"));
            }
        }
        let read_on = table.date("read_on");
        if !table.has("read_on") {
            table.report("PL-03", table.offset(), "a source without read_on");
        }
        let verification = table.required_word("verification", Verification::parse);
        let digest = table.text("text_sha256");
        if digest.as_ref().is_some_and(|t| !is_digest(t.value)) {
            table.report("PL-01", table.offset_of("text_sha256"), "text_sha256 is 64 hex digits");
        }
        if verification == Some(Verification::Confirmed) && digest.is_none() {
            table.report("PL-03", table.offset(), "a confirmed source needs text_sha256");
        }
        let uri = table.string("uri");
        let source = (|| {
            Some(Source {
                instrument: table.string("instrument")?,
                article: table.string("article")?,
                uri,
                read_on: read_on?,
                reader: table.string("reader")?,
                verification: verification?,
            })
        })();
        table.allow(&["note"]);
        written.extend(id.clone().map(|id| ("source", id)));
        if let (Some(id), Some(source)) = (id, source)
            && found.insert(id.clone(), source).is_some()
        {
            table.report("PL-01", table.offset(), format!("source {id} twice"));
        }
        table.finish();
    }
    found
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn read_recipients(root: &Table<'_, '_, '_>, written: &mut Written) -> BTreeMap<String, Recipient> {
    let mut found = BTreeMap::new();
    for table in root.tables("recipient") {
        let id = table.required("id");
        let name = table.required_string("name");
        let kind = table.required("kind");
        if let Some(kind) = &kind
            && !RECIPIENT_KINDS.contains(&kind.value)
        {
            table.report("PL-01", kind.offset, format!("kind is never {:?}", kind.value));
        }
        let country = match table.text("country") {
            None => RecipientCountry::None,
            Some(text) if text.value == "authority" => RecipientCountry::Authority,
            Some(text) => {
                if !is_country(text.value) {
                    table.report("PL-01", text.offset, "a country is two capital letters");
                }
                RecipientCountry::Fixed(text.value.to_owned())
            }
        };
        written.extend(id.as_ref().map(|id| ("recipient", id.value.to_owned())));
        if let (Some(id), Some(name), Some(kind)) = (id, name, kind) {
            let known = Vocabulary::shipped().recipients().contains_key(id.value);
            let recipient = Recipient { name, kind: kind.value.to_owned(), country };
            if known || found.insert(id.value.to_owned(), recipient).is_some() {
                table.report("PL-01", id.offset, format!("recipient {} twice", id.value));
            }
        }
        table.finish();
    }
    found
}

fn read_sets(root: &Table<'_, '_, '_>) -> BTreeMap<String, Arc<BTreeSet<String>>> {
    let mut found = BTreeMap::new();
    for table in root.tables("set") {
        let name = table.required("name");
        let values = table.texts("values");
        if !table.has("values") {
            table.report("PL-01", table.offset(), "values is missing");
        }
        for value in values.iter().filter(|v| !is_country(v.value)) {
            table.report("PL-01", value.offset, "a set holds country codes");
        }
        if let Some(name) = name {
            let set = Arc::new(values.iter().map(|v| v.value.to_owned()).collect());
            let known = Vocabulary::shipped().set(name.value).is_some();
            if known || found.insert(name.value.to_owned(), set).is_some() {
                table.report("PL-01", name.offset, format!("set {} twice", name.value));
            }
        }
        table.allow(&["note"]);
        table.finish();
    }
    found
}

/// Reads an expression; its fault is reported at its own byte of the file.
pub(super) fn read_expr(
    table: &Table<'_, '_, '_>,
    key: &'static str,
    names: &Names,
) -> Option<Expr> {
    let text = table.text(key)?;
    let sets = |name: &str| names.sets.get(name).cloned();
    match Expr::parse(text.value, names.words, &sets) {
        Ok(expr) => Some(expr),
        Err(error) => {
            let unknown_set = error.message.starts_with(crate::law::expr::NO_SUCH_SET);
            let code = if error.code == Code::Limit {
                "PL-17"
            } else if unknown_set {
                "PL-08"
            } else {
                "PL-02"
            };
            // The text starts one byte after its quote; escapes would shift it by a little.
            table.report(code, text.offset + 1 + error.offset, format!("{key}: {error}"));
            None
        }
    }
}

pub(super) fn required_expr(
    table: &Table<'_, '_, '_>,
    key: &'static str,
    names: &Names,
) -> Option<Expr> {
    if !table.has(key) {
        table.report("PL-01", table.offset(), format!("{key} is missing"));
    }
    read_expr(table, key, names)
}

fn read_definitions(root: &Table<'_, '_, '_>, names: &Names) -> Vec<Definition> {
    let mut found: Vec<Definition> = Vec::new();
    for table in root.tables("definition") {
        let fact = table.required("fact").and_then(|name| read_defined(&table, &name, names));
        let expr = required_expr(&table, "expr", names);
        match table.text("source") {
            Some(source) if names.knows_source(source.value) => {}
            Some(source) => {
                table.report("PL-03", source.offset, format!("no source {}", source.value));
            }
            None => table.report("PL-03", table.offset(), "a definition without source"),
        }
        if let (Some(fact), Some(expr)) = (fact, expr) {
            if found.iter().any(|d| d.fact == fact) {
                table.report("PL-01", table.offset(), "the fact is defined twice");
            }
            found.push(Definition { fact, expr, place: table.file.place(table.offset()) });
        }
        table.finish();
    }
    in_order(root, found)
}

fn read_defined(
    table: &Table<'_, '_, '_>,
    name: &super::table::Text<'_>,
    names: &Names,
) -> Option<FactId> {
    let id = names.words.id(name.value);
    let fact = id.and_then(|id| names.words.fact(id));
    let Some(fact) = fact else {
        table.report("PL-02", name.offset, format!("LAW-E-NAME at byte 0: no fact {}", name.value));
        return None;
    };
    if fact.kind != Kind::Bool || fact.list || fact.engine {
        table.report("PL-02", name.offset, "LAW-E-TYPE at byte 0: only boolean facts are defined");
        return None;
    }
    id
}

/// Orders definitions so that each comes after those it reads; what is left is a cycle.
fn in_order(root: &Table<'_, '_, '_>, mut left: Vec<Definition>) -> Vec<Definition> {
    let mut done = Vec::new();
    while !left.is_empty() {
        let open: BTreeSet<FactId> = left.iter().map(|d| d.fact).collect();
        let ready = left.iter().position(|d| d.expr.facts().is_disjoint(&open));
        let Some(ready) = ready else {
            for definition in &left {
                let message = "definitions depend on one another in a cycle";
                let finding = Finding::error("PL-15", None, definition.place, message);
                root.file.findings.borrow_mut().push(finding);
            }
            break;
        };
        done.push(left.remove(ready));
    }
    done
}

fn read_rules(
    root: &Table<'_, '_, '_>,
    names: &Names,
    faulty: &mut super::Faulty,
) -> Vec<super::Rule> {
    let tables = root.tables("rule");
    if tables.len() > RULES_MAX {
        root.report("PL-17", root.offset_of("rule"), format!("more than {RULES_MAX} rules"));
        return Vec::new();
    }
    tables.into_iter().filter_map(|table| rule::read(table, names, faulty)).collect()
}

/// Reads `date:<date>`, `stage:<id>`, an event, or a list of events.
pub(super) fn read_from(table: &Table<'_, '_, '_>, names: &Names) -> super::From {
    if !table.has("from") {
        return super::From::Nothing;
    }
    let texts = if table.is_array("from") {
        table.texts("from")
    } else {
        table.text("from").into_iter().collect()
    };
    let mut events = Vec::new();
    for text in &texts {
        if let Some(stage) = text.value.strip_prefix("stage:") {
            return super::From::Stage(stage.to_owned());
        }
        if let Some(date) = text.value.strip_prefix("date:") {
            let Some(date) = parse_date(date) else {
                table.report("PL-01", text.offset, "no such date");
                return super::From::Nothing;
            };
            return super::From::Date(date);
        }
        if names.words.event(text.value).is_none() {
            table.report("PL-08", text.offset, format!("no event {}", text.value));
        }
        events.push(text.value.to_owned());
    }
    if events.is_empty() { super::From::Nothing } else { super::From::Events(events) }
}
