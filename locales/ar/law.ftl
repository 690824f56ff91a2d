# One message a refusal code of the law engine: what would be right.

refusal-LAW-E-CALENDAR = لا يوجد تقويم بهذا الاسم.
refusal-LAW-E-CLOCK-CALENDAR = يحتاج هذا الحساب إلى تقويم. اذكر تقويمًا.
refusal-LAW-E-CLOCK-RULE = لا توجد قاعدة حساب بهذا الاسم.
refusal-LAW-E-CLOCK-UNIT = لا تُحسب هذه المدة بهذه الوحدة.
refusal-LAW-E-CLOCK-ZONE = يحتاج هذا الحساب إلى منطقة زمنية. اذكر واحدة.
refusal-LAW-E-COST = يتطلب هذا عملًا أكثر من المسموح به.
refusal-LAW-E-DURATION = اكتب عددًا واحدًا ووحدة واحدة، مثل PT72H.
refusal-LAW-E-EVENT = لا يوجد حدث بهذا الاسم.
refusal-LAW-E-FACT-ENGINE = البرنامج وحده هو الذي يعطي هذه الواقعة.
refusal-LAW-E-FACT-NAME = لا توجد واقعة بهذا الاسم.
refusal-LAW-E-FACT-SCOPE = ليس هذا موضع هذه الواقعة.
refusal-LAW-E-FACT-TYPE = هذه الواقعة من نوع آخر.
refusal-LAW-E-FACT-VALUE = لا تأخذ هذه الواقعة هذه القيمة أبدًا.
refusal-LAW-E-INSTANT = اكتب التاريخ والوقت مع Z أو فرق التوقيت.
refusal-LAW-E-JSON = هذا ليس JSON، أو أنه كبير جدًا.
refusal-LAW-E-LIMIT = يتجاوز هذا التعبير أحد الحدود.
refusal-LAW-E-NAME = يذكر هذا التعبير شيئًا غير موجود.
refusal-LAW-E-PACK = لا يمكن استخدام هذه الحزمة.
refusal-LAW-E-PARSE = لا يمكن قراءة هذا التعبير.
refusal-LAW-E-REF = هذا الاسم لا يدل على أحد هنا.
refusal-LAW-E-SCHEMA = شكل هذا غير الشكل المطلوب.
refusal-LAW-E-TYPE = يقارن هذا التعبير بين أنواع مختلفة.
refusal-LAW-E-VALUE = في هذا التعبير قيمة غير ممكنة.
refusal-LAW-E-ZONE = لا توجد منطقة زمنية بهذا الاسم.
