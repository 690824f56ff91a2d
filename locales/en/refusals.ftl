# One message a refusal code: what would be right.

refusal-other = This cannot be accepted ({ $code }).
refusal-json-invalid = This is not JSON in UTF-8.
refusal-text-not-utf8 = This text is not in UTF-8.
refusal-too-large = This is too large.
refusal-too-deep = This is nested too deeply.
refusal-field-unknown = This field is not known here. Remove it or check its name.
refusal-field-missing = Please answer this.
refusal-field-type = This has the wrong type.
refusal-schema-unsupported = Use the format comity.report/1.
refusal-lexicon-unsupported = This version of the { -lexicon } is not known here.
refusal-value-unknown = Choose one of the offered values.
refusal-value-invalid = Check how this is written.
refusal-text-too-long = Shorten this to at most { $max } characters.
refusal-list-too-long = Give at most { $max } entries.
refusal-list-duplicate = Remove the entry that is given twice.
refusal-number-out-of-range = Give a whole number from { $min } to { $max }.
refusal-time-invalid = Give a date of the calendar: year, month, day.
refusal-index-out-of-range = This points past the end of its list.
refusal-trials-invalid = It cannot work more often than it was tried.
refusal-purl-invalid = Write a package name as pkg:type/name@version.
refusal-urn-invalid = Write a service name as urn:comity:service:domain:model.
refusal-digest-invalid = The length of this hash does not fit its kind.
refusal-cvss-invalid = Check the CVSS vector.
refusal-aix-invalid = Check the AIX vector.
refusal-uplift-unsupported = Severe uplift needs a harm that explains it.
refusal-report-text-too-short = Write at least { $min } characters.
refusal-report-files-too-many = Send at most 20 files.
refusal-report-file-too-large = Send files of at most 32 MiB each and 128 MiB in all.
refusal-report-file-empty = This file is empty. Choose it again.
refusal-strict-liability-payload = Such material must not be sent. It was dropped unread. Describe it in general words.
refusal-preview-changed = The terms have changed since you saw them. Check the new ones, then send again.
refusal-draft-unknown = This draft is not known or was erased. Load your saved file or start again.
refusal-intake-busy = Too many reports at once. Try again in a few minutes.
refusal-receipt-code-mistyped = The code or its words are mistyped. Check every digit.
refusal-receipt-code-unknown = There is no mailbox for this code.
refusal-webhook-address-refused = Webhooks go to public https addresses only.
refusal-scope-missing = This token lacks the right to do that.
refusal-idempotency-key-missing = Send the header Idempotency-Key.
refusal-idempotency-key-reused = This Idempotency-Key was used with another body.
refusal-idempotency-in-progress = The first request with this key is still running.
refusal-precondition-missing = Send the header If-Match.
refusal-state-changed = This changed in the meantime. Load it again, then decide.
refusal-cursor-invalid = This cursor is not valid. Start from the first page.
refusal-rate-limited = Too many requests. Wait, then try again.
refusal-member-unknown = This member is not known here. Remove it or check its name.
refusal-media-type = Send JSON and say so: Content-Type: application/json.
refusal-text-too-long-plain = Shorten this.
refusal-list-too-long-plain = Give fewer entries.
refusal-number-out-of-range-plain = Give a whole number within the range allowed here.
refusal-report-text-too-short-plain = Write more.
refusal-receipt-code-locked = { $n ->
    [one] Too many wrong codes from your network. Try again in { $n } minute.
   *[other] Too many wrong codes from your network. Try again in { $n } minutes.
}
refusal-confirmation-missing = Tick the box first. Nothing was erased.
refusal-report-in-case = This report is in a { -case } already. Write to us instead.
