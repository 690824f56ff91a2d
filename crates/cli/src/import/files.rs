//! Finding the files of an import and reading lines of bounded length.

use std::fs::{self, Metadata};
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use comity_formats::import::RECORD_BYTES_MAX;

/// Files of one folder at most, and folders inside one another.
const FILES_MAX: usize = 100_000;
const DEPTH_MAX: usize = 64;

/// Room for a byte order mark and a line end beside a record.
const LINE_BYTES_MAX: usize = RECORD_BYTES_MAX + 8;

/// How records lie in a file, as its name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One document: an object or an array.
    Document,
    /// One record a line.
    Lines,
    /// The name does not say.
    Unknown,
}

/// A file to read.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    /// Relative to the folder, with `/`; or the name of the file alone.
    pub(super) name: String,
    pub(super) shape: Shape,
    pub(super) bytes: u64,
}

/// Returns the file, or the `.json` and `.jsonl` files below a folder by path bytes.
pub(super) fn find(path: &Path) -> io::Result<Vec<Found>> {
    let about = fs::metadata(path)?;
    let mut found = Vec::new();
    if about.is_dir() {
        walk(path, "", 0, &mut found)?;
        found.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
    } else {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        found.push(Found { path: path.to_owned(), shape: shape(path), name, bytes: about.len() });
    }
    Ok(found)
}

fn shape(path: &Path) -> Shape {
    let extension = path.extension().unwrap_or_default();
    if extension.eq_ignore_ascii_case("json") {
        Shape::Document
    } else if extension.eq_ignore_ascii_case("jsonl") {
        Shape::Lines
    } else {
        Shape::Unknown
    }
}

/// Links to folders are not followed: they can form a circle.
fn walk(folder: &Path, prefix: &str, depth: usize, found: &mut Vec<Found>) -> io::Result<()> {
    if depth > DEPTH_MAX {
        return Err(io::Error::other(format!("folders are over {DEPTH_MAX} deep")));
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            walk(&path, &format!("{name}/"), depth + 1, found)?;
            continue;
        }
        let shape = shape(&path);
        let Some(about) = fs::metadata(&path).ok().filter(Metadata::is_file) else { continue };
        if shape == Shape::Unknown {
            continue;
        }
        if found.len() >= FILES_MAX {
            return Err(io::Error::other(format!("over {FILES_MAX} files")));
        }
        found.push(Found { path, name, shape, bytes: about.len() });
    }
    Ok(())
}

/// What a line was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// No further line.
    End,
    /// Over the limit; skipped without being held.
    TooLarge,
    /// In the buffer, without its line end.
    Whole,
}

/// Reads one line into the buffer, which never grows over the limit.
pub(super) fn read_line(reader: &mut impl BufRead, buffer: &mut Vec<u8>) -> io::Result<Line> {
    buffer.clear();
    let (mut any, mut over) = (false, false);
    loop {
        let chunk = match reader.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        if chunk.is_empty() {
            break;
        }
        any = true;
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
        over = over || buffer.len() + part.len() > LINE_BYTES_MAX;
        if !over {
            buffer.extend_from_slice(part);
        }
        let used = part.len() + usize::from(end.is_some());
        reader.consume(used);
        if end.is_some() {
            break;
        }
    }
    Ok(match (any, over) {
        (false, _) => Line::End,
        (true, true) => Line::TooLarge,
        (true, false) => Line::Whole,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_at_line_ends_and_long_ones_skipped() {
        let text =
            [b"one\n\ntwo\r\n".as_slice(), &vec![b'x'; LINE_BYTES_MAX + 1], b"\nlast"].concat();
        let mut reader = io::BufReader::with_capacity(7, text.as_slice());
        let mut buffer = Vec::new();
        let mut seen = Vec::new();
        loop {
            let line = read_line(&mut reader, &mut buffer).unwrap();
            if line == Line::End {
                break;
            }
            let text = if line == Line::Whole { buffer.clone() } else { b"-".to_vec() };
            seen.push(String::from_utf8(text).unwrap());
            assert!(buffer.len() <= LINE_BYTES_MAX);
        }
        assert_eq!(seen, ["one", "", "two\r", "-", "last"]);
    }

    #[test]
    fn a_folder_is_sorted_by_path_bytes_and_other_files_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("b/c")).unwrap();
        for name in ["b/c/x.jsonl", "b.json", "b/a.JSON", "a.txt", "Z.jsonl"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let names: Vec<String> =
            find(folder.path()).unwrap().into_iter().map(|found| found.name).collect();
        assert_eq!(names, ["Z.jsonl", "b.json", "b/a.JSON", "b/c/x.jsonl"]);
    }
}
