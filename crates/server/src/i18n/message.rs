//! One message being said: its values, and how they are written as markup or as text.
//!
//! Values never pass through the translation as themselves: a private mark stands for each and is
//! replaced afterwards, so no value can break a message, and ids keep their own direction (PO-43).

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::marker::PhantomData;

use fluent_bundle::{FluentArgs, FluentValue};
use jiff::Timestamp;

use super::{Bundle, Count, Duration, Locale, Markup, escape, visible};

const MARK_START: char = '\u{e000}';
const MARK_END: char = '\u{e001}';
const ISOLATE: char = '\u{2068}';
const POP_ISOLATE: char = '\u{2069}';

/// Writes a message as markup.
#[derive(Clone, Copy, Debug)]
pub struct Html;
/// Writes a message as text with isolation marks.
#[derive(Clone, Copy, Debug)]
pub struct Plain;
/// Writes a message as text without isolation marks.
#[derive(Clone, Copy, Debug)]
pub struct Bare;

/// How a message is written.
pub trait Mode {
    /// Whether the result is HTML.
    const HTML: bool;
    /// Whether values in plain text are wrapped in isolation marks.
    const ISOLATING: bool;
}
impl Mode for Html {
    const HTML: bool = true;
    const ISOLATING: bool = true;
}
impl Mode for Plain {
    const HTML: bool = false;
    const ISOLATING: bool = true;
}
impl Mode for Bare {
    const HTML: bool = false;
    const ISOLATING: bool = false;
}

/// A message with its values, written when displayed.
#[must_use]
pub struct Message<'a, M> {
    locale: &'a Locale,
    id: String,
    args: FluentArgs<'a>,
    values: Vec<Value>,
    mode: PhantomData<M>,
}

struct Value {
    html: String,
    text: String,
}

impl<'a, M: Mode> Message<'a, M> {
    pub(super) fn new(locale: &'a Locale, id: &str) -> Self {
        Self {
            locale,
            id: id.to_owned(),
            args: FluentArgs::new(),
            values: Vec::new(),
            mode: PhantomData,
        }
    }

    fn value(mut self, name: &'a str, html: String, text: String) -> Self {
        let mark = format!("{MARK_START}{}{MARK_END}", self.values.len());
        self.args.set(name, FluentValue::String(Cow::Owned(mark)));
        self.values.push(Value { html, text });
        self
    }

    /// Adds a count, which also chooses the plural form.
    pub fn count(mut self, name: &'a str, count: impl Count) -> Self {
        self.args.set(name, FluentValue::from(count.count()));
        self
    }

    /// Adds a word of ours that chooses a variant and is never shown.
    pub fn pick(mut self, name: &'a str, choice: impl fmt::Display) -> Self {
        self.args.set(name, FluentValue::String(Cow::Owned(choice.to_string())));
        self
    }

    /// Adds a name or other words from outside.
    pub fn name(self, name: &'a str, words: impl fmt::Display) -> Self {
        let text = words.to_string();
        self.value(name, format!("<bdi>{}</bdi>", visible(&text)), text)
    }

    /// Adds an id, code, hash, version or address, which is written left to right.
    pub fn id(self, name: &'a str, id: impl fmt::Display) -> Self {
        let text = id.to_string();
        self.value(name, format!("<bdi dir=\"ltr\">{}</bdi>", visible(&text)), text)
    }

    /// Adds another message of the same language.
    pub fn message(self, name: &'a str, id: impl fmt::Display) -> Self {
        let id = id.to_string();
        let html = Message::<Html>::new(self.locale, &id).to_string();
        let text = Message::<Bare>::new(self.locale, &id).to_string();
        self.value(name, html, text)
    }

    /// Adds an instant: date, time and zone.
    pub fn instant(self, name: &'a str, instant: impl AsInstant) -> Self {
        let instant = instant.as_instant();
        let (html, text) = (self.locale.instant(instant), self.locale.instant_text(instant));
        self.value(name, html.as_str().to_owned(), text)
    }

    /// Adds a date in UTC.
    pub fn day(self, name: &'a str, instant: impl AsInstant) -> Self {
        let instant = instant.as_instant();
        let (html, text) = (self.locale.day(instant), self.locale.day_text(instant));
        self.value(name, html.as_str().to_owned(), text)
    }

    /// Adds a length of time in words.
    pub fn duration(self, name: &'a str, duration: &Duration) -> Self {
        let text = self.locale.duration(duration);
        self.value(name, escape(&text), text)
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(said) = said(self.locale.bundle(M::ISOLATING), &self.id, &self.args) {
            return self.fill(f, &said);
        }
        let Some(fallback) = &self.locale.fallback else {
            return write!(f, "\u{27e6}{}\u{27e7}", escape(&self.id));
        };
        let Some(said) = said(fallback.bundle(M::ISOLATING), &self.id, &self.args) else {
            return write!(f, "\u{27e6}{}\u{27e7}", escape(&self.id));
        };
        if M::HTML {
            write!(f, "<span lang=\"{}\" dir=\"{}\">", fallback.tag(), fallback.dir().name())?;
            self.fill(f, &said)?;
            f.write_str("</span>")
        } else {
            self.fill(f, &said)
        }
    }

    /// Writes the said text, with each mark replaced by its value.
    fn fill(&self, f: &mut fmt::Formatter<'_>, said: &str) -> fmt::Result {
        let mut rest = said;
        while let Some((before, after)) = rest.split_once(MARK_START) {
            let Some((index, after)) = after.split_once(MARK_END) else { break };
            let value = index.parse::<usize>().ok().and_then(|index| self.values.get(index));
            // `bdi` isolates in markup, so the marks around a value go.
            let before =
                if M::HTML { before.strip_suffix(ISOLATE).unwrap_or(before) } else { before };
            rest = if M::HTML { after.strip_prefix(POP_ISOLATE).unwrap_or(after) } else { after };
            write_text::<M>(f, before)?;
            match value {
                Some(value) => f.write_str(if M::HTML { &value.html } else { &value.text })?,
                None => f.write_char('\u{fffd}')?,
            }
        }
        write_text::<M>(f, rest)
    }
}

fn write_text<M: Mode>(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    if M::HTML { f.write_str(&escape(text)) } else { f.write_str(text) }
}

fn said(bundle: &Bundle, id: &str, args: &FluentArgs<'_>) -> Option<String> {
    let pattern = bundle.get_message(id)?.value()?;
    let mut faults = Vec::new();
    let said = bundle.format_pattern(pattern, Some(args), &mut faults).into_owned();
    Some(said)
}

impl Locale {
    fn bundle(&self, isolating: bool) -> &Bundle {
        if isolating { &self.isolating } else { &self.bare }
    }
}

impl<M: Mode> fmt::Display for Message<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

impl askama::filters::HtmlSafe for Message<'_, Html> {}

impl<M: Mode> askama::FastWritable for Message<'_, M> {
    fn write_into(&self, dest: &mut dyn fmt::Write, _: &dyn askama::Values) -> askama::Result<()> {
        Ok(write!(dest, "{self}")?)
    }
}

impl Message<'_, Html> {
    /// Returns the message as markup to be placed in another template.
    #[must_use]
    pub fn markup(&self) -> Markup {
        Markup::trusted(self.to_string())
    }
}

/// An instant given by value or by reference, as templates give it.
pub trait AsInstant {
    /// Returns the instant.
    fn as_instant(&self) -> Timestamp;
}
impl AsInstant for Timestamp {
    fn as_instant(&self) -> Timestamp {
        *self
    }
}
impl<T: AsInstant + ?Sized> AsInstant for &T {
    fn as_instant(&self) -> Timestamp {
        (**self).as_instant()
    }
}
