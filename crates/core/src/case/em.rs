//! Embargo management: one promise of silence, for the case as a whole.
//!
//! ```text
//!        ┌─p─┐          ┌──────r──────┐ ┌─p─┐
//!        ▼   │          ▼             │ ▼   │
//! N ──p──► P ─────a───► A ─────p─────► R ───┘
//! ▲        │            │ ◄────a────── │
//! └───r────┘            └──t──► X ◄──t─┘
//! ```
//!
//! N None, P Proposed, A Active, R Revise, X eXited (final). Not here: consent of parties (`pec`).

/// A state of the embargo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Em {
    /// N: none.
    #[default]
    None,
    /// P: proposed, not yet in force.
    Proposed,
    /// A: in force.
    Active,
    /// R: in force, with a revision on the table.
    Revise,
    /// X: over for good.
    Exited,
}

/// What moves the embargo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Symbol {
    /// p: a proposal or revision.
    Propose,
    /// r: the last open one was rejected.
    Reject,
    /// a: an open one takes force.
    Accept,
    /// t: ended.
    Terminate,
}

impl Symbol {
    /// Every symbol.
    pub const ALL: [Self; 4] = [Self::Propose, Self::Reject, Self::Accept, Self::Terminate];

    /// Returns the letter of the log.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Propose => 'p',
            Self::Reject => 'r',
            Self::Accept => 'a',
            Self::Terminate => 't',
        }
    }
}

impl Em {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::None, Self::Proposed, Self::Active, Self::Revise, Self::Exited];

    /// Returns the letter.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "N",
            Self::Proposed => "P",
            Self::Active => "A",
            Self::Revise => "R",
            Self::Exited => "X",
        }
    }

    /// Tells whether terms hold, their end aside.
    #[must_use]
    pub const fn has_terms(self) -> bool {
        matches!(self, Self::Active | Self::Revise)
    }

    /// Returns the state after `symbol`, if the machine has such a move.
    #[must_use]
    pub const fn after(self, symbol: Symbol) -> Option<Self> {
        match (self, symbol) {
            (Self::None | Self::Proposed, Symbol::Propose) => Some(Self::Proposed),
            (Self::Proposed, Symbol::Reject) => Some(Self::None),
            (Self::Proposed | Self::Revise, Symbol::Accept) | (Self::Revise, Symbol::Reject) => {
                Some(Self::Active)
            }
            (Self::Active | Self::Revise, Symbol::Propose) => Some(Self::Revise),
            (Self::Active | Self::Revise, Symbol::Terminate) => Some(Self::Exited),
            _ => None,
        }
    }

    /// Returns the symbol that P or X forces: nothing is left to keep silent about.
    #[must_use]
    pub const fn on_public(self) -> Option<Symbol> {
        match self {
            Self::Proposed => Some(Symbol::Reject),
            Self::Active | Self::Revise => Some(Symbol::Terminate),
            Self::None | Self::Exited => None,
        }
    }

    /// Returns the symbol that attacks alone force: no new embargo, but one in force stays.
    #[must_use]
    pub const fn on_attacks(self) -> Option<Symbol> {
        match self {
            Self::Proposed => Some(Symbol::Reject),
            Self::None | Self::Active | Self::Revise | Self::Exited => None,
        }
    }
}
