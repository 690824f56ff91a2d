//! Trade decisions for people: the outcome in a sentence, findings with their path, what would change it.
//!
//! Everything shown stands in the document that `--json` prints. Not here: decisions.

use std::fmt::Write as _;

use serde_json::Value;

/// Finding rows that are shown; the rest is counted.
const ROWS_MAX: usize = 40;
/// References of a path that are shown at either end.
const PATH_ENDS: usize = 4;

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn number(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
}

fn items<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Returns text of a file without what could move a terminal's cursor or hide what follows.
fn safe(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if hidden(c) { '\u{fffd}' } else { c }).collect()
}

/// Returns an import decision as a page of text.
pub(super) fn import(decision: &Value) -> String {
    let mut page = String::new();
    let outcome = text(decision, "/outcome");
    let meaning = match outcome {
        "PERMIT" => "may be put on the market",
        "PERMIT_WITH_CONDITIONS" => "may be put on the market under the conditions below",
        "PROHIBIT" => "may not be put on the market",
        _ => "needs a decision by an official: the files do not settle it",
    };
    let (good, day) = (safe(text(decision, "/good")), text(decision, "/dates/market"));
    line(&mut page, &format!("{outcome}: good {good} {meaning} on {day}."));
    let (bad, unknown) = (number(decision, "/counts/bad"), number(decision, "/counts/unknown"));
    let (reached, subject) =
        (number(decision, "/counts/reached"), number(decision, "/counts/subject"));
    line(
        &mut page,
        &format!(
            "{subject} of {reached} parts reached fall under the rules: {bad} bad, {unknown} unknown."
        ),
    );
    if decision.pointer("/register_stale") == Some(&Value::Bool(true)) {
        line(&mut page, "The register is too old to decide anything: get a newer edition.");
    }
    findings(&mut page, decision);
    list(&mut page, "Conditions", items(decision, "/conditions"), |one| {
        let codes: Vec<&str> = items(one, "/codes").iter().filter_map(Value::as_str).collect();
        format!("{}: {} by {}", safe(text(one, "/ref")), codes.join(", "), text(one, "/due"))
    });
    list(&mut page, "What would change it", items(decision, "/counterfactual/nodes"), |one| {
        let what = match text(one, "/action") {
            "replace" => "replace",
            _ => "bring evidence for",
        };
        format!("{what} {}", safe(text(one, "/ref")))
    });
    list(&mut page, "Also noted", items(decision, "/advisories"), |one| {
        let (code, node) = (text(one, "/code"), safe(text(one, "/ref")));
        format!("{code} {node} {}", safe(text(one, "/name")))
    });
    statuses(&mut page, decision);
    foot(&mut page, decision);
    page
}

fn line(page: &mut String, text: &str) {
    page.push_str(text);
    page.push('\n');
}

fn list(page: &mut String, title: &str, items: &[Value], show: impl Fn(&Value) -> String) {
    if items.is_empty() {
        return;
    }
    let _infallible = write!(page, "\n{title}:\n");
    for item in items.iter().take(ROWS_MAX) {
        let _infallible = writeln!(page, "  {}", show(item).trim_end());
    }
    more(page, items.len());
}

fn more(page: &mut String, length: usize) {
    if length > ROWS_MAX {
        let _infallible = writeln!(page, "  … and {} more; see --json", length - ROWS_MAX);
    }
}

fn findings(page: &mut String, decision: &Value) {
    let findings = items(decision, "/findings");
    if findings.is_empty() {
        return;
    }
    page.push_str("\nFindings:\n");
    let width = |of: &dyn Fn(&Value) -> String| {
        findings.iter().take(ROWS_MAX).map(|one| of(one).chars().count()).max().unwrap_or(0)
    };
    let reference = |one: &Value| safe(text(one, "/ref"));
    let wide = width(&reference).min(40);
    for finding in findings.iter().take(ROWS_MAX) {
        let (value, kind) = (text(finding, "/value"), text(finding, "/kind"));
        let excused =
            if finding.get("excused") == Some(&Value::Bool(true)) { ", excused" } else { "" };
        let share = percent(number(finding, "/share_ppm"));
        let _infallible = writeln!(
            page,
            "  {value:<7}  {:<wide$}  {kind}, {}, {share} of the value{excused}",
            reference(finding),
            text(finding, "/criticality"),
        );
        let _infallible = writeln!(page, "           by {}", path(finding));
        for gap in items(finding, "/gaps") {
            let _infallible = writeln!(page, "           {}", self::gap(gap));
        }
    }
    more(page, findings.len());
}

/// Returns parts per million as a percentage, exactly.
fn percent(ppm: u64) -> String {
    let text = format!("{}.{:04}", ppm / 10_000, ppm % 10_000);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

fn path(finding: &Value) -> String {
    let all: Vec<String> =
        items(finding, "/path").iter().filter_map(Value::as_str).map(safe).collect();
    if all.len() <= 2 * PATH_ENDS {
        return all.join(" → ");
    }
    let head = all.iter().take(PATH_ENDS).cloned().collect::<Vec<_>>().join(" → ");
    let tail = all.iter().skip(all.len() - PATH_ENDS).cloned().collect::<Vec<_>>().join(" → ");
    format!("{head} → … → {tail} ({} steps)", number(finding, "/hops"))
}

/// Returns a gap in words; its code stands first, so that it can be looked up.
fn gap(gap: &Value) -> String {
    let (code, role) = (text(gap, "/code"), text(gap, "/role"));
    let place = safe(text(gap, "/jurisdiction"));
    let said = match code {
        "NOT_CERTIFIED" => {
            let (status, day) = (text(gap, "/status"), text(gap, "/date"));
            let basis = text(gap, "/basis");
            let basis =
                if basis.is_empty() { String::new() } else { format!(", under {}", safe(basis)) };
            format!("{role} {place} is {status} on {day}{basis}")
        }
        "EVIDENCE_LOW" => {
            format!(
                "{role}: evidence of level {}, level {} is asked for",
                number(gap, "/have"),
                number(gap, "/need")
            )
        }
        "MISSING_ROLE" => format!("nobody says which jurisdiction is the {role}"),
        "CONFLICT" => format!("sources of equal level name different jurisdictions as {role}"),
        "UNRESOLVED_JURISDICTION" => format!("{role} {place} is no jurisdiction of the register"),
        "UNRESOLVED_REF" => "the bill refers to it but does not contain it".to_owned(),
        "COMMUNITY" => format!("{role} is an open community"),
        "INCOMPLETE" => "the bill does not say that it is complete here".to_owned(),
        _ => role.to_owned(),
    };
    format!("{code}: {said}")
}

fn statuses(page: &mut String, decision: &Value) {
    list(page, "Looked up in the register", items(decision, "/statuses"), |one| {
        let (status, effect) = (text(one, "/status"), text(one, "/trade"));
        let effect = match effect {
            "as_status" => String::new(),
            effect => format!(", {effect}: trade follows {}", text(one, "/trade_status")),
        };
        let via = text(one, "/via");
        let via = if via.is_empty() { String::new() } else { format!(", through {via}") };
        let (place, day) = (text(one, "/jurisdiction"), text(one, "/date"));
        format!("{place} on {day}: {status}{via}{effect} → {}", text(one, "/treat"))
    });
}

fn foot(page: &mut String, decision: &Value) {
    let _infallible = writeln!(
        page,
        "\nFacts known at {}. Receipt {}.\n{}.",
        text(decision, "/known_at"),
        text(decision, "/receipt/result"),
        text(decision, "/notice"),
    );
}

/// Returns an export decision as a page of text.
pub(super) fn export(decision: &Value) -> String {
    let mut page = String::new();
    let outcome = text(decision, "/outcome");
    let meaning = match outcome {
        "NO_LICENCE" => "needs no licence",
        "LICENCE" => "needs a licence",
        "DENY_PRESUMPTION" => "would be denied unless an official decides otherwise",
        _ => "needs a decision by an official: the files do not settle it",
    };
    line(&mut page, &format!("{outcome}: request {} {meaning}.", safe(text(decision, "/request"))));
    list(&mut page, "Items", items(decision, "/items"), |one| {
        let missing: Vec<&str> = items(one, "/missing").iter().filter_map(Value::as_str).collect();
        let id = safe(text(one, "/id"));
        match (one.get("class").and_then(Value::as_str), missing.as_slice()) {
            (Some(class), _) => format!("{id}: class {}", safe(class)),
            (None, []) => format!("{id}: not controlled"),
            (None, names) => format!("{id}: no class without {}", safe(&names.join(", "))),
        }
    });
    list(&mut page, "Reasons", items(decision, "/reasons"), |one| {
        let (code, outcome) = (safe(text(one, "/code")), text(one, "/outcome"));
        format!("{outcome:<16}  {code} {}", safe(text(one, "/item")))
    });
    statuses(&mut page, decision);
    foot(&mut page, decision);
    page
}

/// Returns a replay as a page of text.
pub(super) fn replayed(replayed: &Value) -> String {
    let is = |name: &str| replayed.get(name) == Some(&Value::Bool(true));
    let mut page = String::new();
    let (then, now) = (safe(text(replayed, "/engine_then")), text(replayed, "/engine_now"));
    if is("same") {
        line(&mut page, &format!("same\tdecided again by {now}, then by {then}"));
    } else if !is("document_intact") {
        line(&mut page, "different\tthe decision is not the one that its receipt hashes");
    } else {
        line(
            &mut page,
            &format!("different\tthe same files now give {}", text(replayed, "/found")),
        );
    }
    if let Some(signed) = replayed.get("signed") {
        let holds = signed.get("holds") == Some(&Value::Bool(true));
        let word = if holds { "signed" } else { "not signed" };
        line(
            &mut page,
            &format!("{word}\thub {} key {}", text(signed, "/hub"), text(signed, "/key")),
        );
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact_and_names_cannot_move_the_cursor() {
        for (ppm, want) in [(0, "0%"), (1, "0.0001%"), (50_000, "5%"), (1_000_000, "100%")] {
            assert_eq!(percent(ppm), want);
        }
        assert_eq!(safe("a\u{1b}[2Jb\u{202e}c\n"), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}");
    }
}
