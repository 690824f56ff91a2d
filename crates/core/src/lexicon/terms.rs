//! The closed sets of words that code branches on, as types; the same keys as `lexicon/lexicon.json`.
//!
//! A test compares every set here with the lexicon, so the two cannot drift apart. Not here: ordinal
//! axes (see [`super::axis`]), whose values are only compared, and weakness classes, which are data.

/// Makes an enumeration whose variants are keys of the lexicon, in the order given.
macro_rules! terms {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $key:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, serde::Serialize)]
        pub enum $name {
            $(#[doc = concat!("The key `", $key, "`.")] #[serde(rename = $key)] $variant,)+
        }

        impl $name {
            /// Every value, in the order of the lexicon.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the key, which is never translated.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),+ }
            }

            /// Returns the value with this key.
            #[must_use]
            pub fn parse(key: &str) -> Option<Self> {
                match key { $($key => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(crate) use terms;

terms! {
    /// Whether something holds, with `X` for looked at and unknown.
    Answer { Yes = "yes", No = "no", Unknown = "X" }
}
terms! {
    /// What a report is about (LX-2).
    ReportKind {
        Vulnerability = "vulnerability", Hazard = "hazard", Incident = "incident", Exposure = "exposure",
        BenchmarkMeasurement = "benchmark_measurement",
    }
}
terms! {
    /// What kind of thing an artefact is.
    ArtefactKind {
        ModelWeights = "model_weights", ModelApiService = "model_api_service",
        FineTunedAdapter = "fine_tuned_adapter", TokenizerOrTemplate = "tokenizer_or_template",
        TrainingDataset = "training_dataset", EvaluationDataset = "evaluation_dataset",
        RagIndex = "rag_index", Agent = "agent", AgentTool = "agent_tool", McpServer = "mcp_server",
        AgentMemory = "agent_memory", Guardrail = "guardrail", SystemPrompt = "system_prompt",
        Application = "application", InferenceServer = "inference_server", MlFramework = "ml_framework",
        MlopsPlatform = "mlops_platform", ModelHub = "model_hub", ContainerOrImage = "container_or_image",
        ProtocolOrSpec = "protocol_or_spec", AcceleratorHardware = "accelerator_hardware",
        FirmwareOrDriver = "firmware_or_driver", Unknown = "X",
    }
}
terms! {
    /// Where an artefact was reached.
    Surface { Api = "api", Chat = "chat", Agent = "agent", Device = "device", Weights = "weights", Unknown = "X" }
}
terms! {
    /// The algorithm of a digest (LX-8).
    DigestAlgorithm { Sha256 = "sha256", Sha384 = "sha384", Sha512 = "sha512", Sha256Tree = "sha256-tree" }
}
terms! {
    /// What a supplier does for an artefact.
    SupplierRole {
        ModelDeveloper = "model_developer", FineTuner = "fine_tuner", ModelHost = "model_host",
        InferenceProvider = "inference_provider", ApplicationIntegrator = "application_integrator",
        Deployer = "deployer", DatasetProvider = "dataset_provider",
        ToolOrMcpProvider = "tool_or_mcp_provider", HubOperator = "hub_operator",
        HardwareVendor = "hardware_vendor", ProtocolSteward = "protocol_steward",
        SoftwareMaintainer = "software_maintainer", Distributor = "distributor",
    }
}
terms! {
    /// How a flaw touches a party.
    PartyStatus {
        Affected = "affected", NotAffected = "not_affected", UnderInvestigation = "under_investigation",
        Unknown = "unknown",
    }
}
terms! {
    /// Where in use a flaw matters.
    Domain {
        General = "general", Healthcare = "healthcare", Finance = "finance", Energy = "energy",
        Water = "water", Transport = "transport",
        TelecomDigitalInfrastructure = "telecom_digital_infrastructure",
        PublicAdministration = "public_administration",
        JusticeLawEnforcement = "justice_law_enforcement", MigrationBorder = "migration_border",
        ElectionsDemocracy = "elections_democracy", Education = "education", Employment = "employment",
        Defence = "defence", Space = "space", FoodAgriculture = "food_agriculture",
        ManufacturingOt = "manufacturing_ot", MediaInformation = "media_information",
        ChildrenServices = "children_services",
    }
}
terms! {
    /// How wide a flaw is by its nature.
    FlawScope { Product = "product", Class = "class", Protocol = "protocol", Unknown = "X" }
}
terms! {
    /// What an attacker needs to reach.
    AttackerAccess {
        External = "external", Api = "api", User = "user", Privileged = "privileged", Agent = "agent",
        SupplyChain = "supply-chain", InfrastructureProvider = "infrastructure-provider",
        ServiceProvider = "service-provider", Physical = "physical",
    }
}
terms! {
    /// Where in the life cycle a flaw enters.
    LifecycleStage {
        Planning = "planning", DataPreparation = "data-preparation", ModelTraining = "model-training",
        Development = "development", Evaluation = "evaluation", Deployment = "deployment",
        Runtime = "runtime", Maintenance = "maintenance",
    }
}
terms! {
    /// What property suffers.
    ImpactProperty {
        Confidentiality = "confidentiality", Integrity = "integrity", Availability = "availability",
        Privacy = "privacy", Safety = "safety", Compliance = "compliance", Fairness = "fairness",
        Accountability = "accountability", Reliability = "reliability", Transparency = "transparency",
    }
}
terms! {
    /// What harm may follow.
    HarmType {
        Physical = "physical", Psychological = "psychological", FinancialProperty = "financial_property",
        Reputational = "reputational", RightsDiscrimination = "rights_discrimination",
        PrivacyData = "privacy_data", InformationIntegrity = "information_integrity",
        DemocraticProcess = "democratic_process",
        CriticalServiceDisruption = "critical_service_disruption", Environmental = "environmental",
        ChildSafety = "child_safety", CbrnUplift = "cbrn_uplift",
        CyberOffenceUplift = "cyber_offence_uplift", IpModelTheft = "ip_model_theft",
    }
}
terms! {
    /// What a flaw goes against.
    Violates {
        Policy = "policy", Documentation = "documentation", Law = "law",
        SecurityExpectation = "security_expectation", Nothing = "none",
    }
}
terms! {
    /// Who suffers.
    Subject {
        SelfOnly = "self_only", OtherUsers = "other_users", Operator = "operator",
        ThirdParties = "third_parties", Public = "public",
    }
}
terms! {
    /// What may remedy a flaw.
    RemediationClass {
        PatchCode = "patch_code", PatchWeights = "patch_weights", RetrainOrUnlearn = "retrain_or_unlearn",
        UpdateGuardrailFilter = "update_guardrail_filter",
        HardenPromptOrConfig = "harden_prompt_or_config",
        RestrictCapabilityOrPermission = "restrict_capability_or_permission",
        RotateOrRevoke = "rotate_or_revoke", PolicyOrTermsChange = "policy_or_terms_change",
        MonitorAndDetect = "monitor_and_detect", QuarantineArtefact = "quarantine_artefact",
        WithdrawModelOrService = "withdraw_model_or_service", ProtocolChange = "protocol_change",
        HardwareOrFirmwareUpdate = "hardware_or_firmware_update", AcceptByDesign = "accept_by_design",
        NoneKnown = "none_known",
    }
}
terms! {
    /// What kind of thing an evidence item is.
    EvidenceKind {
        Log = "log", Screenshot = "screenshot", Transcript = "transcript", Code = "code",
        Dataset = "dataset", HarmPanel = "harm_panel", Document = "document",
        Measurement = "measurement", Other = "other",
    }
}
terms! {
    /// Whether the finder means to publish.
    Intent { Yes = "yes", No = "no", Undecided = "undecided", Already = "already" }
}
terms! {
    /// The Traffic Light Protocol 2.0.
    Tlp { Clear = "CLEAR", Green = "GREEN", Amber = "AMBER", AmberStrict = "AMBER+STRICT", Red = "RED" }
}
terms! {
    /// The Permissible Actions Protocol.
    Pap { Clear = "CLEAR", Green = "GREEN", Amber = "AMBER", Red = "RED" }
}
terms! {
    /// In which role someone assesses.
    AssessorRole {
        Finder = "finder", Vendor = "vendor", Deployer = "deployer", Coordinator = "coordinator",
        Authority = "authority", Observer = "observer", Importer = "importer",
    }
}
terms! {
    /// The format a report was imported from.
    SourceFormat { Avid = "avid", Cve = "cve", Osv = "osv", Flare = "flare" }
}

impl ArtefactKind {
    /// Returns whether this kind is AI by itself, so that a flaw in it is a flaw of AI.
    #[must_use]
    pub const fn is_ai(self) -> bool {
        !matches!(
            self,
            Self::Application
                | Self::ContainerOrImage
                | Self::ProtocolOrSpec
                | Self::AcceleratorHardware
                | Self::FirmwareOrDriver
                | Self::Unknown
        )
    }
}

impl AttackerAccess {
    /// Returns whether only someone inside has this access.
    #[must_use]
    pub const fn is_inside(self) -> bool {
        matches!(
            self,
            Self::Privileged
                | Self::InfrastructureProvider
                | Self::ServiceProvider
                | Self::Physical
        )
    }

    /// Returns whether anyone can have this access; `supply-chain` is neither inside nor open.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::External | Self::Api | Self::User | Self::Agent)
    }
}
