//! What an import came to, for people: aligned on a terminal, else with tabs (portal.md, PO-87).

use std::io::{IsTerminal as _, Write as _};

use comity_formats::import::Imported;
use serde_json::Value;

/// Longest title shown, in Unicode scalar values.
const TITLE_MAX: usize = 60;

type Row = Vec<String>;

/// Prints counts, kinds, flags, rejections, reports and losses, those that there are.
pub(super) fn print(imported: &Imported) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let aligned = out.is_terminal();
    let mut text = String::new();
    for (name, rows) in sections(imported) {
        if rows.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(name);
        text.push('\n');
        text.push_str(&render(&rows, aligned));
    }
    out.write_all(text.as_bytes())?;
    Ok(())
}

fn sections(imported: &Imported) -> Vec<(&'static str, Vec<Row>)> {
    let document = &imported.document;
    let counted = |key: &str| -> Vec<Row> {
        let members = document.get(key).and_then(Value::as_object).into_iter().flatten();
        let mut rows: Vec<Row> =
            members.map(|(name, count)| vec![name.clone(), count.to_string()]).collect();
        rows.sort();
        rows
    };
    let listed = |key: &str, columns: &[&str]| -> Vec<Row> {
        let items = document.get(key).and_then(Value::as_array).into_iter().flatten();
        items.map(|item| columns.iter().map(|column| cell(item, column)).collect()).collect()
    };
    let counts = [
        ("files", imported.files),
        ("read", imported.read),
        ("accepted", imported.accepted),
        ("rejected", imported.rejected),
        ("flagged", imported.flagged),
    ];
    vec![
        ("Records", counts.map(|(name, count)| vec![name.to_owned(), count.to_string()]).to_vec()),
        ("Kinds", counted("by_kind")),
        ("Flags", counted("flags")),
        (
            "Rejected",
            listed("rejected", &["/file", "/line", "/index", "/code", "/record", "/reason"]),
        ),
        ("Reports", listed("reports", &["/id", "/kind", "/abstract/title"])),
        ("Not carried", listed("loss", &["/path", "/reason"])),
    ]
}

/// Foreign text is shown with control and direction marks escaped: it may try to redraw the terminal.
fn cell(item: &Value, pointer: &str) -> String {
    let text = match item.pointer(pointer) {
        None | Some(Value::Null) => return "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let max = if pointer == "/abstract/title" { TITLE_MAX } else { usize::MAX };
    let mut shown = String::new();
    for character in text.chars().take(max) {
        let hidden = character.is_control()
            || matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if hidden {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    if text.chars().nth(max).is_some() {
        shown.push('…');
    }
    shown
}

fn render(rows: &[Row], aligned: bool) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let line = if aligned {
            let cells = row.iter().zip(&widths).map(|(cell, width)| format!("  {cell:<width$}"));
            cells.collect::<String>().trim_end().to_owned()
        } else {
            row.join("\t")
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_redraw_the_terminal() {
        let item = serde_json::json!({"code": "a\u{1b}[2Jb\u{202e}c", "line": 3, "index": null});
        assert_eq!(cell(&item, "/code"), "a\\u{1b}[2Jb\\u{202e}c");
        assert_eq!(cell(&item, "/line"), "3");
        assert_eq!(cell(&item, "/index"), "-");
    }

    #[test]
    fn columns_are_aligned_on_a_terminal_and_tabs_elsewhere() {
        let rows =
            vec![vec!["a".to_owned(), "1".to_owned()], vec!["bbb".to_owned(), "22".to_owned()]];
        assert_eq!(render(&rows, true), "  a    1\n  bbb  22\n");
        assert_eq!(render(&rows, false), "a\t1\nbbb\t22\n");
    }
}
