# What is on every page: header, footer, errors, small words.

language-name = English
skip-to-content = Skip to the content
header-label = { $hub }: main pages
nav-report = Report a flaw
nav-advisories = { -advisory(form: "Many") }
nav-corrections = Corrections
nav-policy = Policy
nav-lexicon = { -lexicon(form: "One") }
language-switch = Language
help-short = Help
help-link = Help and contact
footer-label = About this { -hub }
footer-run-by = This { -hub } is run by { $hub }.
footer-software = { -brand } { $version }
footer-privacy = Privacy
footer-accessibility = Accessibility
footer-contact = Contact
footer-feeds = Atom feed of { -advisory(form: "many") }
footer-no-tracking = No cookies, no tracking, no third parties.
required-mark = must be answered
required-note = Questions marked * must be answered. All others may be left empty.
back-link = Back
token-title = invisible character { $code }

errors-title = { $n ->
    [one] One answer needs a change
   *[other] { $n } answers need a change
}
errors-kept = Nothing you wrote is lost.
errors-code = Code
error-prefix = Error:
