//! `comity import`: foreign records as reports (lexicon.md, LX-29).
//!
//! Walks folders and reads files; what a record means is decided in `comity-formats`.

mod files;
mod progress;
mod table;

use std::fs::File;
use std::io::{BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

use comity_formats::import::{DOCUMENT_BYTES_MAX, Format, Imported, Run, Terms};

use self::files::{Line, Shape};
use self::progress::Progress;
use crate::output::{self, Outcome};

/// Arguments of `comity import`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The format of the records: avid, cve, osv or flare.
    #[arg(long, value_name = "FORMAT", value_parser = parse_format)]
    format: Format,
    /// A `.json` or `.jsonl` file, a folder of them, or `-` for standard input.
    #[arg(value_name = "FILE|DIR")]
    path: PathBuf,
    /// Print one `comity.import/1` document.
    #[arg(long)]
    json: bool,
    /// Leave the reports out.
    #[arg(long)]
    summary: bool,
}

fn parse_format(text: &str) -> Result<Format, String> {
    Format::parse(text).ok_or_else(|| "not one of avid, cve, osv, flare".to_owned())
}

/// Imports, prints, and answers 2 if nothing was accepted and something rejected.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let terms = Terms::embedded();
    let mut run = Run::new(arguments.format, &terms, !arguments.summary);
    if let Err(error) = read_all(arguments, &mut run) {
        return unreadable(&error);
    }
    anyhow::ensure!(
        !run.is_full(),
        "one import takes fewer than a million records: split the input"
    );
    let imported = run.finish();
    print(arguments, &imported)?;
    Ok(if imported.is_refused() { Outcome::Refused } else { Outcome::Done })
}

fn print(arguments: &Arguments, imported: &Imported) -> anyhow::Result<()> {
    if arguments.json { output::json(&imported.document) } else { table::print(imported) }
}

/// What cannot be read is a wrong call, not a fault (PO-88).
fn unreadable(error: &std::io::Error) -> anyhow::Result<Outcome> {
    writeln!(std::io::stderr(), "comity: {error}")?;
    Ok(Outcome::Refused)
}

fn read_all(arguments: &Arguments, run: &mut Run<'_>) -> std::io::Result<()> {
    if arguments.path == Path::new("-") {
        return read_unnamed(std::io::stdin().lock(), run, "-");
    }
    let found = files::find(&arguments.path).map_err(|error| named(&arguments.path, &error))?;
    let bytes = found.iter().map(|found| found.bytes).sum();
    let mut progress = Progress::new(bytes, arguments.json);
    for found in &found {
        let file = File::open(&found.path).map_err(|error| named(&found.path, &error))?;
        let result = match found.shape {
            Shape::Document => read_document(file, run, &found.name),
            Shape::Lines => read_lines(file, run, (&found.name, &mut progress)),
            Shape::Unknown => read_unnamed(file, run, &found.name),
        };
        result.map_err(|error| named(&found.path, &error))?;
        progress.reach(found.bytes, run.records_read());
        if run.is_full() {
            break;
        }
    }
    progress.end();
    Ok(())
}

fn named(path: &Path, error: &std::io::Error) -> std::io::Error {
    std::io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn read_document(file: File, run: &mut Run<'_>, name: &str) -> std::io::Result<()> {
    match read_bounded(file)? {
        Some(bytes) => run.document(name, &bytes),
        None => run.too_large(name, 1),
    }
    Ok(())
}

fn read_unnamed(input: impl std::io::Read, run: &mut Run<'_>, name: &str) -> std::io::Result<()> {
    match read_bounded(input)? {
        Some(bytes) => run.unnamed(name, &bytes),
        None => run.too_large(name, 1),
    }
    Ok(())
}

fn read_bounded(input: impl std::io::Read) -> std::io::Result<Option<Vec<u8>>> {
    let max = u64::try_from(DOCUMENT_BYTES_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    input.take(max.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(Some(bytes).filter(|bytes| bytes.len() <= DOCUMENT_BYTES_MAX))
}

fn read_lines(
    file: File,
    run: &mut Run<'_>,
    (name, progress): (&str, &mut Progress),
) -> std::io::Result<()> {
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut buffer = Vec::new();
    for line in 1.. {
        match files::read_line(&mut reader, &mut buffer)? {
            Line::End => break,
            Line::TooLarge => run.too_large(name, line),
            Line::Whole => run.line(name, line, &buffer),
        }
        progress.step(buffer.len(), run.records_read());
        if run.is_full() {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TESTDATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/import");

    fn import(format: Format, path: &str) -> Imported {
        let terms = Terms::embedded();
        let mut run = Run::new(format, &terms, true);
        let path = PathBuf::from(TESTDATA).join(path);
        read_all(&Arguments { format, path, json: true, summary: false }, &mut run).unwrap();
        run.finish()
    }

    #[test]
    fn a_folder_is_read_whole_and_an_empty_file_is_no_file_with_records() {
        let imported = import(Format::Avid, "dir");
        let expected = std::fs::read(format!("{TESTDATA}/dir_expected.json")).unwrap();
        let expected: serde_json::Value = serde_json::from_slice(&expected).unwrap();
        assert_eq!(imported.document["counts"], expected["counts"]);
        let files =
            imported.document["rejected"].as_array().unwrap().iter().map(|item| &item["file"]);
        assert!(
            files.eq(expected["rejected"].as_array().unwrap().iter().map(|item| &item["file"]))
        );
    }

    #[test]
    fn an_import_that_accepts_nothing_is_refused_only_if_something_was_there() {
        assert!(!import(Format::Avid, "bad/avid.jsonl").is_refused());
        assert!(import(Format::Osv, "bad/avid.jsonl").is_refused());
        assert!(!import(Format::Avid, "dir/z/empty.jsonl").is_refused());
        assert!(import(Format::Avid, "dir/z/empty.json").is_refused());
    }
}
