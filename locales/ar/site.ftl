# Pages that the addresses themselves need: feeds, refusals of a whole request, the overview of the API.

site-feed-advisories = { -advisory(form: "Many") } – { $hub }
site-feed-corrections = تصويبات { $hub }
site-foreign-title = أُرسل هذا من موقع آخر
site-foreign-words = لا نقبل النماذج إلا من صفحاتنا. لم يُحفظ شيء. افتح الصفحة هنا وأرسل من جديد.
site-method-title = لا يُطلب هذا العنوان هكذا
site-method-words = الصفحة موجودة، لكنها لا تقبل طلبا كهذا. لم يُحفظ شيء.
site-often-title = طلبات كثيرة جدا
site-often-words = انتظر دقيقة ثم افتح الصفحة من جديد.
site-refused-title = لا يمكن قبول هذا
site-refused-words = ما أُرسل ليس ما تطلبه هذه الصفحة. لم يُحفظ شيء.

api-title = واجهة للبرامج
api-lead = كل ما تفعله هذه الصفحات يستطيع برنامج أن يفعله بصيغة JSON.
api-tokens = أرسل رمز الدخول في الترويسة «Authorization: Bearer …». يمنحك إياه القائمون على هذا الموقع.
api-download = نزّل وثيقة OpenAPI
api-routes = العناوين
api-token = يحتاج إلى رمز دخول
api-public = متاح للجميع
