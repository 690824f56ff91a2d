//! The lexicon as pages: weakness classes by family, then the values of every enumeration.
//!
//! Addresses: `/lexicon/BEH-01` for a class, `/lexicon/<enumeration>.<key>` for a value. Definitions are
//! English until the lexicon's data hold others; they are marked as such.

use comity_core::lexicon::Lexicon;

use super::view::{LexiconTermView, LexiconView, TermGroup, TermItem};
use super::visible::Foreign;

/// The longest search that is read.
const QUERY_CHARS_MAX: usize = 200;

/// Returns all terms that hold every word of the search.
#[must_use]
pub fn lexicon_view(lexicon: &Lexicon, query: &str) -> LexiconView {
    let query: String = query.chars().take(QUERY_CHARS_MAX).collect();
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let mut groups = groups(lexicon);
    for group in &mut groups {
        group.terms.retain(|term| {
            let text =
                format!("{} {} {}", term.id, term.name.text, term.definition.text).to_lowercase();
            words.iter().all(|word| text.contains(word))
        });
    }
    groups.retain(|group| !group.terms.is_empty());
    LexiconView { version: lexicon.version().to_owned(), query, groups }
}

/// Returns one term, if the lexicon has it.
#[must_use]
pub fn lexicon_term_view(lexicon: &Lexicon, id: &str) -> Option<LexiconTermView> {
    let term =
        groups(lexicon).into_iter().flat_map(|group| group.terms).find(|term| term.id == id)?;
    let maps = lexicon.class(id).into_iter().flat_map(|class| &class.maps);
    let references = maps.flat_map(|(framework, ids)| {
        let version = lexicon.framework_version(framework).unwrap_or_default();
        ids.iter().map(move |id| format!("{framework}@{version}:{id}"))
    });
    let references = references.collect();
    Some(LexiconTermView { version: lexicon.version().to_owned(), term, references })
}

fn groups(lexicon: &Lexicon) -> Vec<TermGroup> {
    let mut groups: Vec<TermGroup> = Vec::new();
    for class in lexicon.classes() {
        let term = TermItem {
            id: class.id.clone(),
            name: english(&class.name),
            definition: english(&class.definition),
        };
        match groups.iter_mut().find(|group| group.name.text == class.family) {
            Some(group) => group.terms.push(term),
            None => groups.push(TermGroup { name: english(&class.family), terms: vec![term] }),
        }
    }
    for enumeration in lexicon.enumerations() {
        let term = |value: &comity_core::lexicon::Term| TermItem {
            id: format!("{}.{}", enumeration.id, value.key),
            name: english(&value.key.replace('_', " ")),
            definition: english(&value.definition),
        };
        let terms = enumeration.values.iter().map(term).collect();
        groups.push(TermGroup { name: english(&enumeration.id.replace('_', " ")), terms });
    }
    groups
}

fn english(words: &str) -> Foreign {
    Foreign::new(words, Some("en"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_found_by_words_and_by_id() {
        let lexicon = Lexicon::embedded();
        let count = |query| {
            lexicon_view(lexicon, query).groups.iter().map(|g| g.terms.len()).sum::<usize>()
        };
        assert!(count("") > 37);
        assert!(count("jailbreak") >= 1);
        assert_eq!(count("no such word anywhere"), 0);
        let term = lexicon_term_view(lexicon, "BEH-01").unwrap();
        assert_eq!(term.term.name.text, "Jailbreak");
        assert!(term.references.iter().any(|reference| reference.starts_with("atlas@")));
        assert!(lexicon_term_view(lexicon, "harm_type.privacy_data").is_some());
        assert_eq!(lexicon_term_view(lexicon, "<script>"), None);
    }
}
