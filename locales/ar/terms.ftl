# أسماء المصطلحات. تستعملها الرسائل ولا تكتبها حرفيا.
# الصيغة: one نكرة مفرد، many نكرة جمع، One معرفة مفرد، Many معرفة جمع.

-brand = Comity
-advisory = { $form ->
   *[one] تنبيه أمني
    [many] تنبيهات أمنية
    [One] التنبيه الأمني
    [Many] التنبيهات الأمنية
}
-case = { $form ->
   *[one] ملف
    [many] ملفات
    [One] الملف
    [Many] الملفات
}
-coordinator = { $form ->
   *[one] منسّق
    [many] منسّقين
    [One] المنسّق
    [Many] المنسّقون
}
-embargo = { $form ->
   *[one] حظر نشر
    [many] فترات حظر نشر
    [One] حظر النشر
    [Many] فترات حظر النشر
}
-finder = { $form ->
   *[one] مكتشف
    [many] مكتشفين
    [One] المكتشف
    [Many] المكتشفون
}
-hub = { $form ->
   *[one] مركز
    [many] مراكز
    [One] المركز
    [Many] المراكز
}
-lexicon = { $form ->
   *[one] معجم
    [One] المعجم
}
-receipt = { $form ->
   *[one] إيصال
    [many] إيصالات
    [One] الإيصال
    [Many] الإيصالات
}
-receipt-code = { $form ->
   *[one] رمز إيصال
    [One] رمز الإيصال
}
-safe-harbour = { $form ->
   *[one] ملاذ آمن
    [One] الملاذ الآمن
}
-vendor = { $form ->
   *[one] مورّد
    [many] مورّدين
    [One] المورّد
    [Many] المورّدون
}
