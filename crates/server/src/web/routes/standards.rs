//! Pages about the standards kept here.

use std::collections::BTreeMap;

use comity_core::cert::day::Day;
use comity_core::cert::figures::Figure;
use comity_core::cert::word::Word as _;
use jiff::Timestamp;
use serde_json::Value;

use super::{Answer, Reader};
use crate::app::AppError;
use crate::app::cert::Procedure;
use crate::web::view::{FigurePart, FigureRow, ProcedureView, StandardItem, StandardsView};
use crate::web::visible::Foreign;

/// Standards of one page.
const ROWS: u32 = 50;

/// `/standards?after=`
pub(super) async fn standards(reader: Reader) -> Answer {
    let after = reader.query("after");
    let hub = reader.site.hub();
    let found = hub.list_standards(Some(after).filter(|after| !after.is_empty()), ROWS).await?;
    let text = |item: &Value, key: &str| {
        item.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let items = found.items.iter().map(|item| {
        let title = item.get("title").cloned().unwrap_or_default();
        let title: BTreeMap<String, String> = serde_json::from_value(title).unwrap_or_default();
        StandardItem {
            id: text(item, "standard"),
            title: titled(&title, reader.locale.tag()),
            simulated: item.get("simulated").and_then(Value::as_bool).unwrap_or_default(),
            jurisdictions: item.get("jurisdictions").and_then(Value::as_u64).unwrap_or_default(),
        }
    });
    let next = found.next.map(|after| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        format!("/standards?{}", query.append_pair("after", &after).finish())
    });
    reader.public("/standards", &StandardsView { items: items.collect(), next })
}

/// `/standards/{standard}/procedure`
pub(super) async fn procedure(reader: Reader) -> Answer {
    let id = reader.param("standard");
    let procedure = reader.site.hub().procedure(id).await?;
    let view = procedure_view(&procedure, reader.locale.tag())?;
    reader.public(format!("/standards/{}/procedure", procedure.standard), &view)
}

fn procedure_view(procedure: &Procedure, tag: &str) -> Result<ProcedureView, AppError> {
    let day = |day: &Day| -> Result<Timestamp, AppError> {
        format!("{day}T00:00:00Z").parse().map_err(|error: jiff::Error| AppError::fault(error))
    };
    let mut parts: Vec<FigurePart> = Vec::new();
    for figure in &procedure.figures {
        match parts.last_mut().filter(|part| part.part == figure.part) {
            Some(part) => part.figures.push(row(figure)),
            None => {
                parts.push(FigurePart { part: figure.part.to_owned(), figures: vec![row(figure)] });
            }
        }
    }
    Ok(ProcedureView {
        standard: procedure.standard.clone(),
        title: titled(&procedure.title, tag),
        profile: format!("{}@{}", procedure.profile, procedure.version),
        valid_from: day(&procedure.valid_from)?,
        valid_until: day(&procedure.valid_until)?,
        warnings: procedure.figures.iter().filter(|figure| figure.warning).count(),
        parts,
        holidays: procedure.holidays.iter().map(day).collect::<Result<_, _>>()?,
    })
}

fn row(figure: &Figure) -> FigureRow {
    FigureRow {
        of: figure.of.clone(),
        // Messages are named with hyphens; a rule's test has words of the profile alone.
        member: if figure.member.contains(' ') {
            figure.member.clone()
        } else {
            figure.member.replace('_', "-")
        },
        value: figure.value.clone(),
        unit: figure.unit.as_str(),
        analogue: figure.analogue.clone(),
        confidence: figure.confidence.map(comity_core::cert::word::Word::as_str),
        warning: figure.warning,
    }
}

/// Returns a title in the reader's language, or in the first there is.
fn titled(title: &BTreeMap<String, String>, tag: &str) -> Foreign {
    let found = title.get_key_value(tag).or_else(|| title.iter().next());
    found.map_or_else(
        || Foreign::new("", None),
        |(lang, text)| Foreign::new(text.clone(), Some(lang.as_str())),
    )
}
