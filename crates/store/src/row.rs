//! How a typed row becomes parameters and comes back.
//!
//! Not here: which tables there are (`rows`).

use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::Fault;
use crate::engine::Engine;

/// One parameter, in the only types both engines share.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Bytes or null.
    Bytes(Option<Vec<u8>>),
    /// A whole number or null.
    Int(Option<i64>),
    /// Text or null.
    Text(Option<String>),
}

impl Value {
    pub(crate) fn holds_nul(&self) -> bool {
        matches!(self, Self::Text(Some(text)) if text.contains('\0'))
    }
}

/// A type that one column holds.
pub(crate) trait Field: Sized {
    fn into_value(self) -> Value;
    fn read(row: &AnyRow, column: &'static str) -> Result<Self, Fault>;
}

macro_rules! field {
    ($ty:ty, $variant:ident) => {
        impl Field for $ty {
            fn into_value(self) -> Value {
                Value::$variant(Some(self))
            }
            fn read(row: &AnyRow, column: &'static str) -> Result<Self, Fault> {
                row.try_get(column).map_err(|_| Fault::Unreadable(column))
            }
        }
        impl Field for Option<$ty> {
            fn into_value(self) -> Value {
                Value::$variant(self)
            }
            fn read(row: &AnyRow, column: &'static str) -> Result<Self, Fault> {
                row.try_get(column).map_err(|_| Fault::Unreadable(column))
            }
        }
    };
}
field!(String, Text);
field!(i64, Int);
field!(Vec<u8>, Bytes);

/// A struct whose fields are the columns of one table.
pub(crate) trait Row: Sized {
    const TABLE: &'static str;
    const KEYS: &'static [&'static str];
    const COLUMNS: &'static [&'static str];
    fn into_values(self) -> Vec<Value>;
    fn read(row: &AnyRow) -> Result<Self, Fault>;

    /// The columns, for a select over this table alone.
    fn columns() -> String {
        Self::COLUMNS.join(", ")
    }

    /// The columns under an alias, for a join.
    fn columns_of(alias: &str) -> String {
        let named: Vec<String> =
            Self::COLUMNS.iter().map(|column| format!("{alias}.{column}")).collect();
        named.join(", ")
    }

    /// An insert of `count` rows that fails when a key is there.
    fn insert(engine: Engine, count: usize) -> String {
        let width = Self::COLUMNS.len();
        let mut sql = format!("insert into {} ({}) values ", Self::TABLE, Self::columns());
        for row in 0..count {
            sql.push_str(if row == 0 { "(" } else { ", (" });
            for column in 1..=width {
                sql.push_str(if column == 1 { "" } else { ", " });
                engine.place(&mut sql, row * width + column);
            }
            sql.push(')');
        }
        sql
    }

    /// An insert that replaces the row with the same key.
    fn upsert(engine: Engine) -> String {
        Self::upsert_many(engine, 1)
    }

    /// An upsert of `count` rows with different keys.
    fn upsert_many(engine: Engine, count: usize) -> String {
        let set: Vec<String> = Self::COLUMNS
            .iter()
            .filter(|column| !Self::KEYS.contains(column))
            .map(|column| format!("{column} = excluded.{column}"))
            .collect();
        let insert = Self::insert(engine, count);
        let keys = Self::KEYS.join(", ");
        if set.is_empty() {
            return format!("{insert} on conflict ({keys}) do nothing");
        }
        format!("{insert} on conflict ({keys}) do update set {}", set.join(", "))
    }
}

macro_rules! row {
    (
        $(#[$meta:meta])*
        $name:ident = $table:literal [$($key:ident),+] {
            $( $(#[$field_meta:meta])* $field:ident : $ty:ty, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            $( $(#[$field_meta])* pub $field: $ty, )+
        }
        impl crate::row::Row for $name {
            const TABLE: &'static str = $table;
            const KEYS: &'static [&'static str] = &[$(stringify!($key)),+];
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),+];
            fn into_values(self) -> Vec<crate::row::Value> {
                vec![$(crate::row::Field::into_value(self.$field)),+]
            }
            fn read(row: &sqlx::any::AnyRow) -> Result<Self, crate::Fault> {
                Ok(Self { $($field: crate::row::Field::read(row, stringify!($field))?,)+ })
            }
        }
    };
}
pub(crate) use row;
