//! A catalogue read as a version of the standard, and kept whole (CT-06, CT-07).
//!
//! Area is a group, question a part `assessment-objective`, method a part `assessment-method`; what
//! OSCAL has no word for stands in properties of our name space. Not here: writing one (`write`).

use comity_core::cert::catalogue::{
    Area, AreaTitle, CONTROLS_MAX, Control, Method, MethodKind, Question, Standard, Statistic,
};
use comity_core::cert::day::Day;
use comity_core::cert::word::Word;
use comity_core::refusal::{Refusal, child};
use serde_json::Value;

use super::{NS, Object, each, invalid, object, property, read, text, text_or_none};

/// A catalogue: the whole document and what the standard is in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Catalogue {
    document: Value,
    standard: Standard,
}

impl Catalogue {
    /// Imports a catalogue; members it does not know are kept.
    pub fn import(bytes: &[u8]) -> Result<Self, Refusal> {
        let document = read(bytes, "catalog")?;
        let catalog = document.get("catalog").and_then(Value::as_object);
        let catalog = catalog.ok_or_else(|| invalid("", "catalog"))?;
        let standard = standard(catalog)?;
        Ok(Self { document, standard })
    }

    /// Returns the standard.
    #[must_use]
    pub const fn standard(&self) -> &Standard {
        &self.standard
    }

    /// Returns the document, equal to what was imported as JSON.
    #[must_use]
    pub const fn export(&self) -> &Value {
        &self.document
    }

    /// Returns the `comity.standard/1` document, which carries the catalogue whole in `oscal`.
    #[must_use]
    pub fn to_document(&self) -> Value {
        let mut document = serde_json::to_value(&self.standard).unwrap_or_default();
        if let Value::Object(members) = &mut document {
            members.insert("type".into(), comity_core::cert::catalogue::TYPE.into());
            members.insert("oscal".into(), self.document.clone());
        }
        document
    }

    /// Returns the catalogue of a `comity.standard/1` document: the one it carries, or else a new one.
    ///
    /// A document whose plain members and catalogue differ says two things and is refused.
    pub fn of_document(bytes: &[u8]) -> Result<Value, Refusal> {
        let standard = Standard::parse(bytes)?;
        let whole: Value =
            serde_json::from_slice(bytes).map_err(|_| Refusal::new("json-invalid", ""))?;
        let Some(carried) = whole.get("oscal") else {
            return Ok(super::write_catalogue(&standard));
        };
        let carried = serde_json::to_vec(carried).map_err(|_| invalid("", "oscal"))?;
        let carried = Self::import(&carried).map_err(|mut refusal| {
            refusal.pointer.insert_str(0, "/oscal");
            refusal
        })?;
        if carried.standard != standard {
            return Err(Refusal::new("catalogue-differs", "/oscal"));
        }
        Ok(carried.document)
    }
}

/// Where things stand in the catalogue, to point at them when the standard as a whole is refused.
#[derive(Default)]
struct Places {
    controls: Vec<String>,
    questions: Vec<Vec<String>>,
}

impl Places {
    /// Turns a pointer into the standard into one into the catalogue, as near as it is known.
    fn turn(&self, mut refusal: Refusal) -> Refusal {
        let steps: Vec<&str> = refusal.pointer.split('/').skip(1).collect();
        let number = |at: usize| steps.get(at).and_then(|step| step.parse::<usize>().ok());
        let control = number(1).filter(|_| steps.first() == Some(&"controls"));
        let place = control.and_then(|control| {
            let question = number(3).and_then(|q| self.questions.get(control)?.get(q));
            question.or_else(|| self.controls.get(control))
        });
        refusal.pointer = place.cloned().unwrap_or_else(|| "/catalog".to_owned());
        refusal
    }
}

fn standard(catalog: &Object) -> Result<Standard, Refusal> {
    let at = "/catalog/metadata";
    let metadata = object(catalog, "metadata", "/catalog")?;
    let owned = |name| Ok::<_, Refusal>(property(metadata, name, at)?.map(|(v, _)| v.to_owned()));
    let mut reader = Reader::default();
    reader.read(catalog)?;
    let standard = Standard {
        id: identifier(metadata, at)?,
        title: text(metadata, "title", at)?.to_owned(),
        version: text(metadata, "version", at)?.to_owned(),
        language: owned("language")?.unwrap_or_else(|| "en".to_owned()),
        authentic: flag(metadata, "authentic", at)?,
        applicable_from: day(metadata, "applicable-from", at)?,
        sunset_at: day(metadata, "sunset-at", at)?,
        areas: reader.areas,
        controls: reader.controls,
    };
    standard.check().map_err(|refusal| reader.places.turn(refusal))?;
    Ok(standard)
}

/// Returns the id of the standard, which stands among the document ids in our scheme.
fn identifier(metadata: &Object, at: &str) -> Result<String, Refusal> {
    for (id, pointer) in each(metadata, "document-ids", at)? {
        if text_or_none(id, "scheme", &pointer)? == Some(NS) {
            return Ok(text(id, "identifier", &pointer)?.to_owned());
        }
    }
    Err(invalid(at, "document-ids"))
}

fn day(holder: &Object, name: &str, at: &str) -> Result<Option<Day>, Refusal> {
    let Some((value, pointer)) = property(holder, name, at)? else { return Ok(None) };
    Day::parse(value).map(Some).ok_or_else(|| Refusal::new("bad-date", pointer))
}

/// Returns a property that is `true` or `false`; false without one.
fn flag(holder: &Object, name: &str, at: &str) -> Result<bool, Refusal> {
    match property(holder, name, at)? {
        None | Some(("false", _)) => Ok(false),
        Some(("true", _)) => Ok(true),
        Some((_, pointer)) => Err(Refusal::new("field-invalid", pointer)),
    }
}

#[derive(Default)]
struct Reader {
    areas: Vec<AreaTitle>,
    controls: Vec<Control>,
    places: Places,
}

/// A group or control that waits to be read, with the area of the group it is in.
struct Waiting<'v> {
    object: &'v Object,
    at: String,
    is_group: bool,
    area: Option<Area>,
}

impl Reader {
    /// Reads groups and controls in the order of the document, however they nest.
    fn read(&mut self, catalog: &Object) -> Result<(), Refusal> {
        let mut waiting = inside(catalog, "/catalog", None)?;
        while let Some(next) = waiting.pop() {
            let area = if next.is_group {
                self.group(&next)?
            } else {
                if self.controls.len() >= CONTROLS_MAX {
                    return Err(Refusal::new("limit-size", next.at));
                }
                Some(self.control(&next)?)
            };
            waiting.extend(inside(next.object, &next.at, area)?);
        }
        Ok(())
    }

    fn group(&mut self, next: &Waiting<'_>) -> Result<Option<Area>, Refusal> {
        let own = text_or_none(next.object, "id", &next.at)?.and_then(Area::parse);
        let title = text(next.object, "title", &next.at)?;
        let Some(area) = own else { return Ok(next.area) };
        if self.areas.iter().any(|known| known.area == area) {
            return Err(Refusal::new("catalogue-bad-area", child(&next.at, "id")));
        }
        self.areas.push(AreaTitle { area, title: title.to_owned() });
        Ok(Some(area))
    }

    fn control(&mut self, next: &Waiting<'_>) -> Result<Area, Refusal> {
        let (control, at) = (next.object, next.at.as_str());
        let id = text(control, "id", at)?;
        let area = area_of(control, at, next.area)?;
        if !self.areas.iter().any(|known| known.area == area) {
            // A flat baseline has no groups, and so no title but the area's own word.
            self.areas.push(AreaTitle { area, title: area.as_str().to_owned() });
        }
        let (statement, questions, places) = parts(control, at, area)?;
        self.controls.push(Control {
            id: id.to_owned(),
            area,
            title: text(control, "title", at)?.to_owned(),
            statement,
            knock_out: flag(control, "knock-out", at)?,
            questions,
        });
        self.places.controls.push(at.to_owned());
        self.places.questions.push(places);
        Ok(area)
    }
}

/// Returns what is directly inside, last first, as a stack wants it.
fn inside<'v>(
    holder: &'v Object,
    at: &str,
    area: Option<Area>,
) -> Result<Vec<Waiting<'v>>, Refusal> {
    let wait =
        |is_group| move |(object, at): (&'v Object, String)| Waiting { object, at, is_group, area };
    let mut all: Vec<Waiting<'v>> = Vec::new();
    all.extend(each(holder, "controls", at)?.into_iter().map(wait(false)));
    all.extend(each(holder, "groups", at)?.into_iter().map(wait(true)));
    all.reverse();
    Ok(all)
}

/// Returns the one area of a control or question: its property, which agrees with where it stands.
fn area_of(holder: &Object, at: &str, around: Option<Area>) -> Result<Area, Refusal> {
    let bad = |pointer: String| Refusal::new("catalogue-bad-area", pointer);
    let own = match property(holder, "area", at)? {
        None => None,
        Some((value, pointer)) => Some(Area::parse(value).ok_or_else(|| bad(pointer))?),
    };
    match (own, around) {
        (Some(own), Some(around)) if own != around => Err(bad(child(at, "props"))),
        (Some(area), _) | (None, Some(area)) => Ok(area),
        (None, None) => Err(bad(child(at, "props"))),
    }
}

type Parts = (Option<String>, Vec<Question>, Vec<String>);

fn parts(control: &Object, at: &str, area: Area) -> Result<Parts, Refusal> {
    let (mut statement, mut questions, mut places) = (None, Vec::new(), Vec::new());
    let all = each(control, "parts", at)?;
    for (part, at) in &all {
        match text(part, "name", at)? {
            "statement" => statement = text_or_none(part, "prose", at)?.map(str::to_owned),
            "assessment-objective" => {
                questions.push(question(part, at, area)?);
                places.push(at.clone());
            }
            _ => {}
        }
    }
    for (part, at) in &all {
        if text(part, "name", at)? == "assessment-method" {
            let Some((of, pointer)) = property(part, "question", at)? else { continue };
            let question = questions.iter_mut().find(|question: &&mut Question| question.id == of);
            let question =
                question.ok_or_else(|| Refusal::new("catalogue-unknown-question", pointer))?;
            question.methods.push(method(part, at)?);
        }
    }
    Ok((statement, questions, places))
}

fn question(part: &Object, at: &str, area: Area) -> Result<Question, Refusal> {
    area_of(part, at, Some(area))?;
    let (element, pointer) =
        property(part, "critical-element", at)?.ok_or_else(|| invalid(at, "props"))?;
    let bad = |pointer| Refusal::new("catalogue-bad-element", pointer);
    let owned = |name| Ok::<_, Refusal>(property(part, name, at)?.map(|(v, _)| v.to_owned()));
    Ok(Question {
        id: text(part, "id", at)?.to_owned(),
        element: element.parse().map_err(|_| bad(pointer))?,
        priority: flag(part, "priority", at)?,
        text: text(part, "prose", at)?.to_owned(),
        introduced: owned("introduced")?,
        changed: owned("changed")?,
        statistic: statistic(part, at)?,
        methods: Vec::new(),
    })
}

fn statistic(part: &Object, at: &str) -> Result<Option<Statistic>, Refusal> {
    let Some((name, _)) = property(part, "statistic", at)? else { return Ok(None) };
    let bad = || Refusal::new("catalogue-bad-statistic", child(at, "props"));
    let value = |name| property(part, name, at)?.map(|(value, _)| value).ok_or_else(bad);
    let operator = Word::parse(value("statistic-operator")?).ok_or_else(bad)?;
    Ok(Some(Statistic {
        name: name.to_owned(),
        operator,
        value: value("statistic-value")?.to_owned(),
        unit: value("statistic-unit")?.to_owned(),
        min_n: value("statistic-min-n")?.parse().map_err(|_| bad())?,
    }))
}

fn method(part: &Object, at: &str) -> Result<Method, Refusal> {
    let mut found = None;
    for (property, pointer) in each(part, "props", at)? {
        if text(property, "name", &pointer)? == "method" {
            let value = text(property, "value", &pointer)?;
            found = Some(MethodKind::parse(value).ok_or_else(|| invalid(&pointer, "value"))?);
        }
    }
    let mut objects = Vec::new();
    for (inner, at) in each(part, "parts", at)? {
        if text(inner, "name", &at)? == "assessment-objects" {
            objects.extend(text_or_none(inner, "prose", &at)?);
        }
    }
    Ok(Method {
        id: text(part, "id", at)?.to_owned(),
        method: found.ok_or_else(|| invalid(at, "props"))?,
        objects: objects.join("\n"),
    })
}
