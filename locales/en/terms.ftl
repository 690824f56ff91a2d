# The nouns of Comity. Messages use these terms and never spell one out.
# Form: one, many, and the same with a capital first letter.

-brand = Comity
-advisory = { $form ->
   *[one] advisory
    [many] advisories
    [One] Advisory
    [Many] Advisories
}
-case = { $form ->
   *[one] case
    [many] cases
    [One] Case
    [Many] Cases
}
-coordinator = { $form ->
   *[one] coordinator
    [many] coordinators
    [One] Coordinator
    [Many] Coordinators
}
-embargo = { $form ->
   *[one] embargo
    [many] embargoes
    [One] Embargo
    [Many] Embargoes
}
-finder = { $form ->
   *[one] finder
    [many] finders
    [One] Finder
    [Many] Finders
}
-hub = { $form ->
   *[one] hub
    [many] hubs
    [One] Hub
    [Many] Hubs
}
-lexicon = { $form ->
   *[one] lexicon
    [One] Lexicon
}
-receipt = { $form ->
   *[one] receipt
    [many] receipts
    [One] Receipt
    [Many] Receipts
}
-receipt-code = { $form ->
   *[one] receipt code
    [One] Receipt code
}
-safe-harbour = { $form ->
   *[one] safe harbour
    [One] Safe harbour
}
-vendor = { $form ->
   *[one] vendor
    [many] vendors
    [One] Vendor
    [Many] Vendors
}
