//! Steps that all run, and the summary of how they went.

use std::fmt;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::interrupt;

/// What happened so far, step by step.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

struct Row {
    name: String,
    passed: bool,
    took: Duration,
}

impl Report {
    /// Runs one step and records it; a failure is printed at once and does not stop the steps after it.
    pub(crate) fn step<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T>) -> Option<T> {
        if interrupt::arrived() {
            return None;
        }
        eprintln!("\n== {name}");
        let start = Instant::now();
        let result = work();
        let took = start.elapsed();
        if let Err(error) = &result {
            eprintln!("error: {name}: {error}");
        }
        self.rows.push(Row { name: name.to_owned(), passed: result.is_ok(), took });
        result.ok()
    }

    /// Records a step that cannot run because something before it failed.
    pub(crate) fn not_run(&mut self, name: &str) {
        if !interrupt::arrived() {
            eprintln!("\n== {name}\nerror: {name}: not run, because a step that it needs failed");
            self.rows.push(Row { name: name.to_owned(), passed: false, took: Duration::ZERO });
        }
    }

    /// Prints the summary; its last line counts the steps.
    pub(crate) fn finish(self) -> Result {
        if interrupt::arrived() {
            eprintln!("\ninterrupted");
        }
        println!("\n{self}");
        interrupt::check().map_err(|interrupted| Error::Reported(interrupted.exit_code()))?;
        if self.failed() == 0 { Ok(()) } else { Err(Error::Reported(1)) }
    }

    fn failed(&self) -> usize {
        self.rows.iter().filter(|row| !row.passed).count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width =
            self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0).max("total".len());
        for row in &self.rows {
            let outcome = if row.passed { "ok" } else { "failed" };
            writeln!(f, "{:width$}  {outcome:6}  {:7.1} s", row.name, row.took.as_secs_f64())?;
        }
        let total: Duration = self.rows.iter().map(|row| row.took).sum();
        writeln!(f, "{:width$}  {:6}  {:7.1} s", "total", "", total.as_secs_f64())?;
        let failed = self.failed();
        write!(f, "{} passed, {failed} failed", self.rows.len() - failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, passed: bool, millis: u64) -> Row {
        Row { name: name.to_owned(), passed, took: Duration::from_millis(millis) }
    }

    #[test]
    fn the_summary_is_a_table_that_ends_with_the_count() {
        let report = Report { rows: vec![row("tests", true, 61_250), row("node on sqlite", false, 1_500)] };
        let expected = "\
tests           ok         61.2 s
node on sqlite  failed      1.5 s
total                      62.8 s
1 passed, 1 failed";
        assert_eq!(report.to_string(), expected);
    }

    #[test]
    fn a_failed_step_is_counted_and_the_next_one_runs() {
        let mut report = Report::default();
        assert_eq!(report.step::<()>("first", || Err(Error::Failed("no".to_owned()))), None);
        assert_eq!(report.step("second", || Ok(7)), Some(7));
        report.not_run("third");
        assert!(report.to_string().ends_with("\n1 passed, 2 failed"));
        assert!(matches!(report.finish(), Err(Error::Reported(1))));
    }

    #[test]
    fn nothing_failed_is_a_success() {
        let mut report = Report::default();
        report.step("only", || Ok(()));
        assert!(report.finish().is_ok());
    }
}
