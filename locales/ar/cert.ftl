### اعتماد الولايات القضائية: أسباب رفض السجلات.

refusal-adverse-retroactive = لا يجوز أن تبدأ حالة أسوأ قبل يوم تسجيلها، إلا تصحيحًا.
refusal-appeal-late = انقضت مهلة الطعن.
refusal-appeal-pending = يوجد طعن في هذا الحدث من قبل.
refusal-assessment-differs = لا يوافق هذا القرار التقييم الذي يستند إليه.
refusal-assessor-conflicted = هذا الشخص أو هذه الجهة على صلة بالولاية القضائية تمنع من تقييمها.
refusal-bad-date = هذا التاريخ ناقص أو مستحيل أو خارج عن الترتيب.
refusal-ballot-bad-choice = تكون ورقة الاقتراع نعم أو لا أو امتناعًا.
refusal-ballot-bad-signature = توقيع ورقة الاقتراع هذه غير صحيح.
refusal-ballot-doubled = سُلّمت ورقة الاقتراع هذه من قبل.
refusal-ballot-early = لم يبدأ التصويت بعد.
refusal-ballot-late = انتهى التصويت.
refusal-ballot-not-on-roll = هذا المصوّت ليس في السجل.
refusal-ballot-recused = هذا المصوّت متنحٍّ عن هذا الاقتراح.
refusal-certificate-unsupported = تحتاج الشهادة إلى رقم وتقرير نهائي.
refusal-edition-unsigned = ما زالت الطبعة الأخيرة تنقصها توقيعات.
refusal-evidence-conflict = تشهد الأدلة للجوابين معًا. بيّن سبب الأخذ بهذا الجواب.
refusal-evidence-missing = يحتاج هذا إلى دليل.
refusal-evidence-unknown = هذا الدليل ليس في الملف.
refusal-id-taken = هذا المعرّف مستعمل.
refusal-id-unknown = لا شيء هنا يحمل هذا المعرّف.
refusal-motion-closed = انتهى التصويت على هذا الاقتراح.
refusal-motion-on-something-else = هذا الاقتراح في شأن آخر.
refusal-motion-open = لم ينته التصويت على هذا الاقتراح.
refusal-motion-spent = سبق أن حسم هذا الاقتراح أمرًا.
refusal-not-a-jurisdiction = لا تُعتمد إلا الولايات القضائية، ولا تُعتمد شركة ولا منتج ولا نموذج ولا مشروع.
refusal-not-your-act = ليس هذا من شأن طرفك في الإجراء.
refusal-panel-overlaps = شارك أحد أعضاء الهيئة في القرار.
refusal-profile-invalid = تتعذر قراءة نظام الإجراءات هذا.
refusal-profile-not-in-force = لا نظام إجراءات نافذًا في هذا اليوم.
refusal-register-not-append-only = السجل يزيد ولا ينقص، ولا يجوز تغيير ما فيه.
refusal-rule-unsatisfiable = لا يمكن لأحد أن يستوفي هذه القاعدة أبدًا.
refusal-tally-differs = نتيجة الفرز غير ذلك.
refusal-team-too-small = الفريق صغير أو من مناطق قليلة.
refusal-transition-not-allowed = هذه الخطوة غير مسموح بها هنا على هذا الأساس.
refusal-unknown-jurisdiction = لا يدرج السجل هذه الولاية القضائية في هذا اليوم.
refusal-validity-too-long = مدة الشهادة أطول من المسموح.
refusal-wind-down-wrong = مهلة التصفية ليست مهلة نظام الإجراءات.
refusal-lessons-too-few = تجمع الدروس خمسة تقييمات أو أكثر، وبزيادة خمسة عن المرة السابقة.
refusal-not-yours-to-publish = لا يترك لك الإجراء أن تنشر هذا.
refusal-pause-undecided = يحتاج الوقف إلى اقتراح معتمد بشأن هذا الأجل بعينه.
refusal-report-differs = ليست هذه بصمة التقرير النهائي.
refusal-timer-fixed = نهاية هذا الأجل مدوّنة يومًا محددًا، ولا يغيّر وقفه شيئًا.
refusal-timer-not-paused = هذا الأجل غير موقوف.
refusal-timer-over = انقضى هذا الأجل.
refusal-timer-paused = هذا الأجل موقوف من قبل.

### الصفحات: المعايير المحفوظة هنا، وإجراء معيار منها.

standards-title = معايير الرقابة
standards-lead = المعايير التي تُحفظ سجلاتها هنا. تُعتمد الدول وفقها، لا الشركات ولا المنتجات.
standards-none = لا يُحفظ هنا أي معيار.
standards-jurisdictions = { $count ->
    [zero] لا ولايات قضائية
    [one] ولاية قضائية واحدة
    [two] ولايتان قضائيتان
    [few] { $count } ولايات قضائية
    [many] { $count } ولاية قضائية
   *[other] { $count } ولاية قضائية
}
standards-simulated = تمرين: لا يعتمد أحدًا
standards-more = مزيد من المعايير

procedure-title = إجراء المعيار
procedure-validity = نافذ من { $from } إلى { $until }
procedure-lead = كل رقم في الإجراء، وما أُخذ عنه، ومدى ثقة واضعه بذلك.
procedure-warnings = { $count ->
    [zero] لا أرقام ثقتها منخفضة.
    [one] رقم واحد ثقته منخفضة: تحقق منه في مصدره قبل الاعتماد عليه.
    [two] رقمان ثقتهما منخفضة: تحقق منهما في مصدرهما قبل الاعتماد عليهما.
    [few] { $count } أرقام ثقتها منخفضة: تحقق من كل منها في مصدره قبل الاعتماد عليه.
    [many] { $count } رقمًا ثقتها منخفضة: تحقق من كل منها في مصدره قبل الاعتماد عليه.
   *[other] { $count } رقم ثقتها منخفضة: تحقق من كل منها في مصدره قبل الاعتماد عليه.
}
procedure-figure = الرقم
procedure-value = القيمة
procedure-analogue = مأخوذ عن
procedure-no-analogue = لم يُسمَّ شيء
procedure-confidence = مدى الثقة
procedure-confidence-high = عالية
procedure-confidence-medium = متوسطة
procedure-confidence-low = منخفضة: تحقق منه أولًا
procedure-confidence-own = اقتراحنا
procedure-confidence-unsaid = غير مذكورة
procedure-part-timer = الآجال
procedure-part-score = الدرجة
procedure-part-cap = خطط التصحيح
procedure-part-conflict = الفرق وتضارب المصالح
procedure-part-border = الفحوص الحدودية
procedure-part-rule = قواعد التوصية
procedure-part-listing = قواعد الإدراج
procedure-part-organ = الأجهزة
procedure-member-days = المدة
procedure-member-ldc-days = المدة لأقل الولايات نموًا
procedure-member-immediate-days = المدة إذا كان الشاغل فوريًا
procedure-member-lapse-days = يسقط بعد
procedure-member-min-coverage-bp = أدنى تغطية
procedure-member-lc-max-ns-bp = أقصى غير المستوفى، ممتثل إلى حد كبير
procedure-member-pc-max-ns-bp = أقصى غير المستوفى، ممتثل جزئيًا
procedure-member-pc-max-priority-ns = أقصى أسئلة الأولوية غير المستوفاة، ممتثل جزئيًا
procedure-member-max-months = أطول مدة
procedure-member-max-renewals = أقصى عدد للتجديدات
procedure-member-years-as-adviser = تضارب المستشارين خلال
procedure-member-max-objections = أقصى عدد للاعتراضات
procedure-member-min-team = أدنى حجم للفريق
procedure-member-min-regions = أدنى عدد للمناطق
procedure-member-p = النسبة المتوقعة للادعاءات الكاذبة
procedure-member-z = مدى التشتت
procedure-member-window-years = النافذة
procedure-member-min-inspections = أدنى عدد للفحوص
procedure-member-quorum = النصاب
procedure-member-threshold = الأغلبية
procedure-member-block = نسبة التعطيل
procedure-unit-basis-points = نقطة أساس
procedure-unit-days = يومًا
procedure-unit-months = شهرًا
procedure-unit-working-days = يوم عمل
procedure-unit-years = سنة
procedure-holidays = العطل
procedure-holidays-none = لم تُدرج عطل: تتخطى أيام العمل عطلة نهاية الأسبوع وحدها.
procedure-json = المحتوى نفسه بصيغة JSON
