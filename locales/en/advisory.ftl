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
band-none = none
band-low = low
band-medium = medium
band-high = high
band-critical = critical
aix-transferability = Works on other models
aix-transferability-single = one model
aix-transferability-family = one family of models
aix-transferability-multi_vendor = models of several suppliers
aix-transferability-universal = nearly all models
aix-reliability = How often it works
aix-reliability-unreliable = seldom
aix-reliability-probabilistic = sometimes
aix-reliability-reliable = nearly always
aix-persistence = How long it lasts
aix-persistence-none = it does not last
aix-persistence-session = one session
aix-persistence-long_lived = beyond the session
aix-persistence-embedded = built into the model
aix-propagation = How far it spreads
aix-propagation-single_principal = one person’s use
aix-propagation-tenant = one customer
aix-propagation-cross_tenant = across customers
aix-propagation-self_propagating = by itself
aix-detectability = How it can be noticed
aix-detectability-readily = readily
aix-detectability-with_effort = with effort
aix-detectability-hardly = hardly
aix-detectability-not = not at all
aix-fix_reach = Where it can be fixed
aix-fix_reach-central = at one place
aix-fix_reach-distributed = by everyone who runs it
aix-fix_reach-protocol = in a protocol
aix-fix_reach-irrevocable = copies cannot be called back
aix-misuse_uplift = Help for misuse
aix-misuse_uplift-none = none
aix-misuse_uplift-limited = limited
aix-misuse_uplift-significant = significant
aix-misuse_uplift-severe = severe
aix-rights_impact = Harm to rights
aix-rights_impact-none = none
aix-rights_impact-limited = limited
aix-rights_impact-consequential = with consequences
aix-rights_impact-irreversible = cannot be undone
aix-safety_impact = Harm to safety
aix-safety_impact-negligible = negligible
aix-safety_impact-marginal = marginal
aix-safety_impact-critical = critical
aix-safety_impact-catastrophic = catastrophic
