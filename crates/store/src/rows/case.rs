//! Rooms, entries, and what is folded from them.

use crate::row::row;

row! {
    /// A room: the unit of replication.
    Room = "room" [room_id] {
        /// Id of the room's first entry.
        room_id: String,
        /// The case it belongs to; none for the intake chain and identity chains.
        case_id: Option<String>,
        /// `common`, `coordination`, `lane`, `public`, `intake`, `identity`…
        kind: String,
        /// The party of a lane, or another name.
        name: Option<String>,
        /// When it was opened.
        opened_at: i64,
    }
}

row! {
    /// A stored entry. Append-only.
    Entry = "entry" [room_id, author, seq, id] {
        /// The room.
        room_id: String,
        /// The hub whose chain it is in.
        author: String,
        /// Its place in that chain, from 0.
        seq: i64,
        /// Its id.
        id: String,
        /// The author's clock.
        at: i64,
        /// The kind, such as `em.propose`.
        kind: String,
        /// The order of arrival in this room at this hub, from 1 and without gaps.
        position: i64,
        /// The signed envelope, byte for byte.
        envelope: Vec<u8>,
    }
}

row! {
    /// The newest entry of one author in one room.
    ChainHead = "chain_head" [room_id, author] {
        /// The room.
        room_id: String,
        /// The author.
        author: String,
        /// The head's seq.
        seq: i64,
        /// The head's id.
        id: String,
    }
}

row! {
    /// A room's epoch key, wrapped by the caller.
    EpochKey = "epoch_key" [room_id, epoch] {
        /// The room.
        room_id: String,
        /// The epoch, from 0.
        epoch: i64,
        /// The wrapped key.
        wrapped: Vec<u8>,
    }
}

row! {
    /// The read model of a case.
    CaseSummary = "case_summary" [case_id] {
        /// The case.
        case_id: String,
        /// When it was opened.
        opened_at: i64,
        /// The handling status.
        status: String,
        /// The embargo state.
        em: String,
        /// The exposure state.
        pxa: String,
        /// The party that leads.
        lead: String,
        /// The next date, or [`NEVER`](crate::NEVER).
        next_due: i64,
        /// Digest of the sorted heads that were folded.
        heads: String,
        /// When the row was folded.
        updated_at: i64,
        /// When the case was closed.
        closed_at: Option<i64>,
        /// Further facts for lists, as JSON that the app defines; never content under embargo in clear.
        summary: String,
    }
}

row! {
    /// A party of a case.
    CaseParty = "case_party" [case_id, party_id] {
        /// The case.
        case_id: String,
        /// The party.
        party_id: String,
        /// The organisation.
        org: String,
        /// The hub that speaks for it.
        hub: String,
        /// Its role.
        role: String,
        /// When it joined.
        joined_at: i64,
        /// When it left or was removed.
        left_at: Option<i64>,
        /// Further facts, as JSON that the app defines.
        summary: String,
    }
}
