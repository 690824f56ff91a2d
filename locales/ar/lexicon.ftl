# تسميات قيم المعجم التي تعرضها الصفحات.

lexicon-harm-physical = إصابة أو وفاة
lexicon-harm-psychological = ضرر نفسي
lexicon-harm-financial_property = خسارة مال أو ممتلكات
lexicon-harm-reputational = مساس بالسمعة
lexicon-harm-rights_discrimination = انتهاك حقوق أو معاملة غير متساوية
lexicon-harm-privacy_data = كشف بيانات شخصية
lexicon-harm-information_integrity = معلومات زائفة على نطاق واسع
lexicon-harm-democratic_process = الانتخابات أو النقاش العام
lexicon-harm-critical_service_disruption = انقطاع خدمات أساسية
lexicon-harm-environmental = ضرر بالبيئة
lexicon-harm-child_safety = إضرار بالأطفال
lexicon-harm-cbrn_uplift = عون على ضرر كيميائي أو بيولوجي أو إشعاعي أو نووي
lexicon-harm-cyber_offence_uplift = عون على هجمات إلكترونية
lexicon-harm-ip_model_theft = سرقة نموذج أو سر تجاري

lexicon-artefact-X = لست متأكدا
lexicon-artefact-model_weights = نموذج مفتوح الأوزان
lexicon-artefact-model_api_service = نموذج يُستعمل خدمةً
lexicon-artefact-fine_tuned_adapter = مهايئ أو تعديل بالضبط الدقيق
lexicon-artefact-tokenizer_or_template = مجزّئ نصوص أو قالب محادثة
lexicon-artefact-training_dataset = بيانات تدريب
lexicon-artefact-evaluation_dataset = بيانات تقييم
lexicon-artefact-rag_index = فهرس بحث أو مخزن متجهات
lexicon-artefact-agent = وكيل
lexicon-artefact-agent_tool = أداة أو إضافة لوكيل
lexicon-artefact-mcp_server = خادم MCP
lexicon-artefact-agent_memory = ذاكرة وكيل
lexicon-artefact-guardrail = حاجز حماية أو مرشح سلامة
lexicon-artefact-system_prompt = تعليمات النظام
lexicon-artefact-application = منتج مبني على نموذج
lexicon-artefact-inference_server = برنامج يشغّل النماذج
lexicon-artefact-ml_framework = مكتبة تعلّم آلي
lexicon-artefact-mlops_platform = منصة تجارب أو مسارات عمل
lexicon-artefact-model_hub = سجل نماذج أو بيانات
lexicon-artefact-container_or_image = حاوية أو صورة نظام
lexicon-artefact-protocol_or_spec = بروتوكول أو مواصفة
lexicon-artefact-accelerator_hardware = عتاد تسريع
lexicon-artefact-firmware_or_driver = برنامج ثابت أو مشغّل

lexicon-surface-X = لست متأكدا
lexicon-surface-api = واجهة برمجية
lexicon-surface-chat = صفحة محادثة
lexicon-surface-agent = وكيل
lexicon-surface-device = جهاز
lexicon-surface-weights = نسخة خاصة من الأوزان
