//! Reading one `[[rule]]` with its stages, bans, predicates, powers and onward transmissions.

use std::collections::BTreeSet;

use super::{Names, read_expr, read_from, required_expr};
use crate::law::calendar::Calendar;
use crate::law::clock::ClockRule;
use crate::law::conflict::Class;
use crate::law::level::{Ceiling, Level};
use crate::law::pack::table::{Table, Text};
use crate::law::pack::{
    Ban, BanAction, Breaks, CalendarRef, ClockSpec, Contested, Faulty, Force, From, Needs, Onward,
    Power, Predicate, Rank, Rule, RuleKind, Stage, Status, Verification, Yield, ZoneRef,
};
use crate::law::time::{Unit, Within, Zone};

type In<'f, 't, 'i> = Table<'f, 't, 'i>;

/// Keys that are for readers alone.
const FOR_READERS: [&str; 9] = [
    "ai_relevance",
    "article",
    "confidence",
    "exceptions",
    "family",
    "instrument",
    "pack",
    "restrictions",
    "watch",
];

/// Reads a rule; notes in `faulty` the stages that others cannot find because of a fault of this one.
pub(super) fn read(mut table: In<'_, '_, '_>, names: &Names, faulty: &mut Faulty) -> Option<Rule> {
    let id = table.required("id");
    table.rule = id.as_ref().map(|t| t.value);
    let kind = table.required_word("kind", RuleKind::parse);
    let clock = read_clock(&table, names);
    let (stages, all_named) = read_stages(&table, names, kind, clock.as_ref());
    let mut told: Vec<Option<String>> = stages.iter().map(|s| Some(s.id.clone())).collect();
    told.extend((!all_named).then_some(None));
    let place = table.file.place(table.offset());
    let sources = read_rule_sources(&table, names);
    let verification = lowest(&table, names, &sources);
    let rule = Partial {
        kind,
        rank: table.required_word("rank", Rank::parse),
        force: table.required_word("force", Force::parse),
        status: table.required_word("status", Status::parse),
        bearer: required_expr(&table, "bearer", names),
        trigger: required_expr(&table, "trigger", names),
        summary: table.required_string("summary"),
    };
    table.allow(&FOR_READERS);
    let own = id.as_ref().map(|id| id.value.to_owned());
    let found = rule.with(|p| {
        Some(Rule {
            id: id?.value.to_owned(),
            kind: p.kind?,
            rank: p.rank?,
            force: p.force?,
            status: p.status?,
            order: read_order(&table, names),
            valid_from: table.date("valid_from"),
            valid_to: table.date("valid_to"),
            recorded_from: table.instant("recorded_from"),
            recorded_to: table.instant("recorded_to"),
            bearer: p.bearer?,
            trigger: p.trigger?,
            summary: p.summary?,
            sources,
            verification,
            clock: clock?,
            yields_to: read_yields(&table, names),
            contested: read_contested(&table, p.status),
            stages,
            prohibits: read_bans(&table, names),
            predicates: read_predicates(&table, names),
            powers: read_powers(&table, names),
            onward: read_onward(&table, names),
            caveat: table.string("caveat"),
            amended_by: read_amended(&table, names),
            place,
        })
    });
    // A rule with a fault keeps its other keys unread; they are not unknown for that.
    if found.is_some() {
        table.finish();
        told.retain(Option::is_none);
    }
    if let Some(id) = own {
        faulty.extend(told.into_iter().map(|stage| (id.clone(), stage)));
    }
    found
}

/// The required parts, read before anything is given up so that each fault is reported.
struct Partial {
    kind: Option<RuleKind>,
    rank: Option<Rank>,
    force: Option<Force>,
    status: Option<Status>,
    bearer: Option<crate::law::expr::Expr>,
    trigger: Option<crate::law::expr::Expr>,
    summary: Option<String>,
}

impl Partial {
    fn with(self, make: impl FnOnce(Self) -> Option<Rule>) -> Option<Rule> {
        make(self)
    }
}

fn read_order(table: &In<'_, '_, '_>, names: &Names) -> String {
    let Some(order) = table.text("order") else { return names.order.clone() };
    let below = order.value.strip_prefix(names.order.as_str());
    let extends = below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if !extends && names.order != "INT" {
        table.report("PL-08", order.offset, format!("the order does not extend {}", names.order));
    }
    order.value.to_owned()
}

fn read_rule_sources(table: &In<'_, '_, '_>, names: &Names) -> Vec<String> {
    let texts = table.texts("sources");
    if texts.is_empty() {
        table.report("PL-03", table.offset(), "a rule without source");
    }
    for text in texts.iter().filter(|t| !names.knows_source(t.value)) {
        table.report("PL-03", text.offset, format!("no source {}", text.value));
    }
    texts.into_iter().map(|t| t.value.to_owned()).collect()
}

fn lowest(table: &In<'_, '_, '_>, names: &Names, sources: &[String]) -> Verification {
    let stated = table.word("verification", Verification::parse);
    let read = sources.iter().filter_map(|s| names.sources.get(s)).map(|s| s.verification);
    read.chain(stated).min().unwrap_or(Verification::Recalled)
}

/// The sources that changed the rule: one id or a list of them.
fn read_amended(table: &In<'_, '_, '_>, names: &Names) -> Vec<String> {
    let texts = if table.is_array("amended_by") {
        table.texts("amended_by")
    } else {
        table.text("amended_by").into_iter().collect()
    };
    for text in texts.iter().filter(|t| !names.knows_source(t.value)) {
        table.report("PL-03", text.offset, format!("no source {}", text.value));
    }
    texts.into_iter().map(|t| t.value.to_owned()).collect()
}

fn read_clock(table: &In<'_, '_, '_>, names: &Names) -> Option<ClockSpec> {
    let Some(clock) = table.table("clock") else {
        let fault = table.has("clock");
        let none = ClockSpec {
            rule: ClockRule::None,
            zone: ZoneRef::Default,
            calendar: CalendarRef::Default,
            variants: Vec::new(),
        };
        return (!fault).then_some(none);
    };
    let rule = clock.required("rule").and_then(|t| known_clock(&clock, &t));
    let zone = match clock.text("zone") {
        None => Some(ZoneRef::Default),
        Some(text) if text.value == "authority" => Some(ZoneRef::Authority),
        Some(text) => {
            let zone = Zone::named(text.value);
            if zone.is_none() {
                clock.report("PL-08", text.offset, format!("no zone {}", text.value));
            }
            zone.map(ZoneRef::Named)
        }
    };
    let calendar = match clock.text("calendar") {
        None => CalendarRef::Default,
        Some(text) if text.value == "authority" => CalendarRef::Authority,
        Some(text) => {
            if Calendar::named(text.value).is_none() {
                clock.report("PL-08", text.offset, format!("no calendar {}", text.value));
            }
            CalendarRef::Named(text.value.to_owned())
        }
    };
    let mut variants = Vec::new();
    for variant in clock.tables("variants") {
        let when = required_expr(&variant, "when", names);
        let other = variant.required("clock").and_then(|t| known_clock(&variant, &t));
        variants.extend(when.zip(other));
        variant.finish();
    }
    let spec = rule.zip(zone).map(|(rule, zone)| ClockSpec { rule, zone, calendar, variants });
    let lack = spec.as_ref().and_then(|spec| lacking(spec, |rule| rule.needs_calendar(HOUR)));
    if let Some(lack) = lack {
        clock.report("PL-08", clock.offset(), lack);
    }
    clock.finish();
    spec
}

/// The shortest period: what needs a place for it needs one for every other.
const HOUR: Within = Within { count: 1, unit: Unit::Hours };

/// Says what a clock needs and nobody gives: neither the pack nor the clock rule.
fn lacking(spec: &ClockSpec, needs: impl Fn(ClockRule) -> bool) -> Option<&'static str> {
    let mut rules = std::iter::once(spec.rule).chain(spec.variants.iter().map(|(_, rule)| *rule));
    if !rules.any(needs) {
        return None;
    }
    if matches!(spec.zone, ZoneRef::Default) && spec.rule.default_zone().is_none() {
        return Some("the clock rule needs a zone");
    }
    let calendar = spec.calendar != CalendarRef::Default || spec.rule.default_calendar().is_some();
    (!calendar).then_some("the clock rule needs a calendar")
}

fn known_clock(table: &In<'_, '_, '_>, text: &Text<'_>) -> Option<ClockRule> {
    let rule = ClockRule::parse(text.value);
    if rule.is_none() {
        table.report("PL-08", text.offset, format!("no clock rule {}", text.value));
    }
    rule
}

/// Reads the stages; says whether each has a name of its own. Without that, what a reference means is open.
fn read_stages(
    table: &In<'_, '_, '_>,
    names: &Names,
    kind: Option<RuleKind>,
    clock: Option<&ClockSpec>,
) -> (Vec<Stage>, bool) {
    let mut found: Vec<Stage> = Vec::new();
    let mut offsets = Vec::new();
    let mut all_named = true;
    for stage in table.tables("stage") {
        let offset = stage.offset();
        if let Some(read) = read_stage(stage, names, kind, clock) {
            if found.iter().any(|s| s.id == read.id) {
                table.report("PL-01", offset, format!("stage {} twice", read.id));
                all_named = false;
            }
            offsets.push(offset);
            found.push(read);
        } else {
            all_named = false;
        }
    }
    // The stages of an overlay start from stages of another rule.
    if !all_named || matches!(kind, None | Some(RuleKind::Overlay)) {
        return (found, all_named);
    }
    let known: BTreeSet<&str> = found
        .iter()
        .flat_map(|s| std::iter::once(s.id.as_str()).chain(s.group.as_deref()))
        .collect();
    for (stage, offset) in found.iter().zip(offsets) {
        if let From::Stage(from) = &stage.from
            && !known.contains(from.as_str())
        {
            table.report("PL-08", offset, format!("no stage or group {from}"));
        }
    }
    (found, all_named)
}

fn read_stage(
    table: In<'_, '_, '_>,
    names: &Names,
    kind: Option<RuleKind>,
    rule_clock: Option<&ClockSpec>,
) -> Option<Stage> {
    let id = table.required_string("id");
    if kind == Some(RuleKind::Overlay) {
        check_overlay_keys(&table);
    }
    let clock = if table.has("clock") { read_clock(&table, names) } else { None };
    // A clock of its own that cannot be read is not the rule's.
    let counting = if table.has("clock") { clock.as_ref() } else { rule_clock };
    let within = read_within(&table, "within", counting);
    let every = read_within(&table, "every", counting);
    let until = table.text("until");
    if let Some(until) = &until
        && names.words.event(until.value).is_none()
    {
        table.report("PL-08", until.offset, format!("no event {}", until.value));
    }
    let to = read_recipients_of(&table, "to", names);
    let min_level = table.word("min_level", Level::parse);
    if kind == Some(RuleKind::Obligation) {
        check_obligation(&table, &to, min_level);
    }
    let overlays = table.text("overlays");
    let split = overlays.as_ref().and_then(|t| t.value.split_once('/'));
    if overlays.is_some() != split.is_some() {
        table.report("PL-09", table.offset_of("overlays"), "overlays is <rule>/<stage>");
    }
    if kind == Some(RuleKind::Overlay) && overlays.is_none() {
        table.report("PL-09", table.offset(), "a stage of an overlay says what it overlays");
    }
    let stage = Stage {
        id: id.unwrap_or_default(),
        from: read_from(&table, names),
        within,
        every,
        until: until.map(|t| t.value.to_owned()),
        urgency: table.string("urgency"),
        clock,
        not_before: read_bound(&table),
        min_level,
        to,
        needs: table.word("needs", Needs::parse).unwrap_or(Needs::None),
        when: read_expr(&table, "when", names),
        bearer: read_expr(&table, "bearer", names),
        group: table.string("group"),
        optional: table.flag("optional"),
        on_request: table.flag("on_request"),
        fields: table.strings("fields"),
        overlays: split.map(|(rule, stage)| (rule.to_owned(), stage.to_owned())),
        place: table.file.place(table.offset()),
    };
    table.allow(&["note"]);
    table.finish();
    (!stage.id.is_empty()).then_some(stage)
}

fn check_overlay_keys(table: &In<'_, '_, '_>) {
    for (key, offset) in table.keys() {
        if !matches!(key, "id" | "overlays" | "from" | "within" | "clock" | "note") {
            table.report("PL-09", offset, format!("an overlay may not set {key}"));
        }
    }
}

fn check_obligation(table: &In<'_, '_, '_>, to: &[String], min_level: Option<Level>) {
    if to.is_empty() {
        table.report("PL-13", table.offset(), "a stage of an obligation says to whom");
    } else if min_level.is_none() && !table.has("min_level") && to.iter().any(|t| t != "self") {
        table.report("PL-13", table.offset(), "a stage of an obligation has a min_level");
    }
}

fn read_bound(table: &In<'_, '_, '_>) -> bool {
    match table.text("bound") {
        None => false,
        Some(text) if text.value == "by" => false,
        Some(text) if text.value == "not_before" => true,
        Some(text) => {
            table.report("PL-01", text.offset, "bound is by or not_before");
            false
        }
    }
}

fn read_within(
    table: &In<'_, '_, '_>,
    key: &'static str,
    clock: Option<&ClockSpec>,
) -> Option<Within> {
    let text = table.text(key)?;
    let Some(within) = Within::parse(text.value) else {
        table.report("PL-01", text.offset, format!("{key} is one number and one unit"));
        return None;
    };
    let rules = clock
        .into_iter()
        .flat_map(|c| std::iter::once(c.rule).chain(c.variants.iter().map(|(_, rule)| *rule)));
    for rule in rules {
        if !rule.takes(within.unit) {
            table.report("PL-08", text.offset, format!("the clock rule does not count {within}"));
        }
    }
    // What needs a place for every period was reported with the clock.
    let needs = |rule: ClockRule| rule.needs_calendar(within) && !rule.needs_calendar(HOUR);
    if let Some(lack) = clock.and_then(|spec| lacking(spec, needs)) {
        table.report("PL-08", text.offset, lack);
    }
    Some(within)
}

fn read_recipients_of(table: &In<'_, '_, '_>, key: &'static str, names: &Names) -> Vec<String> {
    let texts = table.texts(key);
    for text in texts.iter().filter(|t| !names.knows_recipient(t.value)) {
        table.report("PL-08", text.offset, format!("no recipient {}", text.value));
    }
    texts.into_iter().map(|t| t.value.to_owned()).collect()
}

fn read_yields(table: &In<'_, '_, '_>, names: &Names) -> Vec<Yield> {
    let mut found = Vec::new();
    for entry in table.tables("yields_to") {
        let rule = entry.required_string("rule");
        let when = required_expr(&entry, "when", names);
        let place = entry.file.place(entry.offset());
        found.extend(rule.zip(when).map(|(rule, when)| Yield { rule, when, place }));
        entry.finish();
    }
    found
}

/// Reads what is in dispute; a contested rule has to say it.
fn read_contested(table: &In<'_, '_, '_>, status: Option<Status>) -> Option<Contested> {
    let needed = status == Some(Status::Contested);
    if needed && !table.has("contested") {
        table.report("PL-01", table.offset(), "a contested rule without the table contested");
    }
    let entry = table.table("contested")?;
    let contested = Contested { until: entry.date("until"), positions: entry.strings("positions") };
    if needed && contested.positions.is_empty() {
        table.report("PL-01", entry.offset(), "a contested rule without positions");
    }
    entry.finish();
    Some(contested)
}

fn read_bans(table: &In<'_, '_, '_>, names: &Names) -> Vec<Ban> {
    let mut found = Vec::new();
    for entry in table.tables("prohibits") {
        let code = entry.required_string("code");
        let action = entry.required_word("action", BanAction::parse);
        let when = required_expr(&entry, "when", names);
        let recipient = required_expr(&entry, "recipient", names);
        let max_level = entry.required_word("max_level", Ceiling::parse);
        let ends_on = entry.text("ends_on");
        if let Some(ends_on) = &ends_on
            && ends_on.value != "submission"
        {
            entry.report("PL-01", ends_on.offset, "ends_on is submission");
        }
        let conflict_class = entry.word("conflict_class", Class::parse);
        let unless_consent = entry.string("unless_consent");
        entry.allow(&["note"]);
        entry.finish();
        found.extend((|| {
            Some(Ban {
                code: code?,
                action: action?,
                when: when?,
                recipient: recipient?,
                max_level: max_level?,
                ends_on_submission: ends_on.is_some(),
                conflict_class,
                unless_consent,
            })
        })());
    }
    found
}

fn read_predicates(table: &In<'_, '_, '_>, names: &Names) -> Vec<Predicate> {
    let mode = |text: &str| match text {
        "attested" => Some(false),
        "evidenced" => Some(true),
        _ => None,
    };
    let mut found = Vec::new();
    for entry in table.tables("predicate") {
        let id = entry.required_string("id");
        let evidenced = entry.required_word("mode", mode);
        entry.required("text");
        let breaks_on = entry.text("breaks_on");
        let breaks_on = breaks_on.and_then(|text| match text.value {
            "published_early" => Some(Breaks::PublishedEarly),
            "stage_missed" => Some(Breaks::StageMissed),
            _ => read_expr(&entry, "breaks_on", names).map(Breaks::Action),
        });
        entry.finish();
        let pair = id.zip(evidenced);
        found.extend(pair.map(|(id, evidenced)| Predicate { id, evidenced, breaks_on }));
    }
    found
}

fn read_powers(table: &In<'_, '_, '_>, names: &Names) -> Vec<Power> {
    let mut found = Vec::new();
    for entry in table.tables("power") {
        let code = entry.required_string("code");
        let holder = entry.required_string("holder");
        let acts_on = entry.required("acts_on");
        let split = acts_on.as_ref().and_then(|t| t.value.split_once('/'));
        if let (Some(text), None) = (&acts_on, split) {
            entry.report("PL-01", text.offset, "acts_on is <rule>/<stage>");
        }
        let max = entry.required("max").and_then(|text| {
            let max = Within::parse(text.value);
            if max.is_none() {
                entry.report("PL-01", text.offset, "max is one number and one unit");
            }
            max
        });
        let precondition = required_expr(&entry, "precondition", names);
        read_recipients_of(&entry, "notify", names);
        entry.strings("grounds");
        entry.allow(&["on_expiry", "note"]);
        entry.finish();
        found.extend((|| {
            let (rule, stage) = split?;
            Some(Power {
                code: code?,
                holder: holder?,
                acts_on: (rule.to_owned(), stage.to_owned()),
                max: max?,
                precondition: precondition?,
            })
        })());
    }
    found
}

fn read_onward(table: &In<'_, '_, '_>, names: &Names) -> Vec<Onward> {
    let certainty = |text: &str| match text {
        "certain" => Some(true),
        "possible" => Some(false),
        _ => None,
    };
    let mut found = Vec::new();
    for entry in table.tables("onward") {
        let from = entry.required("from");
        if let Some(from) = &from
            && !names.knows_recipient(from.value)
        {
            entry.report("PL-08", from.offset, format!("no recipient {}", from.value));
        }
        let to = read_recipients_of(&entry, "to", names);
        let after = read_within(&entry, "after", None);
        let certain = entry.required_word("certainty", certainty);
        entry.allow(&["note"]);
        entry.finish();
        let pair = from.zip(certain);
        found.extend(pair.map(|(from, certain)| Onward {
            from: from.value.to_owned(),
            to,
            after,
            certain,
        }));
    }
    found
}
