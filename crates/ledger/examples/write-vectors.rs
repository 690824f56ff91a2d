//! Writes `testdata/ledger` anew; the vectors themselves are made beside the tests that check them.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "shares the code of tests, of which it uses a part"
)]

#[path = "../tests/it/vectors.rs"]
mod vectors;
#[path = "../tests/it/world.rs"]
mod world;

fn main() -> std::io::Result<()> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/ledger");
    std::fs::create_dir_all(folder)?;
    for (name, text) in vectors::files() {
        std::fs::write(format!("{folder}/{name}"), text)?;
    }
    Ok(())
}
