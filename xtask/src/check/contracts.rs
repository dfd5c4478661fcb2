//! The generated contracts are what the code generates.

use super::outcome;
use crate::contract::{self, CONTRACTS};
use crate::error::Result;

/// What the tests build too. A narrower selection would compile dozens of dependencies a second time, because their
/// features differ.
const SELECTION: [&str; 3] = ["--workspace", "--bins", "--tests"];

/// Fails where a committed contract differs from a fresh one.
pub(super) fn check() -> Result {
    let program = contract::build_program(&SELECTION)?;
    let mut findings = Vec::new();
    for contract in CONTRACTS {
        let committed = contract.committed()?;
        let generated = contract.generate(&program)?;
        match committed {
            None => findings.push(format!("{} is missing", contract.file)),
            Some(committed) if committed != generated => {
                findings.push(format!(
                    "{} is out of date, {}",
                    contract.file,
                    first_change(&committed, &generated)
                ));
            }
            Some(_) => {}
        }
    }
    outcome(&findings, "write them with `cargo xtask gen`")
}

/// Where two different texts begin to differ.
fn first_change(committed: &str, generated: &str) -> String {
    let (mut old, mut new) = (committed.lines(), generated.lines());
    let mut number = 1;
    loop {
        match (old.next(), new.next()) {
            (Some(a), Some(b)) if a == b => number += 1,
            (None, None) => return "only in how its lines end".to_owned(),
            (a, b) => {
                let [a, b] = [a, b].map(|line| line.unwrap_or("(end)").trim().to_owned());
                return format!("first in line {number}:\n  committed: {a}\n  generated: {b}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_first_line_that_differs() {
        assert!(first_change("{\n a\n}\n", "{\n b\n}\n").contains("line 2:\n  committed: a\n  generated: b"));
        assert!(first_change("{\n", "{\n}\n").contains("line 2:\n  committed: (end)\n  generated: }"));
        assert!(first_change("{}\n", "{}").contains("lines end"));
    }
}
