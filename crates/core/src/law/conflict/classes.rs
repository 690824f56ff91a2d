//! The 26 classes with their severity, reliefs and handling (`conflict-classes.json`).

/// How hard a conflict stops people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Somebody must act now.
    Act,
    /// Nothing may go out.
    Block,
    /// Wait for a person.
    Hold,
    /// Good to know.
    Note,
    /// Look at it.
    Warn,
}

impl Severity {
    /// Returns its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Act => "act",
            Self::Block => "block",
            Self::Hold => "hold",
            Self::Note => "note",
            Self::Warn => "warn",
        }
    }
}

macro_rules! classes {
    ($($id:ident $severity:ident [$($relief:literal)*] $name:literal $text:literal;)+) => {
        /// A class of conflict.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Class { $(#[doc = $name] $id),+ }

        impl Class {
            /// All classes in order.
            pub const ALL: &[Self] = &[$(Self::$id),+];

            /// Returns its id, for example `C01`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$id => stringify!($id)),+ }
            }

            /// Returns its severity.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$id => Severity::$severity),+ }
            }

            /// Returns the reliefs to try, in order.
            #[must_use]
            pub const fn reliefs(self) -> &'static [&'static str] {
                match self { $(Self::$id => &[$($relief),*]),+ }
            }

            /// Returns what it is and how to handle it, in English.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$id => concat!($name, ": ", $text)),+ }
            }
        }
    };
}

classes! {
    C01 Block ["R1" "R2" "R3" "R4" "R5" "R6" "R7"] "duty against ban"
        "block the filing and escalate; across two sovereigns only R4 to R7 can help";
    C02 Note ["R1" "R2" "R6" "R7"] "duty against embargo"
        "the duty wins at its minimum level; tell the parties";
    C03 Hold ["R1" "R2" "R7"] "the duty is public"
        "minimise, or ask for the delay the law offers";
    C04 Hold ["R6" "R4" "R7"] "ban against publication"
        "hold and ask for consent; see who is free to publish";
    C05 Note ["R6" "R7"] "norm against norm"
        "negotiate; the embargo takes the shortest acceptable term";
    C06 Warn ["R1" "R2" "R6" "R7"] "secrecy ends before the embargo"
        "compute every embargo anew; tell all parties";
    C07 Hold ["R1" "R6" "R3" "R7"] "the duty exceeds the TLP label"
        "ask the originator; a statute overrides the label, and that is logged";
    C08 Hold ["R6" "R2" "R7"] "duty against the PAP label"
        "ask for relaxation";
    C09 Block ["R1" "R5" "R6" "R7"] "personal data abroad"
        "pseudonymise or name a basis";
    C10 Block ["R1" "R5" "R6" "R7"] "export to an end user"
        "drop the payload part";
    C11 Hold ["R1" "R5" "R7"] "compelled access"
        "lower the level or use another hub";
    C12 Hold ["R5" "R6" "R2" "R7"] "the action breaks a safe harbour"
        "warn before the action";
    C13 Act ["R1" "R7"] "the deadline cannot be met in calm"
        "page a person; file what is known";
    C14 Note ["R7"] "a fact is missing"
        "open a fact task; the provisional clock runs";
    C15 Note ["R5" "R7"] "several recipients"
        "bundle the reports";
    C16 Hold ["R6" "R2" "R7"] "evidence against fix"
        "take a snapshot, inform the authority, then fix";
    C17 Note ["R7"] "not law at that time"
        "say when it would have applied";
    C18 Note ["R3"] "another rule takes its place"
        "the absorbed rule produces no duty";
    C19 Note ["R7"] "a soft overlay is stricter"
        "show both dates; label the overlay soft";
    C20 Hold ["R3" "R1" "R7"] "agreement against statute"
        "the statute wins; notify the counterparty";
    C21 Block ["R6" "R5" "R7"] "the agreement does not carry it"
        "deny by default";
    C22 Hold ["R5" "R1" "R7"] "interest of the coordinator"
        "recuse or set a ceiling";
    C23 Act ["R7"] "a delay was not released"
        "release automatically";
    C24 Hold ["R6" "R7"] "everybody waits for another"
        "after 72 hours the lead may release at L1";
    C25 Warn ["R7"] "the parties say different things"
        "evaluate every asserted value";
    C26 Hold ["R6" "R7"] "floor against deadline"
        "refer to counsel";
}

impl Class {
    /// Returns the class of an id.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.as_str() == id)
    }
}
