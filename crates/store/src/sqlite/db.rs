//! A connection as the subjects see it: known statements in, typed rows or a [`StoreError`] out.
//!
//! Must not know any subject. Every statement is a [`Sql`] made by [`statements!`], so that the test in
//! `plan.rs` can look at the plans of all of them. `SELECT *` is fine: fields are read by their names.

use super::value::{Key, Word, key};
use crate::{Result, StoreError};
use rusqlite::{Connection, ErrorCode, Params, Row, types::FromSql};
use wire::Timestamp;

/// One statement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sql(&'static str);

impl Sql {
    /// For [`statements!`] and for tests.
    pub(super) const fn new(text: &'static str) -> Self {
        Self(text)
    }

    /// As SQLite reads it.
    #[cfg(test)]
    pub(super) const fn text(self) -> &'static str {
        self.0
    }
}

/// Names the statements of a file, and lists them for the test that looks at their plans.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* const $name: Sql = Sql::new($sql);)*

        /// Every statement of this file.
        #[cfg(test)]
        pub(in crate::sqlite) const STATEMENTS: &[(&str, Sql)] = &[$((stringify!($name), $name)),*];
    };
}
pub(super) use statements;

/// A connection.
#[derive(Debug)]
pub(super) struct Db(Connection);

impl Db {
    pub(super) fn new(connection: Connection) -> Self {
        Self(connection)
    }

    /// The connection again.
    pub(super) fn into_connection(self) -> Connection {
        self.0
    }

    /// Runs a statement that returns nothing: how many rows it changed.
    pub(super) fn execute(&self, sql: Sql, params: impl Params) -> Result<usize> {
        self.0
            .prepare_cached(sql.0)
            .and_then(|mut statement| statement.execute(params))
            .map_err(failure)
    }

    /// The same, for statements that change one row or none: whether they did.
    pub(super) fn changes(&self, sql: Sql, params: impl Params) -> Result<bool> {
        Ok(self.execute(sql, params)? > 0)
    }

    /// Calls `each` with every row, in order.
    pub(super) fn each(
        &self,
        sql: Sql,
        params: impl Params,
        mut each: impl FnMut(&Fields<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut statement = self.0.prepare_cached(sql.0).map_err(failure)?;
        let mut rows = statement.query(params).map_err(failure)?;
        while let Some(row) = rows.next().map_err(failure)? {
            each(&Fields(row))?;
        }
        Ok(())
    }

    /// All rows, in order.
    pub(super) fn all<T>(
        &self,
        sql: Sql,
        params: impl Params,
        map: impl Fn(&Fields<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut all = Vec::new();
        self.each(sql, params, |row| {
            all.push(map(row)?);
            Ok(())
        })?;
        Ok(all)
    }

    /// The first row, if there is one.
    pub(super) fn first<T>(
        &self,
        sql: Sql,
        params: impl Params,
        map: impl FnOnce(&Fields<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut statement = self.0.prepare_cached(sql.0).map_err(failure)?;
        let mut rows = statement.query(params).map_err(failure)?;
        rows.next()
            .map_err(failure)?
            .map(|row| map(&Fields(row)))
            .transpose()
    }

    /// The rows of these keys, as far as they are there: `sql` looks for one of them.
    pub(super) fn those<K: Key, T>(
        &self,
        sql: Sql,
        keys: &[K],
        map: impl Fn(&Fields<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        for each in keys {
            found.extend(self.first(sql, [key(*each)], &map)?);
        }
        Ok(found)
    }

    /// Whether there is a row.
    pub(super) fn exists(&self, sql: Sql, params: impl Params) -> Result<bool> {
        Ok(self.first(sql, params, |_| Ok(()))?.is_some())
    }

    /// BEGIN, COMMIT and their like. They fail for the whole transaction, so the reason is all there is to say.
    pub(super) fn control(&self, sql: &str) -> std::result::Result<(), String> {
        let done = self
            .0
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(()));
        done.map(drop).map_err(|error| error.to_string())
    }

    /// Whether a transaction is open: SQLite ends one by itself on some errors.
    pub(super) fn in_transaction(&self) -> bool {
        !self.0.is_autocommit()
    }
}

/// The fields of a row. One that cannot be understood is [`StoreError::Damaged`].
#[derive(Debug)]
pub(super) struct Fields<'row>(&'row Row<'row>);

impl Fields<'_> {
    fn get<T: FromSql>(&self, name: &str) -> Result<T> {
        self.0.get(name).map_err(failure)
    }

    pub(super) fn id<T: Key>(&self, name: &str) -> Result<T> {
        self.get(name).map(T::from_bytes)
    }

    pub(super) fn optional_id<T: Key>(&self, name: &str) -> Result<Option<T>> {
        Ok(self.get::<Option<_>>(name)?.map(T::from_bytes))
    }

    pub(super) fn number(&self, name: &str) -> Result<u64> {
        let number: i64 = self.get(name)?;
        u64::try_from(number).map_err(|_| StoreError::Damaged(format!("{name} is {number}")))
    }

    pub(super) fn optional_number(&self, name: &str) -> Result<Option<u64>> {
        if self.is_null(name)? {
            Ok(None)
        } else {
            self.number(name).map(Some)
        }
    }

    pub(super) fn u32(&self, name: &str) -> Result<u32> {
        self.get(name)
    }

    pub(super) fn optional_u32(&self, name: &str) -> Result<Option<u32>> {
        self.get(name)
    }

    pub(super) fn time(&self, name: &str) -> Result<Timestamp> {
        self.number(name).map(Timestamp::from_millis)
    }

    pub(super) fn optional_time(&self, name: &str) -> Result<Option<Timestamp>> {
        if self.is_null(name)? {
            Ok(None)
        } else {
            self.time(name).map(Some)
        }
    }

    pub(super) fn real(&self, name: &str) -> Result<Option<f32>> {
        self.get(name)
    }

    pub(super) fn yes(&self, name: &str) -> Result<bool> {
        self.get(name)
    }

    pub(super) fn text(&self, name: &str) -> Result<String> {
        self.get(name)
    }

    pub(super) fn optional_text(&self, name: &str) -> Result<Option<String>> {
        self.get(name)
    }

    pub(super) fn bytes(&self, name: &str) -> Result<Vec<u8>> {
        self.get(name)
    }

    pub(super) fn word<T: Word>(&self, name: &str) -> Result<T> {
        let text: String = self.get(name)?;
        T::parse(&text).ok_or_else(|| StoreError::Damaged(format!("{name} has an unknown word")))
    }

    pub(super) fn is_null(&self, name: &str) -> Result<bool> {
        let value = self.0.get_ref(name).map_err(failure)?;
        Ok(value == rusqlite::types::ValueRef::Null)
    }
}

/// What SQLite says, in the words of the seam. Its messages name tables and columns, never values.
pub(super) fn failure(error: rusqlite::Error) -> StoreError {
    match &error {
        rusqlite::Error::SqliteFailure(cause, _) => match cause.code {
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::ConstraintViolation => {
                StoreError::Damaged(error.to_string())
            }
            _ => StoreError::Unavailable(error.to_string()),
        },
        _ => StoreError::Damaged(error.to_string()),
    }
}
