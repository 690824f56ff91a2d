//! What a person reads of a score, a status, a tally: the document laid out, nothing computed.

use serde_json::Value;

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or("-")
}

fn number(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_i64).map_or_else(|| "-".to_owned(), |n| n.to_string())
}

fn list<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = &'v Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

/// Basis points as a percentage with two decimals; a figure that is withheld says so.
fn share(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer).and_then(Value::as_i64) {
        None => "withheld".to_owned(),
        Some(points) => format!("{}.{:02} %", points / 100, points % 100),
    }
}

/// Lays out `comity.status/1`.
pub(super) fn status(status: &Value) -> String {
    let mut page = format!(
        "{} is {} on {} (known at {})\n",
        text(status, "/jurisdiction"),
        text(status, "/status"),
        text(status, "/valid_at"),
        text(status, "/known_at")
    );
    for (name, pointer) in [
        ("standard", "/standard"),
        ("since", "/since"),
        ("valid until", "/valid_until"),
        ("event", "/event"),
        ("by way of", "/via"),
        ("reason", "/reason"),
        ("trade", "/trade"),
        ("trade status", "/trade_status"),
        ("trade until", "/trade_until"),
        ("register", "/register"),
    ] {
        if status.pointer(pointer).is_some_and(|value| !value.is_null()) {
            page = format!("{page}  {name:<13} {}\n", text(status, pointer));
        }
    }
    page
}

/// Lays out `comity.tally/1`.
pub(super) fn tally(tally: &Value) -> String {
    let mut page = format!(
        "motion {} under {}: {}\n",
        text(tally, "/motion"),
        text(tally, "/rule"),
        text(tally, "/state")
    );
    for chamber in list(tally, "/chambers") {
        page = format!(
            "{page}  {:<12} {:<9} yes {} no {} abstain {} of {} present, {} entitled: {}\n",
            text(chamber, "/chamber"),
            text(chamber, "/method"),
            number(chamber, "/yes"),
            number(chamber, "/no"),
            number(chamber, "/abstain"),
            number(chamber, "/present"),
            number(chamber, "/entitled"),
            text(chamber, "/reason")
        );
    }
    for (what, pointer) in [("recused", "/recused"), ("equivocated", "/equivocators")] {
        for named in list(tally, pointer) {
            let (voter, chamber) = (text(named, "/voter"), text(named, "/chamber"));
            page = format!("{page}  {what}: {voter} in {chamber}\n");
        }
    }
    for ballot in list(tally, "/rejected") {
        page = format!(
            "{page}  not counted: {} in {} at {}: {}\n",
            text(ballot, "/voter"),
            text(ballot, "/chamber"),
            text(ballot, "/at"),
            text(ballot, "/code")
        );
    }
    page
}

/// Lays out `comity.cert-score/1`.
pub(super) fn score(score: &Value) -> String {
    let mut page = format!(
        "{} against {} under {}: {} recommended\n  effective implementation {}, coverage {} (S {} NS {} NA {} U {})\n",
        text(score, "/jurisdiction"),
        text(score, "/standard"),
        text(score, "/profile"),
        text(score, "/recommendation"),
        share(score, "/overall/ei_bp"),
        share(score, "/overall/coverage_bp"),
        number(score, "/overall/s"),
        number(score, "/overall/ns"),
        number(score, "/overall/na"),
        number(score, "/overall/u")
    );
    for area in list(score, "/areas") {
        page = format!(
            "{page}  {:<5} {:>9}  coverage {}\n",
            text(area, "/area"),
            share(area, "/ei_bp"),
            share(area, "/coverage_bp")
        );
    }
    for control in list(score, "/controls").filter(|control| text(control, "/rating") != "C") {
        page = format!(
            "{page}  control {} is {}\n",
            text(control, "/control"),
            text(control, "/rating")
        );
    }
    for control in list(score, "/knock_out") {
        let holds = control.pointer("/satisfied").and_then(Value::as_bool).unwrap_or_default();
        let word = if holds { "satisfied" } else { "NOT satisfied" };
        page = format!("{page}  knock-out {} {word}\n", text(control, "/control"));
    }
    for outcome in list(score, "/outcomes") {
        page = format!("{page}  outcome {} {}\n", text(outcome, "/eo"), text(outcome, "/rating"));
    }
    for (what, pointer) in [("rule", "/rules"), ("listing", "/listing")] {
        for rule in list(score, pointer) {
            let holds = rule.pointer("/pass").and_then(Value::as_bool).unwrap_or_default();
            let word = if holds { "holds" } else { "does not hold" };
            page = format!("{page}  {what} {} {word}\n", text(rule, "/name"));
        }
    }
    for advisory in list(score, "/advisories") {
        page = format!("{page}  note: {} {}\n", text(advisory, "/code"), text(advisory, "/pq"));
    }
    page
}
