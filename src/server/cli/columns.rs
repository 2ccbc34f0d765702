//! Rows of text under each other, for a terminal and for programs that cut them.

use chrono::{DateTime, Utc};

/// Between two columns.
const GAP: &str = "  ";

/// Rows as lines, each column as wide as its widest cell.
#[must_use]
pub fn aligned<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> Vec<String> {
    let head = head.map(str::to_owned);
    let all = || std::iter::once(&head).chain(rows);
    let width = |nth: usize| all().map(|row| row[nth].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths);
        let cells = cells.map(|(cell, width)| format!("{cell:width$}"));
        let line = cells.collect::<Vec<_>>().join(GAP);
        line.trim_end().to_owned()
    };
    all().map(line).collect()
}

/// A moment to a minute; what hasn't come yet is "never".
#[must_use]
pub fn moment(at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(
        || "never".into(),
        |at| at.format("%Y-%m-%d %H:%M UTC").to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_they_hold() {
        let rows = [
            ["somchai".to_owned(), "admin".to_owned()],
            ["a".to_owned(), "viewer".to_owned()],
        ];
        assert_eq!(
            aligned(["NAME", "ROLE"], &rows),
            ["NAME     ROLE", "somchai  admin", "a        viewer"]
        );
        assert_eq!(aligned(["NAME", "ROLE"], &[]), ["NAME  ROLE"]);
    }
}
