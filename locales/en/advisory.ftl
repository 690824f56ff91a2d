# Advisories.

advisories-search = Search
advisories-search-label = Search by product, words or number
advisories-found = { $n ->
    [0] Nothing found for “{ $query }”.
    [one] { $n } { -advisory } found for “{ $query }”.
   *[other] { $n } { -advisory(form: "many") } found for “{ $query }”.
}
advisories-drop-search = Show all
advisories-results = Results
advisories-none = Nothing matches. Try fewer words, or drop the search.
advisories-pages = More pages
advisories-newer = Newer
advisories-older = Older

advisory-published = Published { $date }
advisory-corrected-on = Corrected { $date }
advisory-corrected = Corrected { $date }: what changed
advisory-withdrawn-mark = Withdrawn
advisory-withdrawn = Withdrawn on { $date }
advisory-successor = See { $id } instead
advisory-old-version = This is an older version.
advisory-newest-version = Go to version { $version }
advisory-translated = The text that decides is in:
advisory-am-i-affected = Am I affected?
advisory-product = Product
advisory-versions = Versions
advisory-all-versions = All
advisory-state = State
advisory-nothing-named = No product is named.
advisory-what-to-do = What to do now
advisory-no-action = There is nothing to do yet. This page will say so when there is.
advisory-what-it-is = What it is
advisory-how-bad = How bad it is
advisory-not-scored = Not scored.
advisory-score-system = System
advisory-score-value = Value
advisory-score-by = By
advisory-since-when = Since when it is known
advisory-more = More
advisory-credit = Credit
advisory-nobody-named = Nobody asked to be named.
advisory-aliases = Also known as
advisory-sources = Sources
advisory-formats = Other formats
advisory-verify = Verify
advisory-in-log = In the public log at { $position }.
advisory-witnesses = { $n ->
    [one] { $n } witness.
   *[other] { $n } witnesses.
}

state-affected = affected
state-fixed = fixed
state-not-affected = not affected
state-under-investigation = under investigation
state-unknown = unknown

urgency-act = Act now
urgency-coordinate-now = Coordinate now
urgency-schedule = Schedule
urgency-track = Watch

timeline-received = The report was received
timeline-acknowledged = The report was acknowledged
timeline-vendor-informed = A { -vendor } was informed
timeline-fix-ready = A fix was ready
timeline-attacks-seen = Attacks were seen
timeline-made-public = Others made it public
timeline-published = The { -advisory } was published
timeline-corrected = The { -advisory } was corrected
timeline-withdrawn = The { -advisory } was withdrawn

advisory-reproduction = How to reproduce it
translation-machine = Machine translation, read by nobody.
translation-reviewed = Translation, checked by a person.
translation-authentic = This text is as valid as the original.
translation-stale = The original has changed since it was translated.
remedy-mitigation = Lessens the harm
remedy-no_fix_planned = No fix is planned
remedy-none_available = Nothing helps yet
remedy-vendor_fix = Fix of the { -vendor }
remedy-workaround = Workaround
justification-component_not_present = The component is not there.
justification-inline_mitigations_already_exist = Protections inside stop it.
justification-vulnerable_code_cannot_be_controlled_by_adversary = An attacker cannot steer it.
justification-vulnerable_code_not_in_execute_path = It never runs.
justification-vulnerable_code_not_present = The flawed code was taken out.
withheld-class_only = How it works is not told, because too many systems are still open to it.
withheld-redacted_payload = The payload is left out.
withheld-restricted_channel = More is told only to those who must act. Ask at:
exploitation-none = Nobody has seen it used in attacks.
exploitation-public_poc = A way to do it is public; no attack was seen.
exploitation-active = It is used in attacks.
timeline-discovered = The flaw was found
