# Labels of lexicon values that pages offer.

lexicon-harm-physical = Injury or death
lexicon-harm-psychological = Mental harm
lexicon-harm-financial_property = Loss of money or property
lexicon-harm-reputational = Loss of standing
lexicon-harm-rights_discrimination = Rights infringed, unequal treatment
lexicon-harm-privacy_data = Personal data exposed
lexicon-harm-information_integrity = False information at scale
lexicon-harm-democratic_process = Elections or public debate
lexicon-harm-critical_service_disruption = Essential services interrupted
lexicon-harm-environmental = Damage to the environment
lexicon-harm-child_safety = Harm to children
lexicon-harm-cbrn_uplift = Help towards chemical, biological, radiological or nuclear harm
lexicon-harm-cyber_offence_uplift = Help towards cyber attacks
lexicon-harm-ip_model_theft = Theft of a model or trade secret

lexicon-artefact-X = Not sure
lexicon-artefact-model_weights = Model with open weights
lexicon-artefact-model_api_service = Model used as a service
lexicon-artefact-fine_tuned_adapter = Adapter or fine-tuned change
lexicon-artefact-tokenizer_or_template = Tokenizer or chat template
lexicon-artefact-training_dataset = Training data
lexicon-artefact-evaluation_dataset = Evaluation data
lexicon-artefact-rag_index = Search index or vector store
lexicon-artefact-agent = Agent
lexicon-artefact-agent_tool = Tool or plug-in of an agent
lexicon-artefact-mcp_server = MCP server
lexicon-artefact-agent_memory = Memory of an agent
lexicon-artefact-guardrail = Guardrail or safety filter
lexicon-artefact-system_prompt = System prompt
lexicon-artefact-application = Product built around a model
lexicon-artefact-inference_server = Software that serves models
lexicon-artefact-ml_framework = Machine-learning library
lexicon-artefact-mlops_platform = Platform for experiments or pipelines
lexicon-artefact-model_hub = Registry of models or data
lexicon-artefact-container_or_image = Container or image
lexicon-artefact-protocol_or_spec = Protocol or specification
lexicon-artefact-accelerator_hardware = Accelerator hardware
lexicon-artefact-firmware_or_driver = Firmware or driver

lexicon-surface-X = Not sure
lexicon-surface-api = Programming interface
lexicon-surface-chat = Chat page
lexicon-surface-agent = Agent
lexicon-surface-device = Device
lexicon-surface-weights = Own copy of the weights
