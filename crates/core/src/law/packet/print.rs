//! A packet on paper: plain text, and one page of HTML without script.

use std::fmt::Write as _;

use super::{Packet, State};

/// Columns of the printed text.
const COLUMNS: usize = 78;

impl Packet {
    /// Returns the packet as plain text to be printed.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = wrapped(&self.notice, "");
        let date = |at: Option<_>| at.map_or_else(|| "none".to_owned(), |at| format!("{at}"));
        let to: Vec<&str> = self.to.iter().map(|to| to.name.as_str()).collect();
        let _infallible = write!(
            out,
            "\nCase      {}\nDuty      {}\nTo        {}\nTarget    {}\nOuter     {}\nStatus    {}\n",
            line(&self.case),
            line(&self.duty),
            line(&to.join("; ")),
            date(self.target),
            date(self.outer),
            self.status
        );
        let level = self.min_level.map_or("none", |level| level.as_str());
        let _infallible = writeln!(out, "Level     {level} (nothing above it is put in)");
        if !self.warnings.is_empty() {
            let _infallible = writeln!(out, "Warnings  {}", self.warnings.join(", "));
        }
        if self.form == "general" {
            out.push_str(&wrapped(
                "No pack describes the form of this authority; these are the usual questions.",
                "",
            ));
        }
        for field in &self.fields {
            let mark = if field.optional { ", may stay empty" } else { "" };
            let _infallible = writeln!(out, "\n{} [{}{mark}]", field.label, field.name);
            let level = field.level.as_str();
            let answer = match (field.state, &field.value) {
                (State::Filled, Some(value)) => wrapped(value, "    "),
                (State::Withheld, _) => {
                    format!("    (withheld: {level} is more than this stage needs)\n")
                }
                (State::Filled | State::Gap, _) => "    ________________________\n".to_owned(),
            };
            out.push_str(&answer);
        }
        let _infallible = writeln!(out, "\nTo be answered still: {}", self.gaps.len());
        for source in &self.sources {
            out.push_str(&wrapped(&format!("Source: {source}"), ""));
        }
        out
    }

    /// Returns the packet as one page of HTML.
    #[must_use]
    pub fn html(&self) -> String {
        let mut out =
            String::from("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
        let title = escaped(&self.duty);
        let _infallible = write!(
            out,
            "<title>{title}</title></head><body><p><strong>{}</strong></p><h1>{title}</h1><dl>",
            escaped(&self.notice)
        );
        let date = |at: Option<_>| at.map_or_else(|| "none".to_owned(), |at| format!("{at}"));
        let to: Vec<&str> = self.to.iter().map(|to| to.name.as_str()).collect();
        for (name, value) in [
            ("Case", self.case.clone()),
            ("To", to.join("; ")),
            ("Target", date(self.target)),
            ("Outer", date(self.outer)),
            ("Status", self.status.to_owned()),
            ("Warnings", self.warnings.join(", ")),
        ] {
            let _infallible = write!(out, "<dt>{name}</dt><dd>{}</dd>", escaped(&value));
        }
        out.push_str("</dl><table><thead><tr><th>Question</th><th>Answer</th></tr></thead><tbody>");
        for field in &self.fields {
            let answer = match (field.state, &field.value) {
                (State::Filled, Some(value)) => escaped(value),
                (State::Withheld, _) => {
                    format!("withheld: {} is more than this stage needs", field.level.as_str())
                }
                (State::Filled | State::Gap, _) if field.optional => "may stay empty".to_owned(),
                (State::Filled | State::Gap, _) => "to be answered".to_owned(),
            };
            let _infallible = write!(
                out,
                "<tr><th scope=\"row\">{}</th><td>{answer}</td></tr>",
                escaped(&field.label)
            );
        }
        out.push_str("</tbody></table></body></html>\n");
        out
    }
}

/// One line, without what would break or disguise it.
fn line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

fn wrapped(text: &str, indent: &str) -> String {
    let mut out = String::new();
    for paragraph in text.lines() {
        let mut column = 0;
        for word in line(paragraph).split_whitespace() {
            let width = word.chars().count();
            if column > 0 && column + 1 + width > COLUMNS {
                out.push('\n');
                column = 0;
            }
            if column == 0 {
                out.push_str(indent);
                column = indent.chars().count();
            } else {
                out.push(' ');
                column += 1;
            }
            out.push_str(word);
            column += width;
        }
        out.push('\n');
    }
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push_str("<br>"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}
