//! A vendor's remedy: aware, fix ready, deployed.
//!
//! ```text
//! vfd ──V aware──► Vfd ──F fix ready──► VFd ──D deployed──► VFD
//!                   ▲ ◄──────────── incomplete ──────────────┘   (before P; next round)
//! ```
//!
//! D implies F implies V. Not here: what the world knows (`pxa`), and deployers, who only have d and D.

/// A state of a vendor's remedy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Vfd {
    /// `vfd`: not aware.
    #[default]
    Unaware,
    /// `Vfd`: aware.
    Aware,
    /// `VFd`: a fix is ready.
    Ready,
    /// `VFD`: the fix is deployed.
    Deployed,
}

impl Vfd {
    /// Every state, in order of life.
    pub const ALL: [Self; 4] = [Self::Unaware, Self::Aware, Self::Ready, Self::Deployed];

    /// Returns the three letters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unaware => "vfd",
            Self::Aware => "Vfd",
            Self::Ready => "VFd",
            Self::Deployed => "VFD",
        }
    }

    /// Returns the next state and the letter of the event that leads there.
    #[must_use]
    pub const fn next(self) -> Option<(char, Self)> {
        match self {
            Self::Unaware => Some(('V', Self::Aware)),
            Self::Aware => Some(('F', Self::Ready)),
            Self::Ready => Some(('D', Self::Deployed)),
            Self::Deployed => None,
        }
    }
}
