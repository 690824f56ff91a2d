//! Records inside a backup: each a tag, then its parts.
//!
//! Numbers are little endian; text and bytes have their length before them.

use crate::Fault;
use crate::backup::frame::FrameReader;
use crate::row::Value;

/// The schema: version.
pub(super) const SCHEMA: u8 = b'S';
/// A table: name, number of columns, then each column's name and kind.
pub(super) const TABLE: u8 = b'T';
/// A row of the table before it.
pub(super) const ROW: u8 = b'R';
/// A blob: SHA-256, length, bytes.
pub(super) const BLOB: u8 = b'B';
/// A chosen file: name, length, bytes.
pub(super) const FILE: u8 = b'F';
/// The end: counts of entries, rows, blobs and files.
pub(super) const END: u8 = b'E';

const NAME_BYTES_MAX: usize = 256;
/// The longest value of a column.
const VALUE_BYTES_MAX: usize = 64 << 20;
const COLUMNS_MAX: i64 = 64;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bytes,
    Int,
    Text,
}

impl Kind {
    pub(super) fn of_type(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "bigint" => Some(Self::Int),
            "blob" | "bytea" => Some(Self::Bytes),
            "text" => Some(Self::Text),
            _ => None,
        }
    }

    const fn code(self) -> i64 {
        match self {
            Self::Bytes => 3,
            Self::Int => 1,
            Self::Text => 2,
        }
    }
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

pub(super) fn put_int(out: &mut Vec<u8>, number: i64) {
    out.extend_from_slice(&number.to_le_bytes());
}

pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_int(out, i64::try_from(bytes.len()).unwrap_or(i64::MAX));
    out.extend_from_slice(bytes);
}

pub(super) fn put_table(out: &mut Vec<u8>, name: &str, columns: &[Column]) {
    out.push(TABLE);
    put_bytes(out, name.as_bytes());
    put_int(out, i64::try_from(columns.len()).unwrap_or(i64::MAX));
    for column in columns {
        put_bytes(out, column.name.as_bytes());
        put_int(out, column.kind.code());
    }
}

pub(super) fn put_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Bytes(None) | Value::Int(None) | Value::Text(None) => out.push(0),
        Value::Bytes(Some(bytes)) => {
            out.push(3);
            put_bytes(out, bytes);
        }
        Value::Int(Some(number)) => {
            out.push(1);
            put_int(out, *number);
        }
        Value::Text(Some(text)) => {
            out.push(2);
            put_bytes(out, text.as_bytes());
        }
    }
}

/// Reads parts of records.
impl FrameReader {
    pub(super) fn byte(&mut self) -> Result<u8, Fault> {
        self.exactly(1)?.first().copied().ok_or(Fault::BackupDamaged)
    }

    pub(super) fn int(&mut self) -> Result<i64, Fault> {
        let bytes = self.exactly(8)?;
        bytes.try_into().map(i64::from_le_bytes).map_err(|_| Fault::BackupDamaged)
    }

    pub(super) fn bytes(&mut self, bytes_max: usize) -> Result<Vec<u8>, Fault> {
        let length = usize::try_from(self.int()?).map_err(|_| Fault::BackupDamaged)?;
        if length > bytes_max {
            return Err(Fault::BackupDamaged);
        }
        self.exactly(length)
    }

    fn text(&mut self, bytes_max: usize) -> Result<String, Fault> {
        String::from_utf8(self.bytes(bytes_max)?).map_err(|_| Fault::BackupDamaged)
    }

    pub(super) fn name(&mut self) -> Result<String, Fault> {
        self.text(NAME_BYTES_MAX)
    }

    /// A name of a table or column: it becomes part of a statement, so only our own alphabet.
    fn identifier(&mut self) -> Result<String, Fault> {
        let name = self.name()?;
        let ours = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if name.is_empty() || !name.bytes().all(ours) {
            return Err(Fault::BackupDamaged);
        }
        Ok(name)
    }

    pub(super) fn table(&mut self) -> Result<(String, Vec<Column>), Fault> {
        let table = self.identifier()?;
        let count = self.int()?;
        if !(1..=COLUMNS_MAX).contains(&count) {
            return Err(Fault::BackupDamaged);
        }
        let mut columns = Vec::new();
        for _ in 0..count {
            let name = self.identifier()?;
            let kind = match self.int()? {
                1 => Kind::Int,
                2 => Kind::Text,
                3 => Kind::Bytes,
                _ => return Err(Fault::BackupDamaged),
            };
            columns.push(Column { name, kind });
        }
        Ok((table, columns))
    }

    pub(super) fn value(&mut self, kind: Kind) -> Result<Value, Fault> {
        match (self.byte()?, kind) {
            (0, Kind::Bytes) => Ok(Value::Bytes(None)),
            (0, Kind::Int) => Ok(Value::Int(None)),
            (0, Kind::Text) => Ok(Value::Text(None)),
            (1, Kind::Int) => Ok(Value::Int(Some(self.int()?))),
            (2, Kind::Text) => Ok(Value::Text(Some(self.text(VALUE_BYTES_MAX)?))),
            (3, Kind::Bytes) => Ok(Value::Bytes(Some(self.bytes(VALUE_BYTES_MAX)?))),
            _ => Err(Fault::BackupDamaged),
        }
    }
}
