# التنبيهات.

advisories-search = بحث
advisories-search-label = ابحث باسم المنتج أو بالكلمات أو بالرقم
advisories-found = { $n ->
    [zero] لم يُعثر على شيء عن «{ $query }».
    [one] عُثر على { -advisory } واحد عن «{ $query }».
    [two] عُثر على تنبيهين اثنين عن «{ $query }».
    [few] عُثر على { $n } { -advisory(form: "many") } عن «{ $query }».
    [many] عُثر على { $n } تنبيها أمنيا عن «{ $query }».
   *[other] عُثر على { $n } { -advisory } عن «{ $query }».
}
advisories-drop-search = اعرض الكل
advisories-results = النتائج
advisories-none = لا نتيجة مطابقة. جرّب كلمات أقل أو ألغِ البحث.
advisories-pages = صفحات أخرى
advisories-newer = الأحدث
advisories-older = الأقدم

advisory-published = نُشر في { $date }
advisory-corrected-on = صُوّب في { $date }
advisory-corrected = صُوّب في { $date }: ما الذي تغيّر
advisory-withdrawn-mark = مسحوب
advisory-withdrawn = سُحب في { $date }
advisory-successor = انظر { $id } بدلا منه
advisory-old-version = هذا إصدار قديم.
advisory-newest-version = انتقل إلى الإصدار { $version }
advisory-translated = النص المعتمد بلغة:
advisory-am-i-affected = هل أنا متأثر؟
advisory-product = المنتج
advisory-versions = الإصدارات
advisory-all-versions = جميعها
advisory-state = الحالة
advisory-nothing-named = لم يُذكر أي منتج.
advisory-what-to-do = ماذا تفعل الآن
advisory-no-action = لا شيء تفعله بعد. وستقول هذه الصفحة ذلك متى وُجد.
advisory-what-it-is = ما هي
advisory-how-bad = مدى الخطورة
advisory-not-scored = لم تُقيَّم.
advisory-score-system = نظام التقييم
advisory-score-value = القيمة
advisory-score-by = المقيِّم
advisory-since-when = منذ متى عُرفت
advisory-more = المزيد
advisory-credit = الفضل في الاكتشاف
advisory-nobody-named = لم يطلب أحد ذكر اسمه.
advisory-aliases = تُعرف أيضا باسم
advisory-sources = المصادر
advisory-formats = صيغ أخرى
advisory-verify = التحقق
advisory-in-log = في السجل العام عند الموضع { $position }.
advisory-witnesses = { $n ->
    [zero] بلا شهود.
    [one] شاهد واحد.
    [two] شاهدان.
    [few] { $n } شهود.
    [many] { $n } شاهدا.
   *[other] { $n } شاهد.
}

state-affected = متأثر
state-fixed = أُصلح
state-not-affected = غير متأثر
state-under-investigation = قيد الفحص
state-unknown = غير معروف

urgency-act = تصرّف الآن
urgency-coordinate-now = نسّق الآن
urgency-schedule = حدّد موعدا
urgency-track = راقب

timeline-received = وصل البلاغ
timeline-acknowledged = أُكد استلام البلاغ
timeline-vendor-informed = أُخبر { -vendor }
timeline-fix-ready = أصبح الإصلاح جاهزا
timeline-attacks-seen = رُصدت هجمات
timeline-made-public = أعلنه آخرون
timeline-published = نُشر { -advisory(form: "One") }
timeline-corrected = صُوّب { -advisory(form: "One") }
timeline-withdrawn = سُحب { -advisory(form: "One") }

advisory-reproduction = كيفية التكرار
translation-machine = ترجمة آلية لم يقرأها أحد.
translation-reviewed = ترجمة راجعها شخص.
translation-authentic = لهذا النص حجية الأصل نفسها.
translation-stale = تغيّر الأصل بعد ترجمته.
remedy-mitigation = يخفف الضرر
remedy-no_fix_planned = لا إصلاح مخطط له
remedy-none_available = لا علاج حتى الآن
remedy-vendor_fix = إصلاح من { -vendor(form: "One") }
remedy-workaround = حل التفافي
justification-component_not_present = المكوّن غير موجود فيه.
justification-inline_mitigations_already_exist = فيه حماية داخلية تمنعها.
justification-vulnerable_code_cannot_be_controlled_by_adversary = لا يستطيع مهاجم توجيهه.
justification-vulnerable_code_not_in_execute_path = لا يُنفَّذ أبدا.
justification-vulnerable_code_not_present = أُزيلت منه الشيفرة المعيبة.
withheld-class_only = لا نذكر كيف تعمل، لأن أنظمة كثيرة ما زالت معرّضة لها.
withheld-redacted_payload = حُذف النص المسبب للضرر.
withheld-restricted_channel = لا يُقال أكثر من ذلك إلا لمن عليه أن يتصرف. اسأل عبر:
exploitation-none = لم يرصد أحد استعمالها في هجمات.
exploitation-public_poc = طريقة تنفيذها معلنة، ولم يُرصد أي هجوم.
exploitation-active = تُستعمل في هجمات.
timeline-discovered = وُجدت الثغرة
band-none = معدوم
band-low = منخفض
band-medium = متوسط
band-high = مرتفع
band-critical = حرج
aix-transferability = يصلح لنماذج أخرى
aix-transferability-single = نموذج واحد
aix-transferability-family = عائلة نماذج واحدة
aix-transferability-multi_vendor = نماذج عدة جهات
aix-transferability-universal = معظم النماذج
aix-reliability = كم مرة ينجح
aix-reliability-unreliable = نادرا
aix-reliability-probabilistic = أحيانا
aix-reliability-reliable = دائما تقريبا
aix-persistence = كم يدوم
aix-persistence-none = لا يدوم
aix-persistence-session = جلسة واحدة
aix-persistence-long_lived = بعد الجلسة
aix-persistence-embedded = مدمج في النموذج
aix-propagation = إلى أين ينتشر
aix-propagation-single_principal = استعمال شخص واحد
aix-propagation-tenant = عميل واحد
aix-propagation-cross_tenant = بين العملاء
aix-propagation-self_propagating = من تلقاء نفسه
aix-detectability = كيف يُكتشف
aix-detectability-readily = بسهولة
aix-detectability-with_effort = بجهد
aix-detectability-hardly = بصعوبة
aix-detectability-not = لا يُكتشف
aix-fix_reach = أين يمكن إصلاحه
aix-fix_reach-central = في مكان واحد
aix-fix_reach-distributed = لدى كل من يشغّله
aix-fix_reach-protocol = في بروتوكول
aix-fix_reach-irrevocable = لا يمكن استرجاع النسخ
aix-misuse_uplift = العون على إساءة الاستعمال
aix-misuse_uplift-none = معدوم
aix-misuse_uplift-limited = محدود
aix-misuse_uplift-significant = كبير
aix-misuse_uplift-severe = شديد
aix-rights_impact = الضرر بالحقوق
aix-rights_impact-none = معدوم
aix-rights_impact-limited = محدود
aix-rights_impact-consequential = ذو عواقب
aix-rights_impact-irreversible = لا يمكن عكسه
aix-safety_impact = الضرر بالسلامة
aix-safety_impact-negligible = ضئيل
aix-safety_impact-marginal = هامشي
aix-safety_impact-critical = حرج
aix-safety_impact-catastrophic = كارثي
