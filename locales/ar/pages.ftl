# التصويبات والسياسة والاتصال والخصوصية وإمكانية الوصول والأخطاء والمعجم.

corrections-lead = ما صوّبناه أو سحبناه، والبيانات الرسمية. الأحدث أولا.
corrections-none = لا شيء حتى الآن.
corrections-feed = موجز Atom للتصويبات

policy-title = السياسة، الإصدار { $version }
policy-heading = سياسة { $hub }
policy-version = الإصدار { $version }
policy-since = سارية منذ { $date }
policy-old = هذا إصدار قديم.
policy-newest = انتقل إلى الإصدار الساري
policy-no-harbour = هذا { -hub(form: "One") } لا يمنح أي { -safe-harbour }.
policy-hash = قيمة SHA-256 لهذه السياسة:

not-found-title = لا شيء لك هنا
not-found-words = إما أن هذه الصفحة غير موجودة، وإما أنها ليست لك. ونقول القول نفسه في الحالتين.
to-front = انتقل إلى الصفحة الرئيسية

fault-title = حدث عطل من جهتنا
fault-stored = ما أرسلته محفوظ.
fault-not-stored = ما أرسلته غير محفوظ.
fault-incident = رقم الحادثة { $incident }
fault-words = ليس الخطأ منك. اذكر رقم الحادثة إن كتبت إلينا.
busy-title = بلاغات كثيرة في وقت واحد
busy-retry = { $n ->
    [zero] أعد المحاولة الآن.
    [one] أعد المحاولة بعد دقيقة واحدة.
    [two] أعد المحاولة بعد دقيقتين.
    [few] أعد المحاولة بعد { $n } دقائق.
    [many] أعد المحاولة بعد { $n } دقيقة.
   *[other] أعد المحاولة بعد { $n } دقيقة.
}
busy-kept = إجاباتك باقية في هذه الصفحة. يمكنك إرسالها مجددا أو حفظها في ملف.
try-again = أعد المحاولة
download-answers = نزّل إجاباتي

contact-lead = يقرأ شخص ما تكتبه ويجيب خلال { $within }.
contact-key = لكتابة رسالة مختومة استعمل هذا المفتاح:
contact-which = أي السبل هو الصحيح
contact-flaw = وجدت ثغرة
contact-mistake = في أحد نصوصنا خطأ
contact-danger = شخص ما في خطر الآن
contact-danger-words = اتصل برقم الطوارئ في بلدك. لسنا جهة طوارئ.

privacy-lead = نحتفظ بأقل ما يمكن، لأقصر مدة ممكنة.
privacy-reading = عندما تقرأ
privacy-reading-words = الصفحات العامة لا تضع ملفات ارتباط، ولا تحمّل شيئا من غيرنا، ولا تحصي أحدا.
privacy-reporting = عندما تبلّغ
privacy-reporting-words = تُختم كلماتك قبل حفظها وتُمحى بعد { $after } من إغلاق { -case(form: "One") }. ولا يبقى إلا التزام مملّح لا يدل على شيء بذاته.
privacy-identity = من أنت
privacy-identity-words = تُختم هويتك على حدة، ولا تصل إلى أحد ما لم تقل ذلك.
privacy-law = أي قانون
privacy-law-words = يخضع هذا { -hub(form: "One") } لقانون { $jurisdiction }.

accessibility-lead = يجب أن يستطيع كل إنسان الإبلاغ والقراءة. نتبع المعيار WCAG 2.2، المستوى AA.
accessibility-script = تعمل جميع الصفحات من دون برامج نصية.
accessibility-keyboard = يمكن فعل كل شيء بلوحة المفاتيح، بترتيب الصفحة.
accessibility-size = يمكن تكبير النص إلى 200%، وتتسع الصفحات لعرض 320 بكسل.
accessibility-colour = لا شيء يُقال باللون وحده، ووضعا التعتيم والتباين العالي محفوظان.
accessibility-time = لا خطوة محدودة بوقت من دون تنبيه.
accessibility-barrier = شيء لا يعمل لديك؟
accessibility-barrier-words = أخبرنا. يجيب شخص خلال { $within }.

lexicon-lead = ما تعنيه كلماتنا. الإصدار { $version }.
lexicon-version = الإصدار { $version }
lexicon-search-label = ابحث في الكلمات
lexicon-none = لا كلمة مطابقة.
lexicon-elsewhere = ما يقابلها في قوائم أخرى
lexicon-all = جميع الكلمات
