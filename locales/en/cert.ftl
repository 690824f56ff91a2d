### Certification of jurisdictions: why a record is refused.

refusal-adverse-retroactive = A worse status cannot begin before the day it is recorded. Only a correction may do that.
refusal-appeal-late = The time to appeal is over.
refusal-appeal-pending = There is an appeal against this event already.
refusal-assessment-differs = This decision does not fit the assessment it names.
refusal-assessor-conflicted = This person or organisation is too close to the jurisdiction to assess it.
refusal-bad-date = This date is missing, impossible or out of order.
refusal-ballot-bad-choice = A ballot says yes, no or abstain.
refusal-ballot-bad-signature = The signature of this ballot does not hold.
refusal-ballot-doubled = This ballot was handed in already.
refusal-ballot-early = Voting has not begun.
refusal-ballot-late = Voting is over.
refusal-ballot-not-on-roll = This voter is not on the roll.
refusal-ballot-recused = This voter is recused from the motion.
refusal-certificate-unsupported = A certificate needs a number and a final report.
refusal-edition-unsigned = The last edition still lacks signatures.
refusal-evidence-conflict = The evidence speaks for both answers. Say why this one counts.
refusal-evidence-missing = This needs evidence.
refusal-evidence-unknown = This evidence is not in the file.
refusal-id-taken = This id is taken.
refusal-id-unknown = Nothing has this id here.
refusal-motion-closed = Voting on this motion is over.
refusal-motion-on-something-else = This motion is about something else.
refusal-motion-open = Voting on this motion is not over.
refusal-motion-spent = This motion has decided something already.
refusal-not-a-jurisdiction = Only jurisdictions are certified, never a firm, a product, a model or a project.
refusal-not-your-act = This is not for your side of the procedure to do.
refusal-panel-overlaps = A member of the panel took part in the decision.
refusal-profile-invalid = This procedure profile cannot be read.
refusal-profile-not-in-force = No procedure profile is in force on this day.
refusal-register-not-append-only = The register only grows: what it holds may not be changed.
refusal-rule-unsatisfiable = Nobody could ever satisfy this rule.
refusal-tally-differs = The tally comes to something else.
refusal-team-too-small = The team is too small, or from too few regions.
refusal-transition-not-allowed = This step is not allowed here on these grounds.
refusal-unknown-jurisdiction = The register does not list this jurisdiction on this day.
refusal-validity-too-long = The certificate would run too long.
refusal-wind-down-wrong = The wind-down is not that of the procedure.
refusal-lessons-too-few = Lessons merge five assessments or more, and five more than last time.
refusal-not-yours-to-publish = The procedure does not leave it to you to publish this.
refusal-pause-undecided = A pause needs an adopted motion on exactly this timer.
refusal-report-differs = This is not the hash of the final report.
refusal-timer-fixed = The end of this timer is written down as a day. Pausing it would change nothing.
refusal-timer-not-paused = This timer is not paused.
refusal-timer-over = This timer is over.
refusal-timer-paused = This timer is paused already.

### Pages: standards kept here, the procedure of one.

standards-title = Oversight standards
standards-lead = The standards whose registers are kept here. States are certified against them, never firms or products.
standards-none = No standard is kept here.
standards-jurisdictions = { $count ->
    [one] { $count } jurisdiction
   *[other] { $count } jurisdictions
}
standards-simulated = Exercise: certifies nobody
standards-more = More standards

procedure-title = Procedure of a standard
procedure-validity = In force { $from } to { $until }
procedure-lead = Every figure of the procedure, what it was taken after, and how sure its author is of that.
procedure-warnings = { $count ->
    [one] { $count } figure is marked low: check it against its source before you rely on it.
   *[other] { $count } figures are marked low: check each against its source before you rely on it.
}
procedure-figure = Figure
procedure-value = Value
procedure-analogue = Taken after
procedure-no-analogue = Nothing named
procedure-confidence = How sure
procedure-confidence-high = High
procedure-confidence-medium = Medium
procedure-confidence-low = Low: check it first
procedure-confidence-own = Our own proposal
procedure-confidence-unsaid = Not said
procedure-part-timer = Time limits
procedure-part-score = Score
procedure-part-cap = Corrective action plans
procedure-part-conflict = Teams and conflicts
procedure-part-border = Border checks
procedure-part-rule = Rules of recommendation
procedure-part-listing = Rules of listing
procedure-part-organ = Organs
procedure-member-days = length
procedure-member-ldc-days = length for the least developed
procedure-member-immediate-days = length if the concern is immediate
procedure-member-lapse-days = lapses after
procedure-member-min-coverage-bp = least coverage
procedure-member-lc-max-ns-bp = unsatisfied at most, largely compliant
procedure-member-pc-max-ns-bp = unsatisfied at most, partially compliant
procedure-member-pc-max-priority-ns = priority questions unsatisfied at most, partially compliant
procedure-member-max-months = longest
procedure-member-max-renewals = renewals at most
procedure-member-years-as-adviser = advisers conflicted for
procedure-member-max-objections = objections at most
procedure-member-min-team = least size of a team
procedure-member-min-regions = least number of regions
procedure-member-p = share of false claims expected
procedure-member-z = spread
procedure-member-window-years = window
procedure-member-min-inspections = least number of checks
procedure-member-quorum = quorum
procedure-member-threshold = majority
procedure-member-block = blocking share
procedure-unit-basis-points = basis points
procedure-unit-days = days
procedure-unit-months = months
procedure-unit-working-days = working days
procedure-unit-years = years
procedure-holidays = Holidays
procedure-holidays-none = None are listed: working days skip weekends alone.
procedure-json = The same as JSON
