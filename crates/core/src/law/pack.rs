//! Policy packs: statutes, agreements and norms as data (law.md §2), and the set a hub works with.
//!
//! `read` turns the bytes of a `pack.toml` into a [`Pack`] or into findings with file, line and column.
//! Not here: signatures of packs, and what rules mean for a case.

pub mod diff;
mod read;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;

use super::clock::ClockRule;
use super::conflict::Class;
use super::expr::Expr;
use super::level::{Ceiling, Level};
use super::refused::{Code, Refused};
use super::time::{Instant, Within, Zone};
use super::vocabulary::{FactId, Recipient, Vocabulary};

pub use read::read;
pub use table::{Finding, Severity};

/// Bytes of one `pack.toml`.
pub const BYTES_MAX: usize = 1 << 20;
/// Rules of one pack.
pub const RULES_MAX: usize = 2_000;
/// Packs of one set.
pub const PACKS_MAX: usize = 512;

/// Declares an enumeration whose names are those of the pack format.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$item])* $variant),+ }

        impl $name {
            /// Returns the value of a name.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Some(match text { $($text => Self::$variant,)+ _ => return None })
            }

            /// Returns the name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

words! {
    /// What a rule does.
    RuleKind {
        /// A soft norm somebody announced.
        Commitment = "commitment",
        /// A safe harbour or shield.
        Immunity = "immunity",
        /// Somebody must.
        Obligation = "obligation",
        /// Moves the target of another rule forward.
        Overlay = "overlay",
        /// Somebody may; shown only.
        Permission = "permission",
        /// Somebody must not.
        Prohibition = "prohibition",
    }
}

words! {
    /// Rank inside one legal order, the highest first (LW-52).
    Rank {
        /// Constitutional.
        Constitutional = "constitutional",
        /// A regulation.
        Regulation = "regulation",
        /// A statute.
        Statute = "statute",
        /// A delegated act.
        Delegated = "delegated",
        /// A directive to one body.
        DirectiveToBody = "directive_to_body",
        /// Guidance.
        Guidance = "guidance",
        /// An agreement, below every order.
        Agreement = "agreement",
        /// A contract, below every order.
        Contract = "contract",
        /// A norm, below every order.
        Norm = "norm",
    }
}

words! {
    /// How hard a rule binds.
    Force {
        /// It binds.
        Binding = "binding",
        /// Not yet law.
        Bill = "bill",
        /// A code its signatories follow.
        Code = "code",
        /// It does not bind.
        Soft = "soft",
    }
}

words! {
    /// Whether a rule is law.
    Status {
        /// Law from its `valid_from`.
        Adopted = "adopted",
        /// A draft; produces nothing.
        Bill = "bill",
        /// Law, but whether it applies is disputed.
        Contested = "contested",
        /// Law.
        InForce = "in_force",
        /// No longer law.
        Lapsed = "lapsed",
        /// Not in force yet; produces nothing.
        Pending = "pending",
    }
}

words! {
    /// How well a source was read (LW-3), the lowest first.
    Verification {
        /// From memory.
        Recalled = "recalled",
        /// From a description of the instrument.
        Secondary = "secondary",
        /// From the instrument itself.
        Primary = "primary",
        /// Confirmed by the authority.
        Confirmed = "confirmed",
    }
}

words! {
    /// What a stage asks of systems.
    Needs {
        /// Nothing.
        None = "none",
        /// Looking at own logs.
        Passive = "passive",
        /// Informing or blocking.
        Active = "active",
        /// Changing the product.
        Patch = "patch",
    }
}

words! {
    /// What a ban forbids.
    BanAction {
        /// Changing the system.
        AlterSystem = "alter_system",
        /// Telling users or persons concerned.
        Inform = "inform",
        /// Telling the public.
        Publish = "publish",
        /// Sharing with or filing to somebody.
        Share = "share",
    }
}

/// Stages of rules that could not be read whole, by rule and stage; without a stage, any of the rule's may be
/// meant. Whoever names one has made no fault of its own.
pub(crate) type Faulty = BTreeSet<(String, Option<String>)>;

/// One pack.
#[derive(Debug)]
pub struct Pack {
    /// Its id, for example `eu-cra`.
    pub id: String,
    /// `YYYY.M.N`.
    pub version: String,
    /// The path of its legal order, for example `EU/IE`, or `INT`.
    pub order: String,
    /// When somebody must read it again.
    pub review_by: Date,
    /// The first day on which it produces nothing.
    pub sunset: Option<Date>,
    /// SHA-256 of the bytes of `pack.toml`, in hex.
    pub sha256: String,
    /// Whether two organisations signed it.
    pub signed: bool,
    /// What was read.
    pub sources: BTreeMap<String, Source>,
    /// Recipients beyond those of the vocabulary.
    pub recipients: BTreeMap<String, Recipient>,
    /// Sets beyond those of the vocabulary.
    pub sets: BTreeMap<String, Arc<BTreeSet<String>>>,
    /// Facts that follow from others while they are not stated, in an order of dependence.
    pub definitions: Vec<Definition>,
    /// Its rules, in the order of the file.
    pub rules: Vec<Rule>,
    /// What stands in the file but could not be read.
    pub(crate) faulty: Faulty,
    /// The file it was read from, for messages.
    pub file: String,
}

/// A fact that follows from others, used only while it is unknown.
#[derive(Debug)]
pub struct Definition {
    /// The fact.
    pub fact: FactId,
    /// When it is true.
    pub expr: Expr,
    pub(crate) place: Place,
}

/// A line and column of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// What was read, when and by whom.
#[derive(Debug)]
pub struct Source {
    /// The instrument.
    pub instrument: String,
    /// The article.
    pub article: String,
    /// Where it can be read.
    pub uri: Option<String>,
    /// When it was read.
    pub read_on: Date,
    /// Who read it.
    pub reader: String,
    /// How well.
    pub verification: Verification,
}

/// One version of one rule.
#[derive(Debug)]
pub struct Rule {
    /// Its id, the same in all versions.
    pub id: String,
    /// What it does.
    pub kind: RuleKind,
    /// Its rank inside its order.
    pub rank: Rank,
    /// How hard it binds.
    pub force: Force,
    /// Whether it is law.
    pub status: Status,
    /// The path of its legal order.
    pub order: String,
    /// The first day of the law, in the rule's zone.
    pub valid_from: Option<Date>,
    /// The last day of the law, in the rule's zone.
    pub valid_to: Option<Date>,
    /// Since when we knew this version.
    pub recorded_from: Option<Instant>,
    /// Until when we took this version for right.
    pub recorded_to: Option<Instant>,
    /// Whom it binds.
    pub bearer: Expr,
    /// When.
    pub trigger: Expr,
    /// In words.
    pub summary: String,
    /// Ids of its sources.
    pub sources: Vec<String>,
    /// The lowest verification of its sources.
    pub verification: Verification,
    /// How it counts unless a stage says otherwise.
    pub clock: ClockSpec,
    /// Rules that take its place.
    pub yields_to: Vec<Yield>,
    /// The dispute about it.
    pub contested: Option<Contested>,
    /// What is due.
    pub stages: Vec<Stage>,
    /// What is forbidden.
    pub prohibits: Vec<Ban>,
    /// Conditions of a safe harbour.
    pub predicates: Vec<Predicate>,
    /// Powers to delay or suspend.
    pub powers: Vec<Power>,
    /// Whom a recipient tells.
    pub onward: Vec<Onward>,
    /// A warning for readers.
    pub caveat: Option<String>,
    /// The sources that changed it.
    pub amended_by: Vec<String>,
    pub(crate) place: Place,
}

/// How and where something is counted.
#[derive(Clone, Debug)]
pub struct ClockSpec {
    /// The clock rule.
    pub rule: ClockRule,
    /// The zone.
    pub zone: ZoneRef,
    /// The calendar.
    pub calendar: CalendarRef,
    /// Other clock rules under conditions, the first true one counts.
    pub variants: Vec<(Expr, ClockRule)>,
}

/// The zone of a clock.
#[derive(Clone, Debug)]
pub enum ZoneRef {
    /// That of the authority state.
    Authority,
    /// None given: that of the clock rule, else UTC.
    Default,
    /// A zone of the bundled data.
    Named(Zone),
}

/// The calendar of a clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CalendarRef {
    /// That of the authority state.
    Authority,
    /// None given: that of the clock rule, if it has one.
    Default,
    /// A calendar of `calendars.json`.
    Named(String),
}

/// "That rule takes my place when."
#[derive(Debug)]
pub struct Yield {
    /// The other rule.
    pub rule: String,
    /// When.
    pub when: Expr,
    pub(crate) place: Place,
}

/// A dispute about whether a rule applies.
#[derive(Debug)]
pub struct Contested {
    /// The last day of the dispute, if one is foreseen.
    pub until: Option<Date>,
    /// What is said on each side.
    pub positions: Vec<String>,
}

/// Where a stage starts.
#[derive(Debug, PartialEq, Eq)]
pub enum From {
    /// Local midnight of a day.
    Date(Date),
    /// The earliest asserted of these events.
    Events(Vec<String>),
    /// Nowhere.
    Nothing,
    /// The earliest submission of a stage or group.
    Stage(String),
}

/// One thing due.
#[derive(Debug)]
pub struct Stage {
    /// Its id inside the rule.
    pub id: String,
    /// Where it starts.
    pub from: From,
    /// How long it has.
    pub within: Option<Within>,
    /// How often it recurs.
    pub every: Option<Within>,
    /// The event that ends the recurrence.
    pub until: Option<String>,
    /// A word instead of a period.
    pub urgency: Option<String>,
    /// A clock of its own, in place of that of the rule.
    pub clock: Option<ClockSpec>,
    /// Whether the date is a floor and not a deadline.
    pub not_before: bool,
    /// The least it must reveal.
    pub min_level: Option<Level>,
    /// To whom.
    pub to: Vec<String>,
    /// What it asks of systems.
    pub needs: Needs,
    /// A condition of its own.
    pub when: Option<Expr>,
    /// A bearer of its own, in place of that of the rule.
    pub bearer: Option<Expr>,
    /// A name it shares with its alternatives.
    pub group: Option<String>,
    /// Whether it may be left out.
    pub optional: bool,
    /// Whether somebody must ask for it.
    pub on_request: bool,
    /// What the form of its recipient asks, in order; empty where nobody described it.
    pub fields: Vec<String>,
    /// The rule and stage it overlays.
    pub overlays: Option<(String, String)>,
    pub(crate) place: Place,
}

impl Stage {
    /// Says whether it must be done without being asked.
    #[must_use]
    pub const fn is_mandatory(&self) -> bool {
        !self.optional && !self.on_request
    }
}

/// One ban.
#[derive(Debug)]
pub struct Ban {
    /// Its code inside the rule.
    pub code: String,
    /// What is forbidden.
    pub action: BanAction,
    /// Under which condition.
    pub when: Expr,
    /// Towards whom.
    pub recipient: Expr,
    /// What may be revealed nevertheless.
    pub max_level: Ceiling,
    /// Whether it ends once something under its rule is submitted.
    pub ends_on_submission: bool,
    /// The class of conflict that a planned action raises by violating it.
    pub conflict_class: Option<Class>,
    /// The consent that lifts it.
    pub unless_consent: Option<String>,
}

/// One condition of a safe harbour.
#[derive(Debug)]
pub struct Predicate {
    /// Its id.
    pub id: String,
    /// Whether it holds unless broken; else it holds only if attested.
    pub evidenced: bool,
    /// What breaks it.
    pub breaks_on: Option<Breaks>,
}

/// What breaks a condition of a safe harbour.
#[derive(Debug)]
pub enum Breaks {
    /// An action.
    Action(Expr),
    /// A publication before a floor of the rule.
    PublishedEarly,
    /// A stage of the rule missed or met late.
    StageMissed,
}

/// A power to delay or suspend.
#[derive(Debug)]
pub struct Power {
    /// Its code.
    pub code: String,
    /// Who has it.
    pub holder: String,
    /// The rule and stage it acts on.
    pub acts_on: (String, String),
    /// How long at most.
    pub max: Within,
    /// When it may be used.
    pub precondition: Expr,
}

/// What a recipient passes on.
#[derive(Debug)]
pub struct Onward {
    /// Who passes on.
    pub from: String,
    /// To whom.
    pub to: Vec<String>,
    /// After how long, if that is known.
    pub after: Option<Within>,
    /// Whether it always happens.
    pub certain: bool,
}

/// The packs a hub works with, in the order of their ids.
#[derive(Debug, Default)]
pub struct PackSet {
    packs: Vec<Pack>,
    recipients: BTreeMap<String, Recipient>,
    by_rule: BTreeMap<String, Vec<(usize, usize)>>,
}

impl PackSet {
    /// Puts packs together; what no single pack can see is refused here.
    pub fn new(mut packs: Vec<Pack>) -> Result<Self, Refused> {
        packs.sort_by(|a, b| a.id.cmp(&b.id));
        if packs.len() > PACKS_MAX {
            return Err(Refused::new(Code::Pack, "", format!("more than {PACKS_MAX} packs")));
        }
        let set = Self::unchecked(packs);
        match super::lint::across(&set).into_iter().find(|(_, f)| f.blocks()) {
            Some((file, finding)) => Err(finding.refusal(&file)),
            None => Ok(set),
        }
    }

    /// Puts packs together without looking across them, for the linter.
    pub(crate) fn unchecked(packs: Vec<Pack>) -> Self {
        let mut recipients = Vocabulary::shipped().recipients().clone();
        let mut by_rule: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
        for (p, pack) in packs.iter().enumerate() {
            for (id, recipient) in &pack.recipients {
                recipients.entry(id.clone()).or_insert_with(|| recipient.clone());
            }
            for (r, rule) in pack.rules.iter().enumerate() {
                by_rule.entry(rule.id.clone()).or_default().push((p, r));
            }
        }
        Self { packs, recipients, by_rule }
    }

    /// Returns the packs in order of their ids.
    #[must_use]
    pub fn packs(&self) -> &[Pack] {
        &self.packs
    }

    /// Returns the digest that names this set: SHA-256 over a line of id and digest for each pack.
    #[must_use]
    pub fn digest(&self) -> String {
        let line = |pack: &Pack| format!("{} {}\n", pack.id, pack.sha256);
        let lines: String = self.packs.iter().map(line).collect();
        comity_ledger::digest::hex(&comity_ledger::digest::sha256(lines.as_bytes()))
    }

    /// Returns a recipient of the vocabulary or of a pack.
    #[must_use]
    pub fn recipient(&self, id: &str) -> Option<&Recipient> {
        self.recipients.get(id)
    }

    /// Returns all versions of a rule with their packs.
    pub fn versions(&self, id: &str) -> impl Iterator<Item = (&Pack, &Rule)> {
        self.by_rule.get(id).into_iter().flatten().filter_map(|(p, r)| {
            let pack = self.packs.get(*p)?;
            Some((pack, pack.rules.get(*r)?))
        })
    }

    /// Says whether no version of a rule has a stage, read or not.
    pub(crate) fn lacks_stage(&self, rule: &str, stage: &str) -> bool {
        let named = |of: Option<&str>| (rule.to_owned(), of.map(str::to_owned));
        let faulty = [named(None), named(Some(stage))];
        !self.versions(rule).any(|(_, r)| r.stages.iter().any(|s| s.id == stage))
            && !self.packs.iter().any(|p| faulty.iter().any(|f| p.faulty.contains(f)))
    }

    /// Returns every version of every rule with its pack.
    pub fn rules(&self) -> impl Iterator<Item = (&Pack, &Rule)> {
        self.packs.iter().flat_map(|pack| pack.rules.iter().map(move |rule| (pack, rule)))
    }
}

/// Says whether two orders lie on one path, such as `EU` and `EU/IE`.
#[must_use]
pub fn on_one_path(a: &str, b: &str) -> bool {
    let below = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    below(a, b) || below(b, a)
}
