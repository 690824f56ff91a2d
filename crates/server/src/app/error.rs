//! How a use case says no: a refusal with codes, or a fault of ours. One type for pages, API and CLI.
//!
//! Not here: words (locales) and HTTP bodies (`api::problem`, `web`).

use comity_core::access::{Denied, Scope};
use comity_core::refusal::Refusal;

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Too much at once; try again after so many seconds.
    #[error("busy")]
    Busy {
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// The state moved since the caller looked.
    #[error("the state changed")]
    Changed,
    /// Ours: logged once where it is handled, shown as an incident number.
    #[error("fault")]
    Fault(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The asker needs a token.
    #[error("a token is needed")]
    NoToken,
    /// Absent, or not to be seen: the two look alike.
    #[error("not found")]
    NotFound,
    /// Too many requests in this window.
    #[error("rate limited")]
    RateLimited {
        /// Seconds to wait.
        retry_after_s: u32,
    },
    /// What was sent is not acceptable; every cause with its place.
    #[error("refused")]
    Refused(Vec<Refusal>),
    /// The thing is visible, but the token lacks a scope.
    #[error("scope missing")]
    ScopeMissing(Scope),
}

impl AppError {
    /// Returns a refusal of the whole with one code.
    #[must_use]
    pub fn refused(code: &'static str) -> Self {
        Self::Refused(vec![Refusal::new(code, "")])
    }

    /// Returns a refusal at `pointer`.
    #[must_use]
    pub fn refused_at(code: &'static str, pointer: impl Into<String>) -> Self {
        Self::Refused(vec![Refusal::new(code, pointer)])
    }

    /// Returns the error with everything that caused it, for the log.
    #[must_use]
    pub fn causes(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }

    /// Wraps a fault.
    pub fn fault(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Fault(error.into())
    }
}

impl From<Denied> for AppError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Role => Self::NotFound,
            Denied::Scope(scope) => Self::ScopeMissing(scope),
        }
    }
}

impl From<Vec<Refusal>> for AppError {
    fn from(refusals: Vec<Refusal>) -> Self {
        Self::Refused(refusals)
    }
}
