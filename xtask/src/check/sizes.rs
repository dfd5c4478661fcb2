//! A file of more than 500 lines has more than one job. (Functions are clippy's.)

use std::path::Path;
use std::process::Command;

use super::outcome;
use crate::error::{Doing, Result};
use crate::{paths, process};

/// How many lines a file may have before its tests.
const LIMIT: usize = 500;
/// Folders whose files may be as long as they like.
const EXEMPT: [&str; 5] = ["tests", "benches", "examples", "fuzz", "interop"];

/// Fails on tracked Rust files that are too long.
pub(super) fn check() -> Result {
    let root = paths::root();
    let files =
        process::capture(Command::new("git").current_dir(root).args(["ls-files", "-z", "--", "*.rs"]))?;
    let mut findings = Vec::new();
    for file in files.split('\0').filter(|file| is_bound(file)) {
        let path = root.join(file);
        if !path.exists() {
            continue;
        }
        let text = std::fs::read_to_string(&path).doing(|| format!("read {file}"))?;
        let lines = lines_before_tests(&text);
        if lines > LIMIT {
            findings.push(format!("{file}: {lines} lines before its tests, more than {LIMIT}"));
        }
    }
    outcome(&findings, "split them: one job a file")
}

fn is_bound(file: &str) -> bool {
    !file.is_empty() && !Path::new(file).iter().any(|part| EXEMPT.iter().any(|name| part == *name))
}

/// The lines before the file's inline test module; a `mod tests;` that lives elsewhere hides nothing.
fn lines_before_tests(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let start = (0..lines.len()).find(|&at| lines.get(at..).is_some_and(begins_test_module));
    start.unwrap_or(lines.len())
}

fn begins_test_module(lines: &[&str]) -> bool {
    let Some(("#[cfg(test)]", rest)) = lines.split_first().map(|(first, rest)| (*first, rest)) else {
        return false;
    };
    let item = rest.iter().find(|line| !line.starts_with("#["));
    item.is_some_and(|line| line.ends_with('{') && line.split_whitespace().any(|word| word == "mod"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_up_to_the_inline_test_module() {
        let text = "fn a() {}\n\n#[cfg(test)]\n#[allow(x)]\nmod tests {\n}\n";
        assert_eq!(lines_before_tests(text), 2);
        assert_eq!(lines_before_tests("#[cfg(test)]\npub(crate) mod testing {\n}\n"), 0);
    }

    #[test]
    fn other_test_items_do_not_end_the_count() {
        assert_eq!(lines_before_tests("#[cfg(test)]\nmod tests;\nfn a() {}\n"), 3);
        assert_eq!(lines_before_tests("#[cfg(test)]\nuse x::mod_name;\nfn a() {}\n"), 3);
        assert_eq!(lines_before_tests("fn a() {}\n"), 1);
    }

    #[test]
    fn tests_and_foreign_code_are_exempt() {
        assert!(is_bound("crates/engine/src/check.rs"));
        assert!(is_bound("crates/testkit/src/lib.rs"));
        assert!(!is_bound("crates/engine/tests/it/long.rs"));
        assert!(!is_bound("interop/rust/src/lib.rs"));
    }
}
