# ما يظهر في كل صفحة.

language-name = العربية
skip-to-content = انتقل إلى المحتوى
header-label = { $hub }: الصفحات الرئيسية
nav-report = الإبلاغ عن ثغرة
nav-advisories = { -advisory(form: "Many") }
nav-corrections = التصويبات
nav-policy = السياسة
nav-lexicon = { -lexicon(form: "One") }
language-switch = اللغة
help-short = المساعدة
help-link = المساعدة والاتصال
footer-label = عن هذا { -hub(form: "One") }
footer-run-by = تدير { $hub } هذا { -hub(form: "One") }.
footer-software = { -brand } { $version }
footer-privacy = الخصوصية
footer-accessibility = إمكانية الوصول
footer-contact = الاتصال
footer-feeds = موجز Atom: { -advisory(form: "Many") }
footer-no-tracking = بلا ملفات ارتباط ولا تتبّع ولا أطراف خارجية.
required-mark = إجابة مطلوبة
required-note = الأسئلة المعلّمة بعلامة * تحتاج إلى إجابة. ويمكن ترك ما عداها فارغا.
back-link = رجوع
token-title = محرف غير مرئي { $code }

errors-title = { $n ->
    [zero] لا إجابات تحتاج إلى تعديل
    [one] إجابة واحدة تحتاج إلى تعديل
    [two] إجابتان تحتاجان إلى تعديل
    [few] { $n } إجابات تحتاج إلى تعديل
    [many] { $n } إجابة تحتاج إلى تعديل
   *[other] { $n } إجابة تحتاج إلى تعديل
}
errors-kept = لم يضع شيء مما كتبت.
errors-code = الرمز
error-prefix = خطأ:
