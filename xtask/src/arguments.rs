//! The arguments of a verb: words and flags that take a value.

use std::ffi::OsString;

use crate::error::{Error, Result};

/// A command line, split.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Arguments {
    /// What is not a flag.
    pub(crate) words: Vec<String>,
    /// Each flag (with its dashes) and its value, in order.
    pub(crate) flags: Vec<(String, String)>,
}

impl Arguments {
    /// Splits `arguments`; a flag that is not in `known`, or that has no value, is refused.
    pub(crate) fn parse(arguments: &[OsString], known: &[&str]) -> Result<Self> {
        let mut parsed = Self::default();
        let mut rest = arguments.iter().map(|argument| argument.to_string_lossy().into_owned());
        while let Some(argument) = rest.next() {
            if !argument.starts_with('-') {
                parsed.words.push(argument);
                continue;
            }
            let (flag, value) = match argument.split_once('=') {
                Some((flag, value)) => (flag.to_owned(), Some(value.to_owned())),
                None => (argument, None),
            };
            if !known.contains(&flag.as_str()) {
                return Err(Error::Usage(format!("unknown flag {flag}; known are: {}", known.join(" "))));
            }
            let value = value.or_else(|| rest.next());
            let value = value.ok_or_else(|| Error::Usage(format!("{flag} needs a value")))?;
            parsed.flags.push((flag, value));
        }
        Ok(parsed)
    }
}

/// Reads the value of a flag as a number.
pub(crate) fn number(flag: &str, value: &str) -> Result<u32> {
    value.parse().map_err(|error| Error::Usage(format!("{flag} {value}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments> {
        let arguments: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        Arguments::parse(&arguments, &["--only", "--seed"])
    }

    #[test]
    fn words_and_flags_in_both_forms() {
        let parsed = parse("worlds --seed 7 --only=unit kills").unwrap();
        assert_eq!(parsed.words, ["worlds", "kills"]);
        let expected = [("--seed", "7"), ("--only", "unit")].map(|(f, v)| (f.to_owned(), v.to_owned()));
        assert_eq!(parsed.flags, expected);
    }

    #[test]
    fn refuses_unknown_flags_and_missing_values() {
        assert!(parse("--sed 7").unwrap_err().to_string().contains("--sed"));
        assert!(parse("--seed").unwrap_err().to_string().contains("needs a value"));
    }

    #[test]
    fn refuses_what_is_no_number() {
        assert_eq!(number("--seed", "12").unwrap(), 12);
        assert!(number("--seed", "many").unwrap_err().to_string().contains("--seed many"));
    }
}
