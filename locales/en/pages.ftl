# Corrections, policy, contact, privacy, accessibility, errors, lexicon pages.

corrections-lead = What we corrected or took back, and official statements. The newest comes first.
corrections-none = None so far.
corrections-feed = Atom feed of corrections

policy-title = Policy, version { $version }
policy-heading = Policy of { $hub }
policy-version = Version { $version }
policy-since = In force since { $date }
policy-old = This is an older version.
policy-newest = Go to the version in force
policy-no-harbour = This { -hub } gives no { -safe-harbour }.
policy-hash = SHA-256 of this policy:

not-found-title = There is nothing here for you
not-found-words = Either this page does not exist, or it is not for you. We say the same in both cases.
to-front = Go to the front page

fault-title = Something failed on our side
fault-stored = What you sent is stored.
fault-not-stored = What you sent is not stored.
fault-incident = Incident number { $incident }
fault-words = It is not your fault. Give the incident number if you write to us.
busy-title = Too many reports at once
busy-retry = { $n ->
    [one] Try again in { $n } minute.
   *[other] Try again in { $n } minutes.
}
busy-kept = Your answers are kept on this page. You can send them again, or save them as a file.
try-again = Try again
download-answers = Download my answers

contact-lead = A person reads what you write and answers within { $within }.
contact-key = To write sealed mail, use this key:
contact-which = Which way is right
contact-flaw = You found a flaw
contact-mistake = One of our texts is wrong
contact-danger = Somebody is in danger now
contact-danger-words = Call your local emergency number. We are no emergency service.

privacy-lead = We keep as little as we can, for as short as we can.
privacy-reading = When you read
privacy-reading-words = Public pages set no cookie, load nothing from others and count nobody.
privacy-reporting = When you report
privacy-reporting-words = Your words are sealed before they are stored and erased { $after } after the { -case } is closed. Only a salted commitment stays, which says nothing by itself.
privacy-identity = Who you are
privacy-identity-words = Your identity is sealed apart. It goes to nobody unless you say so.
privacy-law = Which law
privacy-law-words = This { -hub } is under the law of { $jurisdiction }.

accessibility-lead = Everybody must be able to report and to read. We follow WCAG 2.2, level AA.
accessibility-script = All pages work without script.
accessibility-keyboard = Everything can be done by keyboard, in the order of the page.
accessibility-size = Text can be enlarged to 200 %, and pages fit a width of 320 pixels.
accessibility-colour = Nothing is told by colour alone; dark and high-contrast modes are kept.
accessibility-time = No step has a time limit without warning.
accessibility-barrier = Something does not work for you?
accessibility-barrier-words = Tell us. A person answers within { $within }.

lexicon-lead = What our words mean. Version { $version }.
lexicon-version = Version { $version }
lexicon-search-label = Search the words
lexicon-none = No word matches.
lexicon-elsewhere = The same in other lists
lexicon-all = All words
