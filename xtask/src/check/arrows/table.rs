//! Reading the table of arrows.

use std::collections::{BTreeMap, BTreeSet};

/// For each crate, by its short name, the crates that it may depend on.
pub(super) type Table = BTreeMap<String, BTreeSet<String>>;

const BEGIN: &str = "<!-- arrows:begin -->";
const END: &str = "<!-- arrows:end -->";

/// Reads the lines `crate → dep, dep` (`–` for none) between the two markers; a code fence around them is fine.
pub(super) fn parse(text: &str) -> Result<Table, String> {
    let (_, rest) = text.split_once(BEGIN).ok_or_else(|| format!("the marker {BEGIN} is missing"))?;
    let (block, _) = rest.split_once(END).ok_or_else(|| format!("the marker {END} is missing"))?;
    let mut table = Table::new();
    for line in block.lines().map(str::trim) {
        if line.is_empty() || line.starts_with("```") {
            continue;
        }
        let (name, row) = parse_row(line)?;
        if table.insert(name.clone(), row).is_some() {
            return Err(format!("{name} has two rows"));
        }
    }
    for (name, row) in &table {
        if let Some(target) = row.iter().find(|target| !table.contains_key(*target)) {
            return Err(format!("{name} → {target}: {target} has no row"));
        }
    }
    if table.is_empty() { Err("the table of arrows is empty".to_owned()) } else { Ok(table) }
}

fn parse_row(line: &str) -> Result<(String, BTreeSet<String>), String> {
    let malformed = || format!("`{line}` is not a line `crate → dep, dep`");
    let (name, targets) = line.split_once('→').ok_or_else(malformed)?;
    let name = name.trim();
    let targets = match targets.trim() {
        "–" => BTreeSet::new(),
        listed => listed.split(',').map(|target| target.trim().to_owned()).collect(),
    };
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if is_name(name) && targets.iter().all(|target| is_name(target)) {
        Ok((name.to_owned(), targets))
    } else {
        Err(malformed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(rows: &str) -> String {
        format!("# House\n{BEGIN}\n```text\n{rows}\n```\n{END}\nmore → text\n")
    }

    #[test]
    fn reads_rows_and_nothing_outside_the_markers() {
        let table = parse(&block("types  → –\njose   → types\n\nauthz → types, jose")).unwrap();
        let rows: Vec<_> = table
            .iter()
            .map(|(name, row)| {
                format!("{name}: {}", Vec::from_iter(row.iter().map(String::as_str)).join(" "))
            })
            .collect();
        assert_eq!(rows, ["authz: jose types", "jose: types", "types: "]);
    }

    #[test]
    fn refuses_what_it_does_not_understand() {
        for (rows, problem) in [
            ("", "empty"),
            ("types -> –", "not a line"),
            ("types → a b\na → –", "not a line"),
            ("types →", "not a line"),
            ("types → –\ntypes → –", "two rows"),
            ("jose → types", "types has no row"),
        ] {
            let error = parse(&block(rows)).unwrap_err();
            assert!(error.contains(problem), "{rows:?}: {error}");
        }
        assert!(parse("nothing").unwrap_err().contains(BEGIN));
        assert!(parse(BEGIN).unwrap_err().contains(END));
    }
}
