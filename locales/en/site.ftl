# Pages that the addresses themselves need: feeds, refusals of a whole request, the overview of the API.

site-feed-advisories = { -advisory(form: "Many") } of { $hub }
site-feed-corrections = Corrections of { $hub }
site-foreign-title = This was sent from another site
site-foreign-words = We take forms from our own pages only. Nothing was stored. Open the page here and send it again.
site-method-title = This address is not asked so
site-method-words = The page is there, but it takes no such request. Nothing was stored.
site-often-title = Too many requests
site-often-words = Wait a minute, then open the page again.
site-refused-title = This cannot be accepted
site-refused-words = What was sent is not what this page asks for. Nothing was stored.

api-title = Interface for programs
api-lead = Everything that these pages do can be done by a program, in JSON.
api-tokens = Send a token as “Authorization: Bearer …”. Whoever runs this { -hub } gives it to you.
api-download = Download the OpenAPI document
api-routes = Addresses
api-token = Needs a token
api-public = Open to everyone
