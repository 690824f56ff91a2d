//! Brings a database to the schema this program knows. Only forward.
//!
//! Each step is one portable text, with an addition for one engine where the engines differ.
//! Not here: what the tables mean.

use sqlx::{AnyConnection, Row as _};

use crate::engine::{Engine, rows, run, values};
use crate::{Fault, row::Value};

struct Step {
    version: i64,
    portable: &'static str,
    postgres: &'static str,
    sqlite: &'static str,
}

const STEPS: &[Step] = &[
    Step {
        version: 1,
        portable: include_str!("../migrations/0001_hub.sql"),
        postgres: "",
        sqlite: "",
    },
    Step {
        version: 2,
        portable: include_str!("../migrations/0002_search.sql"),
        postgres: include_str!("../migrations/0002_search.postgres.sql"),
        sqlite: include_str!("../migrations/0002_search.sqlite.sql"),
    },
    Step {
        version: 3,
        portable: include_str!("../migrations/0003_law.sql"),
        postgres: "",
        sqlite: "",
    },
    Step {
        version: 4,
        portable: include_str!("../migrations/0004_sharing.sql"),
        postgres: "",
        sqlite: "",
    },
    Step {
        version: 5,
        portable: include_str!("../migrations/0005_cert.sql"),
        postgres: "",
        sqlite: "",
    },
    Step {
        version: 6,
        portable: include_str!("../migrations/0006_sample.sql"),
        postgres: "",
        sqlite: "",
    },
];

/// The newest schema this program knows.
pub const SCHEMA_VERSION: i64 = 6;

/// Whether missing migrations are applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migrate {
    /// Applies what is missing.
    Apply,
    /// Fails with [`Fault::SchemaOlder`] if something is missing.
    Check,
}

/// Returns the schema version that a database holds; 0 for an empty one.
pub(crate) async fn version(connection: &mut AnyConnection, engine: Engine) -> Result<i64, Fault> {
    let exists = match engine {
        Engine::Postgres => {
            "select count(*) as n from information_schema.tables \
             where table_schema = current_schema() and table_name = 'schema_step'"
        }
        Engine::Sqlite => {
            "select count(*) as n from sqlite_master where type = 'table' and name = 'schema_step'"
        }
    };
    if number(&rows(&mut *connection, exists, vec![]).await?) == 0 {
        return Ok(0);
    }
    let newest = "select cast(coalesce(max(version), 0) as bigint) as n from schema_step";
    Ok(number(&rows(connection, newest, vec![]).await?))
}

fn number(rows: &[sqlx::any::AnyRow]) -> i64 {
    rows.first().and_then(|row| row.try_get("n").ok()).unwrap_or(0)
}

/// Brings the database to `target`, one transaction a step, on one connection.
pub(crate) async fn migrate(
    connection: &mut AnyConnection,
    engine: Engine,
    mode: Migrate,
    target: i64,
) -> Result<(), Fault> {
    let found = version(connection, engine).await?;
    if found > SCHEMA_VERSION {
        return Err(Fault::SchemaNewer { found, known: SCHEMA_VERSION });
    }
    if mode == Migrate::Check && found < target {
        return Err(Fault::SchemaOlder { found, known: target });
    }
    for step in STEPS.iter().filter(|step| step.version > found && step.version <= target) {
        run(connection, engine.begin(), vec![]).await?;
        if let Err(error) = apply(connection, engine, step).await {
            // The step's own error is what the operator needs.
            let _ = run(connection, "rollback", vec![]).await;
            return Err(error.into());
        }
        run(connection, "commit", vec![]).await?;
    }
    Ok(())
}

async fn apply(
    connection: &mut AnyConnection,
    engine: Engine,
    step: &Step,
) -> Result<(), sqlx::Error> {
    let table = "create table if not exists schema_step (version bigint not null primary key)";
    run(connection, table, vec![]).await?;
    // Another replica may have applied the step while this one waited for the lock.
    let there = "select count(*) as n from schema_step where version = $1";
    if number(&rows(&mut *connection, there, values![step.version]).await?) > 0 {
        return Ok(());
    }
    let addition = match engine {
        Engine::Postgres => step.postgres,
        Engine::Sqlite => step.sqlite,
    };
    for text in [step.portable, addition] {
        for statement in statements(text) {
            let statement =
                statement.replace("{blob}", engine.blob_type()).replace("{keyed}", engine.keyed());
            run(connection, statement, vec![]).await?;
        }
    }
    let done = "insert into schema_step (version) values ($1)";
    run(connection, done, vec![Value::Int(Some(step.version))]).await.map(drop)
}

/// Splits at semicolons; our migrations hold none inside a statement.
fn statements(text: &str) -> impl Iterator<Item = String> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("--"));
    let text = lines.collect::<Vec<_>>().join("\n");
    let parts: Vec<String> = text.split(';').map(|part| part.trim().to_owned()).collect();
    parts.into_iter().filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::Directory;
    use crate::engine::Pools;

    const SEEDS: [&str; 6] = [
        include_str!("../migrations/0001_hub.seed.sql"),
        include_str!("../migrations/0002_search.seed.sql"),
        include_str!("../migrations/0003_law.seed.sql"),
        include_str!("../migrations/0004_sharing.seed.sql"),
        include_str!("../migrations/0005_cert.seed.sql"),
        include_str!("../migrations/0006_sample.seed.sql"),
    ];

    #[test]
    fn the_newest_step_is_the_version_of_the_schema() {
        let versions: Vec<i64> = STEPS.iter().map(|step| step.version).collect();
        assert_eq!(versions, (1..=SCHEMA_VERSION).collect::<Vec<i64>>());
        assert_eq!(SEEDS.len(), STEPS.len(), "each step has a seed");
    }

    /// Every table that is backed up has a row before the next step runs.
    #[tokio::test]
    async fn each_step_runs_on_rows_of_the_steps_before_it() {
        let folder = tempfile::TempDir::new().unwrap();
        let directory = Directory::open(folder.path(), false).unwrap();
        directory.touch_database().unwrap();
        let pools = Pools::sqlite(&directory.database(), 1).await.unwrap();
        let mut connection = pools.write.acquire().await.unwrap();
        for (step, seed) in STEPS.iter().zip(SEEDS) {
            let engine = Engine::Sqlite;
            migrate(&mut connection, engine, Migrate::Apply, step.version).await.unwrap();
            for statement in statements(seed) {
                let sql = statement.replace("{blob}", engine.blob_type());
                run(&mut connection, sql, vec![]).await.unwrap();
            }
        }
        for table in crate::backup::table_names(&mut connection, Engine::Sqlite).await.unwrap() {
            let sql = format!("select count(*) as n from {table}");
            assert!(number(&rows(&mut *connection, sql, vec![]).await.unwrap()) > 0, "{table}");
        }
        assert_eq!(version(&mut connection, Engine::Sqlite).await.unwrap(), SCHEMA_VERSION);
    }
}
