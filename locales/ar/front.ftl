# الصفحة الرئيسية.

front-title = الإبلاغ عن ثغرات أنظمة الذكاء الاصطناعي والاطلاع عليها
front-heading = تستقبل { $hub } البلاغات عن ثغرات أنظمة الذكاء الاصطناعي
front-lead = أخبرنا عن أي ثغرة قد تضرّ بالناس. لا حاجة إلى حساب. وسترى من سيقرأ بلاغك وبأي شروط قبل أن ترسله.
front-read-policy = اقرأ السياسة
front-promises = ما نتعهّد به
front-promise-answer = جواب
front-promise-answer-words = نؤكد استلام كل بلاغ خلال { $within }.
front-promise-embargo = نهاية للصمت
front-promise-embargo-words = تنتهي مدة { -embargo(form: "One") } بعد { $length } ما لم يتفق الأطراف على موعد آخر.
front-promise-harbour = { -safe-harbour(form: "One") }
front-promise-harbour-words = الإصدار { $version } من نص { -safe-harbour(form: "One") } يُثبَّت مع بلاغك ويبقى ساريا عليه.
front-promise-no-harbour-words = هذا { -hub(form: "One") } لا يمنح أي { -safe-harbour }. استشر محاميا قبل أن تختبر أنظمة غيرك.
front-newest = أحدث { -advisory(form: "Many") }
front-nothing-published = لم يُنشر شيء بعد.
front-all-advisories = جميع { -advisory(form: "Many") }
