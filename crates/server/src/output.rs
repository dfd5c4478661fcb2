//! Everything that goes to stdout, so that logs never mix with it, and the last words on stderr. A line is out when the
//! call returns.

use std::io::{self, Write};

use serde::Serialize;

use crate::{Error, Result};

/// Writes one line.
pub(crate) fn line(text: &str) -> Result {
    write(format!("{text}\n").as_bytes())
}

/// Writes a text that has its line ends already.
pub(crate) fn text(text: &str) -> Result {
    write(text.as_bytes())
}

/// Writes a value as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result {
    line(&serde_json::to_string_pretty(value).map_err(|error| Error::Internal(error.to_string()))?)
}

/// Writes rows in columns that line up.
pub(crate) fn table(rows: &[Vec<String>]) -> Result {
    text(&align(rows))
}

/// Says on stderr, in one line, why the program did not do what it was asked.
pub(crate) fn failure(text: &str) {
    if !text.is_empty() {
        // When even stderr is gone, the exit code still tells.
        let _written = writeln!(io::stderr().lock(), "portcullis: {text}");
    }
}

/// Says something on stderr that is not a failure.
pub(crate) fn note(text: &str) {
    failure(text);
}

fn align(rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        widths.resize(widths.len().max(row.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut lines = String::new();
    for row in rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
        lines.push_str(cells.join("  ").trim_end());
        lines.push('\n');
    }
    lines
}

fn write(bytes: &[u8]) -> Result {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        // Whoever reads has seen enough (`portcullis audit | head`): not a failure of ours.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::Stdio(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_nothing_trails() {
        let rows = [vec!["ro_reader".to_owned(), "Reader".to_owned()], vec!["a".to_owned(), String::new()]];
        assert_eq!(align(&rows), "ro_reader  Reader\na\n");
    }
}
