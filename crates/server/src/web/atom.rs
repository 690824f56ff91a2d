//! Atom feeds (RFC 4287) of advisories and corrections (PO-63). What is under embargo never comes here:
//! the caller passes published entries only.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::i18n::machine;

/// The most entries of one feed.
pub const ENTRIES_MAX: usize = 100;

/// One feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// A stable address that names the feed.
    pub id: String,
    /// Its title.
    pub title: String,
    /// BCP 47 tag of title and summaries.
    pub lang: String,
    /// Who publishes.
    pub author: String,
    /// Where the feed lies.
    pub self_href: String,
    /// The page that shows the same.
    pub page_href: String,
    /// Used if there is no entry yet.
    pub updated: Timestamp,
    /// The newest first; at most [`ENTRIES_MAX`] are written.
    pub entries: Vec<Entry>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// A stable address that names the thing, not its version.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The page.
    pub href: String,
    /// When it was first published.
    pub published: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// Plain words.
    pub summary: String,
    /// BCP 47 tag of its words, if not the feed's.
    pub lang: Option<String>,
}

/// Returns the feed as XML.
#[must_use]
pub fn feed(feed: &Feed) -> String {
    let entries = feed.entries.iter().take(ENTRIES_MAX);
    let updated = entries.clone().map(|entry| entry.updated).max().unwrap_or(feed.updated);
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n",
        text(&feed.lang)
    );
    element(&mut xml, "id", &feed.id);
    element(&mut xml, "title", &feed.title);
    element(&mut xml, "updated", &machine(updated));
    link(&mut xml, "self", "application/atom+xml", &feed.self_href);
    link(&mut xml, "alternate", "text/html", &feed.page_href);
    xml.push_str("<author>");
    element(&mut xml, "name", &feed.author);
    xml.push_str("</author>\n");
    for one in entries {
        entry(&mut xml, one);
    }
    xml.push_str("</feed>\n");
    xml
}

fn entry(xml: &mut String, entry: &Entry) {
    match &entry.lang {
        Some(lang) => _ = writeln!(xml, "<entry xml:lang=\"{}\">", text(lang)),
        None => xml.push_str("<entry>\n"),
    }
    element(xml, "id", &entry.id);
    element(xml, "title", &entry.title);
    link(xml, "alternate", "text/html", &entry.href);
    element(xml, "published", &machine(entry.published));
    element(xml, "updated", &machine(entry.updated));
    element(xml, "summary", &entry.summary);
    xml.push_str("</entry>\n");
}

fn element(xml: &mut String, name: &str, words: &str) {
    _ = writeln!(xml, "<{name}>{}</{name}>", text(words));
}

fn link(xml: &mut String, rel: &str, media_type: &str, href: &str) {
    _ = writeln!(xml, "<link rel=\"{rel}\" type=\"{media_type}\" href=\"{}\"/>", text(href));
}

/// Escapes, and replaces what XML 1.0 cannot hold at all.
fn text(words: &str) -> String {
    let allowed = |character: char| match character {
        '\t' | '\n' | '\r' => character,
        c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => '\u{fffd}',
        other => other,
    };
    crate::i18n::escape(&words.chars().map(allowed).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(title: &str) -> Feed {
        let at: Timestamp = "2027-02-19T12:00:00Z".parse().unwrap();
        Feed {
            id: "https://nv.example/advisories.atom".into(),
            title: title.into(),
            lang: "en".into(),
            author: "CERT Norvik".into(),
            self_href: "https://nv.example/advisories.atom".into(),
            page_href: "https://nv.example/en/advisories".into(),
            updated: at,
            entries: vec![Entry {
                id: "https://nv.example/advisories/nv-2027-00007".into(),
                title: title.into(),
                href: "https://nv.example/en/advisories/nv-2027-00007".into(),
                published: at,
                updated: at,
                summary: "s".into(),
                lang: Some("sw".into()),
            }],
        }
    }

    #[test]
    fn a_feed_is_well_formed_whatever_its_words_are() {
        insta::assert_snapshot!(feed(&sample("a<b>&\"\u{0}\u{b}")), @r#"
        <?xml version="1.0" encoding="utf-8"?>
        <feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
        <id>https://nv.example/advisories.atom</id>
        <title>a&lt;b&gt;&amp;&#34;��</title>
        <updated>2027-02-19T12:00:00Z</updated>
        <link rel="self" type="application/atom+xml" href="https://nv.example/advisories.atom"/>
        <link rel="alternate" type="text/html" href="https://nv.example/en/advisories"/>
        <author><name>CERT Norvik</name>
        </author>
        <entry xml:lang="sw">
        <id>https://nv.example/advisories/nv-2027-00007</id>
        <title>a&lt;b&gt;&amp;&#34;��</title>
        <link rel="alternate" type="text/html" href="https://nv.example/en/advisories/nv-2027-00007"/>
        <published>2027-02-19T12:00:00Z</published>
        <updated>2027-02-19T12:00:00Z</updated>
        <summary>s</summary>
        </entry>
        </feed>
        "#);
    }

    #[test]
    fn a_feed_never_grows_without_end() {
        let mut long = sample("t");
        long.entries = vec![long.entries[0].clone(); 300];
        assert_eq!(feed(&long).matches("<entry ").count(), ENTRIES_MAX);
    }
}
