//! Writes the rows of the sharing gate inside an open transaction.

use sqlx::AnyConnection;

use crate::engine::{Engine, run, values};
use crate::row::Row;
use crate::rows::SharingWrite;

pub(super) async fn replace(
    connection: &mut AnyConnection,
    engine: Engine,
    write: SharingWrite,
) -> Result<(), sqlx::Error> {
    match write {
        SharingWrite::Agreement(row) => upsert(connection, engine, row).await,
        SharingWrite::Outbound(row) => upsert(connection, engine, row).await,
        SharingWrite::OutboundGone { hub, pass_id } => {
            let sql = "delete from outbound where hub = $1 and pass_id = $2";
            run(connection, sql, values![hub, pass_id]).await.map(drop)
        }
        SharingWrite::Pass(row) => upsert(connection, engine, row).await,
        SharingWrite::Peer(row) => upsert(connection, engine, row).await,
        SharingWrite::Sample(row) => upsert(connection, engine, row).await,
        SharingWrite::Screen(row) => upsert(connection, engine, row).await,
    }
}

async fn upsert<R: Row>(
    connection: &mut AnyConnection,
    engine: Engine,
    row: R,
) -> Result<(), sqlx::Error> {
    run(connection, R::upsert(engine), row.into_values()).await.map(drop)
}
