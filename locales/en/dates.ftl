# Dates, times, lengths of time, lists.

date-month-1 = January
date-month-2 = February
date-month-3 = March
date-month-4 = April
date-month-5 = May
date-month-6 = June
date-month-7 = July
date-month-8 = August
date-month-9 = September
date-month-10 = October
date-month-11 = November
date-month-12 = December
date-day = { $day } { $month } { $year }
date-instant = { $date }, { $time } UTC
date-instant-zone = { $date }, { $time } UTC{ $offset } ({ $utc } UTC)
duration-years = { $n ->
    [one] { $n } year
   *[other] { $n } years
}
duration-months = { $n ->
    [one] { $n } month
   *[other] { $n } months
}
duration-weeks = { $n ->
    [one] { $n } week
   *[other] { $n } weeks
}
duration-days = { $n ->
    [one] { $n } day
   *[other] { $n } days
}
duration-hours = { $n ->
    [one] { $n } hour
   *[other] { $n } hours
}
duration-minutes = { $n ->
    [one] { $n } minute
   *[other] { $n } minutes
}
duration-seconds = { $n ->
    [one] { $n } second
   *[other] { $n } seconds
}
list-join = { $left }, { $right }
list-separator = {", "}
language-of-en = English
language-of-fr = French
language-of-es = Spanish
language-of-ar = Arabic
language-of-ru = Russian
language-of-de = German
language-of-ja = Japanese
language-of-pt = Portuguese
language-of-ko = Korean
language-of-hi = Hindi
language-of-sw = Swahili
language-of-zh-Hans = Chinese (simplified)
date-month-year = { $month } { $year }
