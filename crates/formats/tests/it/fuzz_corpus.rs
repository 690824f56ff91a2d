//! The corpus of the fuzz targets, run through their bodies: what a fuzzer once found stays found.
//!
//! Not here: fuzzing, which `fuzz/` does with a nightly compiler.

#[path = "../../../../fuzz/src/lib.rs"]
#[expect(
    clippy::expect_used,
    unreachable_pub,
    reason = "a library there, where a broken promise fails"
)]
mod bodies;

use std::fs;

#[test]
fn every_input_of_the_corpus_keeps_its_promises() {
    let mut count = 0;
    for (name, body) in bodies::ALL {
        let folder = format!("{}/../../fuzz/corpus/{name}", env!("CARGO_MANIFEST_DIR"));
        let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
        let before = count;
        for file in files {
            let path = file.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            println!("{}", path.display());
            body(&bytes);
            // A file cut short anywhere is as good an input.
            for part in 1..8 {
                body(bytes.get(..bytes.len() * part / 8).unwrap());
            }
            count += 1;
        }
        assert!(count > before + 1, "{name} has too few inputs");
    }
}
