//! Planned releases: an entry in the case, a job in the outbox, and the same guards when it fires.

use comity_core::case::body::Body;
use comity_core::case::entry::{Command, Content};
use comity_core::case::kind::Kind;
use comity_store::Rows;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::app::cases::CaseFile;
use crate::app::{Answered, AppError, Hub, Once, object};

/// The outbox topic of planned releases.
pub(crate) const RELEASE_TOPIC: &str = "release";

/// What a planned release needs; nothing of the content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Scheduled {
    /// The case.
    pub(crate) case: String,
    /// The commitment of the draft that was approved: another draft since then stops the release.
    pub(crate) draft: String,
    /// When, in milliseconds: a plan made later for another instant takes this one's place.
    pub(crate) at: i64,
    /// For the history.
    pub(crate) summary: String,
}

impl Scheduled {
    /// Whether this is the newest plan of the case.
    fn stands(&self, file: &CaseFile) -> bool {
        let newest = file
            .case
            .entries()
            .filter(|entry| file.case.void_code(&entry.id).is_none())
            .filter_map(|entry| match entry.content() {
                Content::Known(_, Body::PublishPlan { publish_at, advisory, .. }) => {
                    Some((*publish_at, advisory.as_str() == self.draft))
                }
                Content::Known(..) | Content::Bad(_) | Content::Unknown => None,
            })
            .last();
        newest == Some((self.at, true))
    }
}

impl Hub {
    /// Writes `publish.plan` together with the job.
    pub(super) async fn plan_entry(
        &self,
        file: &CaseFile,
        job: &Scheduled,
        mut rows: Rows,
        answer: Value,
        once: Option<Once>,
    ) -> Result<Answered, AppError> {
        let lead = file.case.state().lead.as_ref().map(|lead| lead.party.clone());
        let lead = lead.ok_or_else(|| AppError::refused("no-case"))?;
        let draft = file.case.draft(Command {
            author: self.hub_id()?,
            party: lead.clone(),
            at: self.next_at(file),
            kind: Kind::PublishPlan,
            body: object(json!({
                "publish_at": job.at, "advisory": job.draft, "publisher": lead.as_str(),
            })),
        });
        let draft = self.clear_at_home(file, draft)?;
        let (next, _entry_id) = self.extend(file, &draft, &mut rows)?;
        let needs = rows.needs();
        let answered =
            self.write(once, 200, needs, move |_| Ok((rows.clone(), answer.clone()))).await?;
        if !answered.replayed {
            self.cases_cache().remember(next.case.id().as_str(), next.clone());
        }
        Ok(answered)
    }

    /// Carries out a planned release; every guard is asked again.
    pub(crate) async fn run_scheduled(&self, payload: &[u8]) -> Result<(), AppError> {
        let job: Scheduled = serde_json::from_slice(payload).map_err(AppError::fault)?;
        let lock = self.cases_cache().lock_of(&job.case);
        let _alone = lock.lock().await;
        let file = self.case_file(&job.case).await?;
        let standing = self.standing(&file).await?;
        let same = standing.draft.as_ref().is_some_and(|(of, _)| *of == job.draft);
        if !same {
            return Err(AppError::refused("draft-changed"));
        }
        if !job.stands(&file) {
            return Err(AppError::refused("plan-replaced"));
        }
        self.publish_now(&file, &job.summary, None).await.map(|_| ())
    }
}
