# The front page.

front-title = Report and read about flaws in AI systems
front-heading = { $hub } takes reports of flaws in AI systems
front-lead = Tell us about a flaw that could harm people. No account is needed. You see who will read your report, and on which terms, before you send it.
front-read-policy = Read the policy
front-promises = What we promise
front-promise-answer = An answer
front-promise-answer-words = We acknowledge every report within { $within }.
front-promise-embargo = An end to silence
front-promise-embargo-words = An { -embargo } ends after { $length } unless the parties agree on another date.
front-promise-harbour = { -safe-harbour(form: "One") }
front-promise-harbour-words = Version { $version } of our { -safe-harbour } is pinned to your report and stays valid for it.
front-promise-no-harbour-words = This { -hub } gives no { -safe-harbour }. Ask a lawyer before you test systems of others.
front-newest = Newest { -advisory(form: "many") }
front-nothing-published = Nothing published yet.
front-all-advisories = All { -advisory(form: "many") }
