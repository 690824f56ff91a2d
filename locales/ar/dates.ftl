# التواريخ والأوقات والمدد والقوائم.

date-month-1 = يناير
date-month-2 = فبراير
date-month-3 = مارس
date-month-4 = أبريل
date-month-5 = مايو
date-month-6 = يونيو
date-month-7 = يوليو
date-month-8 = أغسطس
date-month-9 = سبتمبر
date-month-10 = أكتوبر
date-month-11 = نوفمبر
date-month-12 = ديسمبر
date-day = { $day } { $month } { $year }
date-instant = { $date }، الساعة { $time } بالتوقيت العالمي
date-instant-zone = { $date }، الساعة { $time } بتوقيت UTC{ $offset } ({ $utc } بالتوقيت العالمي)
duration-years = { $n ->
    [zero] { $n } سنة
    [one] سنة واحدة
    [two] سنتان
    [few] { $n } سنوات
    [many] { $n } سنة
   *[other] { $n } سنة
}
duration-months = { $n ->
    [zero] { $n } شهر
    [one] شهر واحد
    [two] شهران
    [few] { $n } أشهر
    [many] { $n } شهرا
   *[other] { $n } شهر
}
duration-weeks = { $n ->
    [zero] { $n } أسبوع
    [one] أسبوع واحد
    [two] أسبوعان
    [few] { $n } أسابيع
    [many] { $n } أسبوعا
   *[other] { $n } أسبوع
}
duration-days = { $n ->
    [zero] { $n } يوم
    [one] يوم واحد
    [two] يومان
    [few] { $n } أيام
    [many] { $n } يوما
   *[other] { $n } يوم
}
duration-hours = { $n ->
    [zero] { $n } ساعة
    [one] ساعة واحدة
    [two] ساعتان
    [few] { $n } ساعات
    [many] { $n } ساعة
   *[other] { $n } ساعة
}
duration-minutes = { $n ->
    [zero] { $n } دقيقة
    [one] دقيقة واحدة
    [two] دقيقتان
    [few] { $n } دقائق
    [many] { $n } دقيقة
   *[other] { $n } دقيقة
}
duration-seconds = { $n ->
    [zero] { $n } ثانية
    [one] ثانية واحدة
    [two] ثانيتان
    [few] { $n } ثوان
    [many] { $n } ثانية
   *[other] { $n } ثانية
}
list-join = { $left }، { $right }
list-separator = {"، "}
language-of-en = الإنجليزية
language-of-fr = الفرنسية
language-of-es = الإسبانية
language-of-ar = العربية
language-of-ru = الروسية
language-of-de = الألمانية
language-of-ja = اليابانية
language-of-pt = البرتغالية
language-of-ko = الكورية
language-of-hi = الهندية
language-of-sw = السواحلية
language-of-zh-Hans = الصينية المبسّطة
date-month-year = { $month } { $year }
