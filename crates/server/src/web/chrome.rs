//! What surrounds every page: whose hub, which languages, where one is.

use std::borrow::Cow;

use crate::i18n::{Language, Markup, visible};

use super::assets::{Addresses, addresses};

/// Whose hub this is, the same on every page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hub {
    /// The organisation's name, shown first on every page.
    pub name: String,
    /// The version of the software.
    pub version: String,
    /// The languages that the switch offers.
    pub languages: Vec<Language>,
}

/// Header and footer of one page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chrome {
    /// The organisation's name.
    pub hub_name: String,
    /// The version of the software.
    pub version: String,
    /// The languages that the switch offers.
    pub languages: Vec<Language>,
    /// The address of the page without its language, for example `/advisories`.
    pub path: String,
    /// The addresses of style and icons.
    pub assets: Addresses,
}

/// One main page in the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NavItem {
    /// The address without its language.
    pub path: &'static str,
    /// The message that names it.
    pub message: &'static str,
    /// Whether the page shown is this one or below it.
    pub current: bool,
}

const NAV: [(&str, &str); 4] = [
    ("/report", "nav-report"),
    ("/advisories", "nav-advisories"),
    ("/corrections", "nav-corrections"),
    ("/policy", "nav-policy"),
];

impl Chrome {
    /// Returns header and footer for the page at `path`, an address without its language.
    #[must_use]
    pub fn new(hub: &Hub, path: impl Into<String>) -> Self {
        Self {
            hub_name: hub.name.clone(),
            version: hub.version.clone(),
            languages: hub.languages.clone(),
            path: path.into(),
            assets: addresses(),
        }
    }

    /// Returns the main pages with the present one marked.
    pub fn nav(&self) -> impl Iterator<Item = NavItem> {
        let here = self.path.split('?').next().unwrap_or_default();
        NAV.into_iter().map(move |(path, message)| {
            let below = here
                .strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            NavItem { path, message, current: below }
        })
    }

    /// Returns a name, id or address from outside, escaped, invisible characters as tokens.
    #[must_use]
    pub fn show(&self, words: impl AsRef<str>) -> Markup {
        visible(words.as_ref())
    }

    /// Returns an icon of the sprite; it says nothing by itself, a word stands beside it.
    #[must_use]
    pub fn icon(&self, name: impl AsRef<str>) -> Markup {
        let name = name.as_ref();
        let solid = matches!(name, "disc" | "triangle" | "square" | "diamond");
        let class: Cow<'_, str> = match name {
            "arrow" => "icon flips".into(),
            _ if solid => "icon solid".into(),
            _ => "icon".into(),
        };
        let sprite = self.assets.icons;
        Markup::trusted(format!(
            "<svg class=\"{class}\" aria-hidden=\"true\" focusable=\"false\"><use href=\"{sprite}#{}\"></use></svg>",
            crate::i18n::escape(name)
        ))
    }
}
