//! Placeholder.

/// Arguments.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Arguments {
    /// Fold.
    Fold,
}

pub(crate) fn run(_arguments: &Arguments) -> anyhow::Result<crate::output::Outcome> {
    anyhow::bail!("not written")
}
