//! Reports, sealed items, drafts and the mailbox.

use crate::row::row;

row! {
    /// The read model of a report, without any text of the finder.
    Report = "report" [report_id] {
        /// The report.
        report_id: String,
        /// When it arrived.
        received_at: i64,
        /// What kind of report.
        kind: String,
        /// The language the finder chose.
        language: String,
        /// `received`, `acknowledged`, `declined` or `case`.
        state: String,
        /// The decision at triage.
        decision: Option<String>,
        /// The verdict of the assessment.
        verdict: Option<String>,
        /// The next date that someone owes, or [`NEVER`](crate::NEVER).
        due_at: i64,
        /// The case it belongs to.
        case_id: Option<String>,
        /// When it was acknowledged.
        acknowledged_at: Option<i64>,
        /// Digest of what the finder sent.
        digest: String,
        /// The finder's mailbox.
        mailbox_id: Option<String>,
        /// Groups what looks alike.
        group_key: Option<String>,
        /// Further facts for triage, as JSON that the app defines; never the finder's text.
        summary: String,
        /// When the row was last written.
        updated_at: i64,
    }
}

row! {
    /// One assessment of a report.
    Assessment = "assessment" [report_id, assessor, at] {
        /// The report.
        report_id: String,
        /// Who assessed.
        assessor: String,
        /// When.
        at: i64,
        /// The sealed item with the reasons.
        item_id: Option<String>,
        /// The columns that lists show, as JSON that the app defines.
        summary: String,
    }
}

row! {
    /// A sealed item. After shredding the row stays, without its ciphertext.
    Item = "item" [item_id] {
        /// The item.
        item_id: String,
        /// The room whose epoch key wraps its key.
        room_id: String,
        /// The report, case or other thing it belongs to.
        owner: String,
        /// The compartment.
        compartment: String,
        /// The ciphertext, when it is at most [`INLINE_BYTES_MAX`](crate::INLINE_BYTES_MAX).
        ciphertext: Option<Vec<u8>>,
        /// SHA-256 of the ciphertext in the blob directory, when it is longer. See
        /// [`Store::keep`](crate::Store::keep).
        blob: Option<String>,
        /// Padded length of the content.
        padded_bytes: i64,
        /// When it was sealed.
        created_at: i64,
        /// When it was shredded.
        shredded_at: Option<i64>,
    }
}

row! {
    /// The wrapped data key of an item. Deleting the row shreds the item.
    ItemKey = "item_key" [item_id] {
        /// The item.
        item_id: String,
        /// The epoch whose key wraps it.
        epoch: i64,
        /// The wrapped key.
        wrapped: Vec<u8>,
    }
}

row! {
    /// A sealed draft of the report form.
    Draft = "draft" [draft_id] {
        /// Names the draft; not the key.
        draft_id: String,
        /// When it is swept.
        expires_at: i64,
        /// The sealed form.
        ciphertext: Vec<u8>,
    }
}

row! {
    /// A sealed file of a draft.
    DraftFile = "draft_file" [draft_id, file_id] {
        /// The draft.
        draft_id: String,
        /// The file.
        file_id: String,
        /// The sealed file, when it is small.
        ciphertext: Option<Vec<u8>>,
        /// SHA-256 of the sealed file in the blob directory, when it is not.
        blob: Option<String>,
        /// Length of the sealed file.
        bytes: i64,
        /// Sealed name and type.
        label: Vec<u8>,
    }
}

row! {
    /// A sealed message in a finder's mailbox.
    MailboxMessage = "mailbox_message" [mailbox_id, message_id] {
        /// The mailbox.
        mailbox_id: String,
        /// The message; UUIDv7, so that the order of ids is the order of time.
        message_id: String,
        /// When it was put there.
        at: i64,
        /// `finder` or `hub`.
        sender: String,
        /// The sealed message.
        ciphertext: Vec<u8>,
        /// When the other side first read it.
        read_at: Option<i64>,
    }
}
