# One message a refusal code of the law engine: what would be right.

refusal-LAW-E-CALENDAR = There is no such calendar.
refusal-LAW-E-CLOCK-CALENDAR = This clock needs a calendar. Name one.
refusal-LAW-E-CLOCK-RULE = There is no such clock rule.
refusal-LAW-E-CLOCK-UNIT = This clock does not count in this unit.
refusal-LAW-E-CLOCK-ZONE = This clock needs a time zone. Name one.
refusal-LAW-E-COST = This takes more work than is allowed.
refusal-LAW-E-DURATION = Write one number and one unit, for example PT72H.
refusal-LAW-E-EVENT = There is no such event.
refusal-LAW-E-FACT-ENGINE = Only the program itself gives this fact.
refusal-LAW-E-FACT-NAME = There is no such fact.
refusal-LAW-E-FACT-SCOPE = This fact does not belong here.
refusal-LAW-E-FACT-TYPE = This fact has another type.
refusal-LAW-E-FACT-VALUE = This fact never has that value.
refusal-LAW-E-INSTANT = Write a date and a time with Z or an offset.
refusal-LAW-E-JSON = This is not JSON, or it is too large.
refusal-LAW-E-LIMIT = This expression is over a limit.
refusal-LAW-E-NAME = This expression names something that does not exist.
refusal-LAW-E-PACK = This pack cannot be used.
refusal-LAW-E-PARSE = This expression cannot be read.
refusal-LAW-E-REF = This names nobody who is here.
refusal-LAW-E-SCHEMA = This has another shape than wanted.
refusal-LAW-E-TYPE = This expression compares things of different types.
refusal-LAW-E-VALUE = This expression holds a value that cannot be.
refusal-LAW-E-ZONE = There is no such time zone.
