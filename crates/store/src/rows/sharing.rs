//! The sharing gate: screens, passes, what waits for a peer, agreements, identities of peers.

use crate::row::row;

row! {
    /// One screen of a case, as its record in the ledger has it. Superseded, never deleted.
    Screen = "screen" [case_id, screen_id] {
        /// The case.
        case_id: String,
        /// The leaf of its record.
        screen_id: String,
        /// `open`, `approved`, `refused` or `superseded`.
        state: String,
        /// When it was asked for.
        asked_at: i64,
        /// When it was decided.
        decided_at: Option<i64>,
        /// When someone has to look at it next; never if nobody has to.
        due_at: i64,
        /// The record it takes the place of.
        supersedes: Option<String>,
        /// The commitment of the sealed record.
        record: String,
        /// The signed leaf.
        statement: Vec<u8>,
        /// What the public table counts, sealed.
        sealed: Vec<u8>,
        /// When the row changed last.
        updated_at: i64,
    }
}

row! {
    /// A screen that raters answer again, drawn for a quarter.
    ScreenSample = "screen_sample" [quarter, screen_id] {
        /// The quarter, as `2027-Q1`.
        quarter: String,
        /// The leaf of the record.
        screen_id: String,
        /// The case.
        case_id: String,
        /// When it was drawn.
        drawn_at: i64,
        /// How many raters have answered.
        ratings: i64,
        /// How it was drawn and what they answered, sealed.
        sealed: Vec<u8>,
        /// When the row changed last.
        updated_at: i64,
    }
}

row! {
    /// A pass that was made.
    SharePass = "share_pass" [case_id, pass_id] {
        /// The case.
        case_id: String,
        /// SHA-256 of the signed pass.
        pass_id: String,
        /// The screen it rests on.
        screen_id: String,
        /// The recipient's hub.
        hub: String,
        /// When it was made.
        made_at: i64,
        /// When it ends.
        expires_at: i64,
        /// When it was withdrawn.
        revoked_at: Option<i64>,
        /// The commitment of the sealed pass, with what was sealed under it.
        details: String,
    }
}

row! {
    /// Content under a pass, sealed to a peer, that waits to be fetched. The only rows a transport reads.
    Outbound = "outbound" [hub, pass_id] {
        /// The peer.
        hub: String,
        /// The pass.
        pass_id: String,
        /// The case.
        case_id: String,
        /// When it was made.
        made_at: i64,
        /// The package.
        package: Vec<u8>,
    }
}

row! {
    /// An agreement between hubs with its signed acts.
    Agreement = "agreement" [agreement_id] {
        /// The agreement.
        agreement_id: String,
        /// Where it stood when the row was written.
        state: String,
        /// When someone has to look at it next; never if nobody has to.
        due_at: i64,
        /// Document and acts.
        register: Vec<u8>,
        /// When the row changed last.
        updated_at: i64,
    }
}

row! {
    /// The identity chain of a peer, admitted by a person who compared its fingerprint.
    PeerIdentity = "peer_identity" [hub] {
        /// The peer.
        hub: String,
        /// Its envelopes, one a line.
        chain: Vec<u8>,
        /// Jurisdiction and relationship, sealed.
        profile: Vec<u8>,
        /// When it was admitted.
        admitted_at: i64,
        /// By which account.
        admitted_by: String,
    }
}

/// A write of the sharing gate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SharingWrite {
    /// Inserts or replaces an agreement.
    Agreement(Agreement),
    /// Inserts or replaces what waits for a peer.
    Outbound(Outbound),
    /// Deletes what waits for a peer under one pass.
    OutboundGone {
        /// The peer.
        hub: String,
        /// The pass.
        pass_id: String,
    },
    /// Inserts or replaces a pass.
    Pass(SharePass),
    /// Inserts or replaces the identity of a peer.
    Peer(PeerIdentity),
    /// Inserts or replaces a drawn screen.
    Sample(ScreenSample),
    /// Inserts or replaces a screen.
    Screen(Screen),
}
