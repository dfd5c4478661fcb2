//! The crates depend on each other as the table in `ARCHITECTURE.md` says, and in no other way.

mod metadata;
mod table;

use metadata::{Crate, Kind};
use table::Table;

use super::outcome;
use crate::cargo::cargo;
use crate::error::{Doing, Error, Result};
use crate::{paths, process};

/// The file that holds the table.
const FILE: &str = "ARCHITECTURE.md";
/// The crate of these commands is nobody's part.
const EXEMPT: &str = "xtask";
/// What any crate's tests may use beyond its row.
const FOR_TESTS: &str = "testkit";

/// Fails on dependencies that have no arrow, on crates that have no row, and on arrows that nothing uses.
pub(super) fn check() -> Result {
    let text = std::fs::read_to_string(paths::root().join(FILE)).doing(|| format!("read {FILE}"))?;
    let table = table::parse(&text).map_err(|problem| Error::Failed(format!("{FILE}: {problem}")))?;
    let json = process::capture(cargo("metadata").args(["--format-version", "1", "--no-deps", "--offline"]))?;
    let crates =
        metadata::parse(&json).map_err(|problem| Error::Failed(format!("cargo metadata: {problem}")))?;
    outcome(&compare(&table, &crates), "change the code, or decide otherwise in the table of ARCHITECTURE.md")
}

/// Everything in which the code and the table differ.
fn compare(table: &Table, crates: &[Crate]) -> Vec<String> {
    let mut findings = Vec::new();
    for krate in crates.iter().filter(|krate| krate.name != EXEMPT) {
        let name = &krate.name;
        let Some(row) = table.get(name) else {
            findings.push(format!("{name} has no row in the table"));
            continue;
        };
        for (target, kind) in &krate.dependencies {
            let for_tests = *kind == Kind::Dev && target == FOR_TESTS;
            if !(row.contains(target) || for_tests) {
                findings
                    .push(format!("{name} → {target}: a {kind} dependency without an arrow in the table"));
            }
        }
        let exists = |target: &String| crates.iter().any(|krate| krate.name == *target);
        let used = |target: &String| krate.dependencies.iter().any(|(name, _)| name == target);
        for target in row.iter().filter(|target| exists(target) && !used(target)) {
            findings.push(format!("{name} → {target}: an arrow in the table, but not in the code"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &str) -> Table {
        table::parse(&format!("<!-- arrows:begin -->\n{rows}\n<!-- arrows:end -->\n")).unwrap()
    }

    fn krate(name: &str, dependencies: &[(&str, Kind)]) -> Crate {
        let dependencies = dependencies.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
        Crate { name: name.to_owned(), dependencies }
    }

    #[test]
    fn agreement_has_no_findings() {
        let table = table("types → –\ntestkit → types\njose → types, later\nlater → types");
        let crates = [
            krate("types", &[("testkit", Kind::Dev)]),
            krate("testkit", &[("types", Kind::Normal)]),
            krate("jose", &[("types", Kind::Normal)]),
            krate("xtask", &[("types", Kind::Normal)]),
        ];
        assert_eq!(compare(&table, &crates), Vec::<String>::new());
    }

    #[test]
    fn a_dependency_without_an_arrow_names_both() {
        let table = table("types → –\njose → –\ntestkit → –");
        for kind in [Kind::Normal, Kind::Build, Kind::Dev] {
            let crates = [krate("types", &[]), krate("jose", &[("types", kind)])];
            let findings = compare(&table, &crates);
            assert_eq!(findings.len(), 1);
            assert!(findings[0].starts_with("jose → types"), "{findings:?}");
        }
        let normal = [krate("jose", &[("testkit", Kind::Normal)])];
        assert_eq!(compare(&table, &normal).len(), 1);
    }

    #[test]
    fn a_crate_without_a_row_and_an_arrow_without_use_are_found() {
        let table = table("types → –\njose → types");
        let crates = [krate("types", &[]), krate("jose", &[]), krate("extra", &[])];
        let findings = compare(&table, &crates);
        assert_eq!(findings.len(), 2);
        assert!(findings[0].starts_with("jose → types: an arrow in the table"), "{findings:?}");
        assert!(findings[1].starts_with("extra has no row"), "{findings:?}");
    }
}
