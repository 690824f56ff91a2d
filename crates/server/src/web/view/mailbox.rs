//! The finder's mailbox, the page of one message, and the overview of the API.

use jiff::Timestamp;

use super::{ErrorItem, page};
use crate::api::table::{Access, ROUTES};
use crate::app::mailbox::Stage;
use crate::web::visible::Foreign;

/// The mailbox: the field for the code, or what the code opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailboxView {
    /// What was refused.
    pub errors: Vec<ErrorItem>,
    /// The code as it was typed.
    pub code: String,
    /// The words as they were typed.
    pub words: String,
    /// The message of what was just done.
    pub done: Option<&'static str>,
    /// The open mailbox.
    pub open: Option<OpenMailbox>,
}

/// An open mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenMailbox {
    /// The code and a nonce, sent again by each form.
    pub hidden: Vec<(String, String)>,
    /// The report.
    pub report: String,
    /// Where it stands.
    pub stage: Stage,
    /// Why it was declined.
    pub reason: Option<Foreign>,
    /// The next date someone owes.
    pub due: Option<Timestamp>,
    /// The case.
    pub case: Option<String>,
    /// The advisory, once it is public.
    pub advisory: Option<String>,
    /// The thread, oldest first.
    pub messages: Vec<MessageItem>,
    /// A message that was refused, to be mended.
    pub draft: String,
}

impl OpenMailbox {
    const fn stage_message(&self) -> &'static str {
        match self.stage {
            Stage::Accepted => "mailbox-stage-accepted",
            Stage::BeingChecked => "mailbox-stage-checked",
            Stage::Declined => "mailbox-stage-declined",
            Stage::Public => "mailbox-stage-public",
            Stage::Received => "mailbox-stage-received",
        }
    }

    const fn stage_icon(&self) -> &'static str {
        match self.stage {
            Stage::Accepted | Stage::Public => "disc",
            Stage::BeingChecked | Stage::Received => "clock",
            Stage::Declined => "square",
        }
    }
}

/// One message of the thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageItem {
    /// Whether the reader wrote it.
    pub own: bool,
    /// When.
    pub at: Timestamp,
    /// The words.
    pub words: Foreign,
}

impl MailboxView {
    fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    fn refused<'a>(&'a self, anchor: &'a str) -> impl Iterator<Item = &'a ErrorItem> {
        self.errors.iter().filter(move |error| error.anchor == anchor)
    }

    fn is_refused(&self, anchor: &str) -> bool {
        self.refused(anchor).next().is_some()
    }
}

page!(MailboxView, MailboxTemplate, "mailbox.html");

/// A page of one message: `<id>-title` and `<id>-words`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoticeView {
    /// The start of the messages' ids.
    pub id: &'static str,
}

impl NoticeView {
    fn title(&self) -> String {
        format!("{}-title", self.id)
    }

    fn words(&self) -> String {
        format!("{}-words", self.id)
    }
}

page!(NoticeView, NoticeTemplate, "notice.html");

/// The routes of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiView {
    /// One row a route, in the order of the table.
    pub routes: Vec<ApiRow>,
}

/// One route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiRow {
    /// The method, upper case.
    pub method: String,
    /// The path.
    pub path: &'static str,
    /// What it does; the table's English sentence.
    pub summary: Foreign,
    /// Whether a token is needed.
    pub token: bool,
}

impl ApiView {
    /// Returns the view of the whole table.
    #[must_use]
    pub fn of_table() -> Self {
        let row = |route: &crate::api::table::Route| ApiRow {
            method: route.verb.key().to_uppercase(),
            path: route.path,
            summary: Foreign::new(route.summary, Some("en")),
            token: route.access != Access::Public,
        };
        Self { routes: ROUTES.iter().map(row).collect() }
    }
}

page!(ApiView, ApiTemplate, "api.html");
