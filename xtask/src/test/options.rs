//! The command line of `cargo xtask test`.

use std::ffi::OsString;

use crate::arguments::Arguments;
use crate::effort::{self, Effort};
use crate::error::{Error, Result};

/// A part of the tests that can be run alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Part {
    /// The workspace's own tests.
    Unit,
    /// Real clients.
    Interop,
    /// The hosted pages in a browser.
    Browser,
    /// Made-up requests.
    Schemathesis,
    /// A short run of the benchmark, to see that it works.
    Smoke,
}

const PARTS: [(&str, Part); 5] = [
    ("unit", Part::Unit),
    ("interop", Part::Interop),
    ("browser", Part::Browser),
    ("schemathesis", Part::Schemathesis),
    ("smoke", Part::Smoke),
];

/// What to run, and how hard.
pub(super) struct Options {
    only: Vec<Part>,
    pub(super) effort: Effort,
}

impl Options {
    /// Reads `--only PART` (may be repeated) and the flags of the effort.
    pub(super) fn parse(arguments: &[OsString]) -> Result<Self> {
        let known: Vec<&str> = ["--only"].into_iter().chain(effort::FLAGS).collect();
        let arguments = Arguments::parse(arguments, &known)?;
        if let Some(word) = arguments.words.first() {
            return Err(Error::Usage(format!("unexpected {word}; one part alone is `--only PART`")));
        }
        let mut options = Self { only: Vec::new(), effort: Effort::quick() };
        for (flag, value) in &arguments.flags {
            if !options.effort.take(flag, value)? {
                options.only.push(part(value)?);
            }
        }
        Ok(options)
    }

    /// Whether a part is wanted.
    pub(super) fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.names(part)
    }

    /// Whether a part was asked for by its name.
    pub(super) fn names(&self, part: Part) -> bool {
        self.only.contains(&part)
    }
}

fn part(name: &str) -> Result<Part> {
    PARTS.iter().find(|(known, _)| *known == name).map(|(_, part)| *part).ok_or_else(|| {
        let known = PARTS.map(|(known, _)| known);
        Error::Usage(format!("unknown part {name}; known are: {}", known.join(" ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options> {
        Options::parse(&line.split_whitespace().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn without_flags_everything_is_wanted() {
        let options = parse("").unwrap();
        assert!(PARTS.iter().all(|(_, part)| options.wants(*part) && !options.names(*part)));
    }

    #[test]
    fn only_may_be_repeated_beside_counts() {
        let options = parse("--only unit --kills 3 --only smoke").unwrap();
        assert!(options.wants(Part::Unit) && options.names(Part::Smoke));
        assert!(!options.wants(Part::Interop) && !options.wants(Part::Schemathesis));
        assert!(options.effort.variables().contains(&("PORTCULLIS_KILLS", "3".to_owned())));
    }

    #[test]
    fn refuses_unknown_parts_and_words() {
        assert!(parse("--only units").is_err_and(|error| error.to_string().contains("unit interop")));
        assert!(parse("unit").is_err());
    }
}
