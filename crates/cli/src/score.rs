//! `comity score`: the score of each CVSS vector (lexicon.md, LX-28).

use std::io::{BufRead as _, Read as _, Write as _};

use comity_core::severity::cvss::{self, Kind, Score, Severity, Version};
use comity_core::severity::vector::{Cause, Fault};
use serde::Serialize;

use crate::output::{self, Outcome};

/// The longest standard input.
const INPUT_BYTES_MAX: u64 = 64 << 20;

/// Arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Vectors; a single `-` reads standard input, one a line.
    #[arg(value_name = "VECTOR", required = true)]
    vectors: Vec<String>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// A vector and the line it stands on; the place among the arguments counts as its line.
struct Input {
    line: usize,
    text: String,
}

#[derive(Serialize)]
struct Document<'i> {
    schema: &'static str,
    results: Vec<Entry<'i>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Entry<'i> {
    Bad {
        input: &'i str,
        line: usize,
        metric: &'i str,
        cause: Cause,
    },
    Good {
        input: &'i str,
        vector: &'i str,
        version: Version,
        kind: Kind,
        score: f64,
        severity: Severity,
    },
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let inputs = match inputs(&arguments.vectors) {
        Ok(inputs) => inputs,
        Err(error) => {
            writeln!(std::io::stderr(), "comity: -: {error}")?;
            return Ok(Outcome::Refused);
        }
    };
    let results: Vec<Result<Score, Fault>> =
        inputs.iter().map(|input| cvss::parse(&input.text)).collect();
    let pairs = || inputs.iter().zip(&results);
    for (input, result) in pairs() {
        if let Err(fault) = result {
            writeln!(
                std::io::stderr(),
                "line {}: {}: {}",
                input.line,
                fault.metric,
                fault.cause.code()
            )?;
        }
    }
    if arguments.json {
        let results = pairs().map(|(input, result)| entry(input, result)).collect();
        output::json(&Document { schema: "comity.score/1", results })?;
    } else {
        let lines: String = pairs().map(|(input, result)| line(input, result)).collect();
        std::io::stdout().lock().write_all(lines.as_bytes())?;
    }
    Ok(if results.iter().all(Result::is_ok) { Outcome::Done } else { Outcome::Refused })
}

fn inputs(vectors: &[String]) -> std::io::Result<Vec<Input>> {
    if vectors != ["-"] {
        let numbered = vectors.iter().zip(1..);
        return Ok(numbered.map(|(text, line)| Input { line, text: text.clone() }).collect());
    }
    let mut found = Vec::new();
    let mut reader = std::io::stdin().lock().take(INPUT_BYTES_MAX + 1);
    let mut bytes = Vec::new();
    for line in 1.. {
        bytes.clear();
        if reader.read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        if reader.limit() == 0 {
            return Err(std::io::Error::other("standard input is over 64 MiB"));
        }
        let text = String::from_utf8_lossy(&bytes).trim().to_owned();
        if !text.is_empty() && !text.starts_with('#') {
            found.push(Input { line, text });
        }
    }
    Ok(found)
}

fn line(input: &Input, result: &Result<Score, Fault>) -> String {
    match result {
        Ok(score) => format!("{}\t{}\t{}\n", score.score, score.severity().key(), score.vector),
        Err(_) => format!("-\tinvalid\t{}\n", input.text),
    }
}

fn entry<'i>(input: &'i Input, result: &'i Result<Score, Fault>) -> Entry<'i> {
    let text = &input.text;
    match result {
        Ok(score) => Entry::Good {
            input: text,
            vector: &score.vector,
            version: score.version,
            kind: score.kind,
            score: score.score.number(),
            severity: score.severity(),
        },
        Err(fault) => {
            Entry::Bad { input: text, line: input.line, metric: &fault.metric, cause: fault.cause }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(vectors: &[&str]) -> Vec<(Input, Result<Score, Fault>)> {
        let vectors: Vec<String> = vectors.iter().map(ToString::to_string).collect();
        let inputs = inputs(&vectors).unwrap().into_iter();
        inputs
            .map(|input| {
                let result = cvss::parse(&input.text);
                (input, result)
            })
            .collect()
    }

    #[test]
    fn a_vector_is_printed_in_the_order_of_the_specification() {
        let check = |vector: &str, expected: &str| {
            let lines: String =
                scored(&[vector]).iter().map(|(input, result)| line(input, result)).collect();
            assert_eq!(lines, expected);
        };
        check(
            "CVSS:3.1/RL:X/A:H/I:H/C:H/S:U/UI:N/PR:N/AC:L/AV:N",
            "9.8\tcritical\tCVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\n",
        );
        check("AIX:1.0/TR:M", "-\tinvalid\tAIX:1.0/TR:M\n");
    }

    #[test]
    fn the_document_names_line_metric_and_cause_of_a_bad_vector() {
        let pairs = scored(&["CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", "CVSS:4.0/AC:L"]);
        let results = pairs.iter().map(|(input, result)| entry(input, result)).collect();
        let document =
            serde_json::to_value(Document { schema: "comity.score/1", results }).unwrap();
        let expected = serde_json::json!({
            "schema": "comity.score/1",
            "results": [
                {
                    "input": "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", "kind": "B", "score": 0.0,
                    "severity": "none", "vector": "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", "version": "3.1",
                },
                { "input": "CVSS:4.0/AC:L", "line": 2, "metric": "AV", "cause": "missing-metric" },
            ],
        });
        assert_eq!(document, expected);
    }
}
