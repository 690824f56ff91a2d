//! What the world knows and does: flaw public, exploit public, attacks observed.
//!
//! ```text
//! pxa ──P──► Pxa ──X──► PXa        each of them ──A──► the same with A
//!  └───────X, and P at once───────► ▲
//! ```
//!
//! Joined with a vendor's remedy it gives the 32 states of a case, of which 20 are ever seen: `v` with
//! `P` passes to `V`, and `p` with `X` to `P`, in one step. Not here: whose claims count (`claim`).

use super::vfd::Vfd;
use super::word::Letter;

/// What the world knows and does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pxa {
    /// P: the flaw is public.
    pub public: bool,
    /// X: an exploit is public.
    pub exploit: bool,
    /// A: attacks were observed.
    pub attacks: bool,
}

impl Pxa {
    /// Returns the three letters, upper case for what happened.
    #[must_use]
    pub fn letters(self) -> String {
        let pick = |happened, yes, no| if happened { yes } else { no };
        [pick(self.public, 'P', 'p'), pick(self.exploit, 'X', 'x'), pick(self.attacks, 'A', 'a')]
            .iter()
            .collect()
    }

    /// Tells whether `letter` happened.
    #[must_use]
    pub const fn has(self, letter: Letter) -> bool {
        match letter {
            Letter::Public => self.public,
            Letter::Exploit => self.exploit,
            Letter::Attacks => self.attacks,
        }
    }

    /// Returns the same with `letter`; the model's single step, without what it forces.
    #[must_use]
    pub const fn with(mut self, letter: Letter) -> Self {
        match letter {
            Letter::Public => self.public = true,
            Letter::Exploit => self.exploit = true,
            Letter::Attacks => self.attacks = true,
        }
        self
    }
}

/// A vendor's case state, `vfdpxa`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseState {
    /// The vendor's remedy.
    pub vfd: Vfd,
    /// The world.
    pub pxa: Pxa,
}

impl CaseState {
    /// Returns the 32 states.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut states = Vec::new();
        for vfd in Vfd::ALL {
            for bits in 0..8u8 {
                let pxa =
                    Pxa { public: bits & 4 != 0, exploit: bits & 2 != 0, attacks: bits & 1 != 0 };
                states.push(Self { vfd, pxa });
            }
        }
        states
    }

    /// Returns the six letters.
    #[must_use]
    pub fn letters(self) -> String {
        format!("{}{}", self.vfd.as_str(), self.pxa.letters())
    }

    /// Tells whether the state is passed at once: the next event is forced.
    #[must_use]
    pub fn is_ephemeral(self) -> bool {
        self.forced().is_some()
    }

    /// The event that must come next, if any: P after X, then V after P.
    fn forced(self) -> Option<char> {
        if self.pxa.exploit && !self.pxa.public {
            Some('P')
        } else if self.pxa.public && self.vfd == Vfd::Unaware {
            Some('V')
        } else {
            None
        }
    }

    /// Returns the state after each event that may come next.
    #[must_use]
    pub fn next(self) -> Vec<(char, Self)> {
        let mut next = Vec::new();
        if let Some((event, vfd)) = self.vfd.next() {
            next.push((event, Self { vfd, ..self }));
        }
        for (event, letter) in
            [('P', Letter::Public), ('X', Letter::Exploit), ('A', Letter::Attacks)]
        {
            if !self.pxa.has(letter) {
                next.push((event, Self { pxa: self.pxa.with(letter), ..self }));
            }
        }
        if let Some(forced) = self.forced() {
            next.retain(|(event, _)| *event == forced);
        }
        next
    }
}
