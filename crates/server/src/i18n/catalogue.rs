//! All languages of a hub: embedded messages, a folder that overrides them, negotiation.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentResource, FluentValue};
use jiff::tz::TimeZone;
use unic_langid::LanguageIdentifier;

use super::number::Grouping;
use super::{Bundle, Dir, Locale, grouped, negotiate, pseudo};

/// The language that every other falls back to, and the source of all translations.
const SOURCE: &str = "en";
/// The largest message file that an overriding folder may hold.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// The most folders and files that an overriding folder may hold.
const FOLDER_ENTRIES_MAX: usize = 64;
/// The order in which languages are offered (`portal.md` section 4).
const ORDER: [&str; 12] =
    ["en", "fr", "es", "ar", "zh-Hans", "ru", "de", "ja", "pt", "ko", "hi", "sw"];
/// Messages that must all be there before a language is offered, by the start of their id.
const REQUIRED: [&str; 5] = ["mailbox-", "receipt-", "refusal-", "report-", "review-"];

macro_rules! files {
    ($tag:literal: $($file:literal)*) => {
        ($tag, &[$(include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"), "/../../locales/", $tag, "/", $file, ".ftl"
        ))),*])
    };
}

/// Everything that is embedded: one row a language.
const EMBEDDED: [(&str, &[&str]); 2] = [
    files!("en": "terms" "common" "dates" "front" "report" "review" "advisory" "pages" "refusals" "api" "lexicon" "site" "mailbox" "trade" "cert" "law" "sharing"),
    files!("ar": "terms" "common" "dates" "front" "report" "review" "advisory" "pages" "refusals" "api" "lexicon" "site" "mailbox" "trade" "cert" "law" "sharing"),
];

/// Whether a language is shipped.
#[must_use]
pub fn is_shipped(tag: &str) -> bool {
    EMBEDDED.iter().any(|(shipped, _)| *shipped == tag)
}

/// Why the messages of a folder could not be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// A file or folder could not be read.
    #[error("cannot read {path}")]
    Read {
        /// What was read.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file is larger, or a folder fuller, than allowed.
    #[error("{path} is over the limit")]
    TooLarge {
        /// What is too large.
        path: PathBuf,
    },
    /// A file is not Fluent, or a folder is not named by a language tag.
    #[error("{name} has a mistake: {why}")]
    Syntax {
        /// The language or file.
        name: String,
        /// The parser's words.
        why: String,
    },
}

/// A language as the switch shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language {
    /// BCP 47 tag.
    pub tag: String,
    /// The language's own name for itself.
    pub name: String,
    /// Its direction.
    pub dir: &'static str,
}

/// All languages that a hub can speak.
pub struct Catalogue {
    locales: BTreeMap<String, Arc<Locale>>,
    offered: Vec<String>,
}

impl Catalogue {
    /// Returns the embedded languages, with deadlines shown in `zone` and UTC.
    pub fn embedded(zone: &TimeZone) -> Result<Self, CatalogueError> {
        Self::build(&sources(), zone, Pseudo::Without)
    }

    /// Returns the embedded languages and the pseudo-languages `en-XA`, `ar-XB` made from English.
    pub fn with_pseudo(zone: &TimeZone) -> Result<Self, CatalogueError> {
        Self::build(&sources(), zone, Pseudo::With)
    }

    /// Returns the embedded languages overridden, message by message, by `folder/<tag>/*.ftl`.
    pub fn overridden(folder: &Path, zone: &TimeZone) -> Result<Self, CatalogueError> {
        let mut sources = sources();
        for path in entries(folder)? {
            if path.is_dir() {
                let tag = path
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned())
                    .unwrap_or_default();
                sources.entry(tag).or_default().extend(read_folder(&path)?);
            }
        }
        Self::build(&sources, zone, Pseudo::Without)
    }

    fn build(
        sources: &BTreeMap<String, Vec<String>>,
        zone: &TimeZone,
        with: Pseudo,
    ) -> Result<Self, CatalogueError> {
        let english = resources(SOURCE, sources.get(SOURCE).map_or(&[], Vec::as_slice))?;
        let source = Arc::new(locale(SOURCE, &english, None, zone)?);
        let mut locales = BTreeMap::from([(SOURCE.to_owned(), Arc::clone(&source))]);
        for (tag, texts) in sources.iter().filter(|(tag, _)| *tag != SOURCE) {
            let own = resources(tag, texts)?;
            let fallback = Some(Arc::clone(&source));
            locales.insert(tag.clone(), Arc::new(locale(tag, &own, fallback, zone)?));
        }
        let offered = offered(&locales, &ids(&english));
        if with == Pseudo::With {
            for tag in ["en-XA", "ar-XB"] {
                locales.insert(tag.to_owned(), Arc::new(locale(tag, &english, None, zone)?));
            }
        }
        Ok(Self { locales, offered })
    }

    /// Returns the language of an address, if this hub speaks it.
    #[must_use]
    pub fn locale(&self, tag: &str) -> Option<&Arc<Locale>> {
        self.locales.get(tag)
    }

    /// Returns the language for a reader who sends this `Accept-Language`, else English.
    #[must_use]
    pub fn negotiate(&self, accept_language: Option<&str>) -> &Arc<Locale> {
        let offered: Vec<&str> = self.offered.iter().map(String::as_str).collect();
        let tag = accept_language
            .and_then(|header| negotiate::choose(header, &offered))
            .unwrap_or(SOURCE);
        self.locales.get(tag).or_else(|| self.locales.get(SOURCE)).unwrap_or_else(|| self.any())
    }

    /// Returns the languages that are complete enough to be offered (PO-40), in their fixed order.
    #[must_use]
    pub fn offered(&self) -> Vec<Language> {
        let language = |tag: &String| {
            let locale = self.locales.get(tag)?;
            let name = locale.bare("language-name").to_string();
            Some(Language { tag: tag.clone(), name, dir: locale.dir().name() })
        };
        self.offered.iter().filter_map(language).collect()
    }

    /// Returns every language, offered or not, by tag.
    pub fn locales(&self) -> impl Iterator<Item = &Arc<Locale>> {
        self.locales.values()
    }

    #[expect(
        clippy::expect_used,
        reason = "build always inserts English, so the map is never empty"
    )]
    fn any(&self) -> &Arc<Locale> {
        self.locales.values().next().expect("English is always there")
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pseudo {
    With,
    Without,
}

fn sources() -> BTreeMap<String, Vec<String>> {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    EMBEDDED.iter().map(|(tag, texts)| ((*tag).to_owned(), owned(texts))).collect()
}

fn resources(tag: &str, texts: &[String]) -> Result<Vec<Arc<FluentResource>>, CatalogueError> {
    let parse = |text: &String| {
        FluentResource::try_new(text.clone()).map(Arc::new).map_err(|(_, errors)| {
            CatalogueError::Syntax {
                name: tag.to_owned(),
                why: errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
            }
        })
    };
    texts.iter().map(parse).collect()
}

fn locale(
    tag: &str,
    resources: &[Arc<FluentResource>],
    fallback: Option<Arc<Locale>>,
    zone: &TimeZone,
) -> Result<Locale, CatalogueError> {
    let plurals = if tag == "ar-XB" { SOURCE } else { tag };
    let language: LanguageIdentifier = plurals.parse().map_err(|_| CatalogueError::Syntax {
        name: tag.to_owned(),
        why: "not a language tag".to_owned(),
    })?;
    let bundle = |isolating| {
        let mut bundle: Bundle = FluentBundle::new_concurrent(vec![language.clone()]);
        bundle.set_use_isolating(isolating);
        bundle.set_formatter(Some(if tag.starts_with("hi") { indian } else { western(tag) }));
        match tag {
            "en-XA" => bundle.set_transform(Some(pseudo::longer)),
            "ar-XB" => bundle.set_transform(Some(pseudo::mirrored)),
            _ => {}
        }
        for resource in resources {
            bundle.add_resource_overriding(Arc::clone(resource));
        }
        bundle
    };
    Ok(Locale {
        tag: tag.into(),
        dir: Dir::of(tag),
        isolating: bundle(true),
        bare: bundle(false),
        fallback,
        zone: zone.clone(),
    })
}

type Formatter =
    fn(&FluentValue<'_>, &intl_memoizer::concurrent::IntlLangMemoizer) -> Option<String>;

fn western(tag: &str) -> Formatter {
    match tag.split('-').next().unwrap_or_default() {
        "fr" => |value, _| number(value, "fr"),
        "ru" => |value, _| number(value, "ru"),
        "de" | "es" | "pt" => |value, _| number(value, "de"),
        _ => |value, _| number(value, SOURCE),
    }
}

fn indian(
    value: &FluentValue<'_>,
    _: &intl_memoizer::concurrent::IntlLangMemoizer,
) -> Option<String> {
    number(value, "hi")
}

fn number(value: &FluentValue<'_>, tag: &str) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    // A count is an i64 below 2^53 in every page; a number with a fraction is no i64 and keeps its form.
    number.as_string().parse().ok().map(|whole| grouped(whole, Grouping::of(tag)))
}

fn ids(resources: &[Arc<FluentResource>]) -> BTreeSet<String> {
    let entries = resources.iter().flat_map(|resource| resource.entries());
    let id = |entry: &fluent_syntax::ast::Entry<&str>| {
        let fluent_syntax::ast::Entry::Message(message) = entry else { return None };
        Some(message.id.name.to_owned())
    };
    entries.filter_map(id).collect()
}

fn offered(locales: &BTreeMap<String, Arc<Locale>>, ids: &BTreeSet<String>) -> Vec<String> {
    let complete = |locale: &Locale| {
        let missing: Vec<&String> = ids.iter().filter(|id| !locale.has(id)).collect();
        let required = missing.iter().any(|id| REQUIRED.iter().any(|start| id.starts_with(start)));
        !required && missing.len() * 20 <= ids.len()
    };
    let known = ORDER.iter().map(|tag| (*tag).to_owned());
    let others = locales.keys().filter(|tag| !ORDER.contains(&tag.as_str())).cloned();
    known
        .chain(others)
        .filter(|tag| locales.get(tag).is_some_and(|locale| complete(locale)))
        .collect()
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, CatalogueError> {
    let fault = |source| CatalogueError::Read { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        if paths.len() == FOLDER_ENTRIES_MAX {
            return Err(CatalogueError::TooLarge { path: folder.to_owned() });
        }
        paths.push(entry.map_err(fault)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn read_folder(folder: &Path) -> Result<Vec<String>, CatalogueError> {
    let is_fluent = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "ftl");
    entries(folder)?.iter().filter(|path| is_fluent(path)).map(|path| read_file(path)).collect()
}

fn read_file(path: &Path) -> Result<String, CatalogueError> {
    let fault = |source| CatalogueError::Read { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(fault)?.len() > FILE_BYTES_MAX {
        return Err(CatalogueError::TooLarge { path: path.to_owned() });
    }
    std::fs::read_to_string(path).map_err(fault)
}
