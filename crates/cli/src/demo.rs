//! `comity demo`.

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(_arguments: &Arguments) -> anyhow::Result<crate::output::Outcome> {
    anyhow::bail!("not yet")
}
