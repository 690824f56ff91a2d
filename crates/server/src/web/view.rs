//! One typed view a page: public fields, no logic beyond how a value is shown.

mod advisory;
mod cert;
mod front;
mod mailbox;
mod pages;
mod report;

pub use advisory::{
    ActionRow, AdvisoriesView, AdvisoryView, AffectedRow, AffectedState, FormatLink, LogProof,
    Milestone, ScoreRow, TimelineRow, TranslationNote, Urgency, Withdrawal,
};
pub use cert::{FigurePart, FigureRow, ProcedureView, StandardItem, StandardsView};
pub use front::{AdvisoryItem, FrontView, Promise};
pub use mailbox::{ApiRow, ApiView, MailboxView, MessageItem, NoticeView, OpenMailbox};
pub use pages::{
    AccessibilityView, BusyView, ContactView, CorrectionItem, CorrectionsView, FaultView,
    LexiconTermView, LexiconView, NotFoundView, PolicyView, PrivacyView, SafeHarbour, Stored,
    TermGroup, TermItem,
};
pub use report::{
    AnswerRow, AnswerValue, ClockRow, EmbargoTerms, ErrorItem, FileItem, Onward, OnwardState,
    ReceiptCode, ReceivedView, Recipient, ReportView, Retention, ReviewView, Terms, TermsError,
    refusal_message,
};

/// Ties a view to its template and makes it a [`crate::web::Page`].
macro_rules! page {
    ($view:ty, $template:ident, $path:literal) => {
        #[derive(askama::Template)]
        #[template(path = $path)]
        struct $template<'a> {
            t: &'a crate::i18n::Locale,
            chrome: &'a crate::web::Chrome,
            view: &'a $view,
        }

        impl crate::web::Page for $view {
            fn page(&self, chrome: &crate::web::Chrome, t: &crate::i18n::Locale) -> String {
                use askama::Template as _;
                // Writing into memory cannot fail, and our templates return no error of their own.
                $template { t, chrome, view: self }.render().unwrap_or_default()
            }
        }
    };
}
pub(crate) use page;
