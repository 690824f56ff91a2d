# رسالة لكل رمز رفض: ما الذي يكون صحيحا.

refusal-other = لا يمكن قبول هذا ({ $code }).
refusal-json-invalid = هذا ليس JSON بترميز UTF-8.
refusal-text-not-utf8 = هذا النص ليس بترميز UTF-8.
refusal-too-large = هذا أكبر من المسموح.
refusal-too-deep = هذا متداخل أعمق من المسموح.
refusal-field-unknown = هذا الحقل غير معروف هنا. أزله أو راجع اسمه.
refusal-field-missing = أجب عن هذا من فضلك.
refusal-field-type = نوع هذه القيمة غير صحيح.
refusal-schema-unsupported = استعمل الصيغة comity.report/1.
refusal-lexicon-unsupported = هذا الإصدار من { -lexicon(form: "One") } غير معروف هنا.
refusal-value-unknown = اختر إحدى القيم المعروضة.
refusal-value-invalid = راجع طريقة كتابة هذا.
refusal-text-too-long = { $max ->
    [zero] اترك هذا فارغا.
    [one] اختصر هذا إلى محرف واحد على الأكثر.
    [two] اختصر هذا إلى محرفين على الأكثر.
    [few] اختصر هذا إلى { $max } محارف على الأكثر.
    [many] اختصر هذا إلى { $max } محرفا على الأكثر.
   *[other] اختصر هذا إلى { $max } محرف على الأكثر.
}
refusal-list-too-long = { $max ->
    [zero] اترك هذه القائمة فارغة.
    [one] اذكر عنصرا واحدا على الأكثر.
    [two] اذكر عنصرين على الأكثر.
    [few] اذكر { $max } عناصر على الأكثر.
    [many] اذكر { $max } عنصرا على الأكثر.
   *[other] اذكر { $max } عنصر على الأكثر.
}
refusal-list-duplicate = أزل العنصر المكرر.
refusal-number-out-of-range = اكتب عددا صحيحا من { $min } إلى { $max }.
refusal-time-invalid = اكتب تاريخا من التقويم: السنة ثم الشهر ثم اليوم.
refusal-index-out-of-range = هذا يشير إلى ما بعد نهاية قائمته.
refusal-trials-invalid = لا يمكن أن يزيد عدد مرات النجاح على عدد المحاولات.
refusal-purl-invalid = اكتب اسم الحزمة هكذا: pkg:type/name@version.
refusal-urn-invalid = اكتب اسم الخدمة هكذا: urn:comity:service:domain:model.
refusal-digest-invalid = طول قيمة التجزئة هذه لا يناسب نوعها.
refusal-cvss-invalid = راجع متجه CVSS.
refusal-aix-invalid = راجع متجه AIX.
refusal-uplift-unsupported = العون الشديد على الإضرار يحتاج إلى ضرر يفسره.
refusal-report-text-too-short = { $min ->
    [zero] اكتب شيئا.
    [one] اكتب محرفا واحدا على الأقل.
    [two] اكتب محرفين على الأقل.
    [few] اكتب { $min } محارف على الأقل.
    [many] اكتب { $min } محرفا على الأقل.
   *[other] اكتب { $min } محرف على الأقل.
}
refusal-report-files-too-many = أرسل 20 ملفا على الأكثر.
refusal-report-file-too-large = أرسل ملفات لا يزيد كل منها على 32 ميبيبايت، ولا يزيد مجموعها على 128 ميبيبايت.
refusal-report-file-empty = هذا الملف فارغ. اختره من جديد.
refusal-strict-liability-payload = لا يجوز إرسال مثل هذه المواد. أُتلفت من دون قراءة. صِفها بكلمات عامة.
refusal-preview-changed = تغيّرت الشروط بعد أن رأيتها. راجع الجديدة ثم أرسل مجددا.
refusal-draft-unknown = هذه المسودة غير معروفة أو مُحيت. حمّل ملفك المحفوظ أو ابدأ من جديد.
refusal-intake-busy = بلاغات كثيرة في وقت واحد. أعد المحاولة بعد دقائق.
refusal-receipt-code-mistyped = في الرمز أو كلمتيه خطأ في الكتابة. راجع كل رقم.
refusal-receipt-code-unknown = لا صندوق بريد لهذا الرمز.
refusal-webhook-address-refused = لا تُرسل الإشعارات الآلية إلا إلى عناوين https عامة.
refusal-scope-missing = لا تملك هذه الرخصة حق فعل ذلك.
refusal-idempotency-key-missing = أرسل الترويسة Idempotency-Key.
refusal-idempotency-key-reused = استُعمل Idempotency-Key هذا مع محتوى آخر.
refusal-idempotency-in-progress = ما زال أول طلب بهذا المفتاح جاريا.
refusal-precondition-missing = أرسل الترويسة If-Match.
refusal-state-changed = تغيّر هذا في الأثناء. حمّله من جديد ثم قرّر.
refusal-cursor-invalid = هذا المؤشر غير صالح. ابدأ من الصفحة الأولى.
refusal-rate-limited = طلبات كثيرة. انتظر ثم أعد المحاولة.
refusal-member-unknown = هذا العضو غير معروف هنا. أزله أو راجع اسمه.
refusal-media-type = أرسل JSON واذكر ذلك: Content-Type: application/json.
refusal-text-too-long-plain = اختصر هذا النص.
refusal-list-too-long-plain = قلّل عدد المدخلات.
refusal-number-out-of-range-plain = اكتب عددا صحيحا ضمن النطاق المسموح هنا.
refusal-report-text-too-short-plain = اكتب أكثر.
refusal-receipt-code-locked = { $n ->
    [zero] رموز خاطئة كثيرة من شبكتك. أعد المحاولة الآن.
    [one] رموز خاطئة كثيرة من شبكتك. أعد المحاولة بعد دقيقة واحدة.
    [two] رموز خاطئة كثيرة من شبكتك. أعد المحاولة بعد دقيقتين.
    [few] رموز خاطئة كثيرة من شبكتك. أعد المحاولة بعد { $n } دقائق.
    [many] رموز خاطئة كثيرة من شبكتك. أعد المحاولة بعد { $n } دقيقة.
   *[other] رموز خاطئة كثيرة من شبكتك. أعد المحاولة بعد { $n } دقيقة.
}
refusal-confirmation-missing = ضع علامة في المربع أولا. لم يُمحَ شيء.
refusal-report-in-case = هذا البلاغ في { -case } من قبل. اكتب إلينا بدلا من ذلك.
