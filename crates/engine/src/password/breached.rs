//! Is a password among those of known breaches? Asked of a file, never of a network.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use aws_lc_rs::digest;

/// The digits of a SHA-1 digest.
const DIGITS: usize = 40;
/// More than a line and a half: the digest, a colon, a count, the end of the line.
const PIECE: usize = 192;

/// Whether the SHA-1 digest of `password` is in a file of digests: upper-case hexadecimal, one a line, in ascending order, each
/// with or without `:COUNT` behind. That is what Have I Been Pwned offers to download. A look-up reads some thirty pieces of
/// it, however large it is.
///
/// # Errors
/// When the file cannot be read, or has a line of another form.
pub(super) fn contains(file: &Path, password: &str) -> io::Result<bool> {
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
    let wanted: String = digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    let mut file = File::open(file)?;
    let (mut low, mut high) = (0, file.metadata()?.len());
    // Whatever begins before `low` is smaller, whatever begins at or after `high` is larger.
    while low < high {
        let middle = low + (high - low) / 2;
        match line_from(&mut file, middle)? {
            Some((start, _)) if start >= high => high = middle,
            None => high = middle,
            Some((start, found)) => match found.as_str().cmp(&wanted) {
                std::cmp::Ordering::Equal => return Ok(true),
                std::cmp::Ordering::Less => low = start + 1,
                std::cmp::Ordering::Greater => high = middle,
            },
        }
    }
    Ok(false)
}

/// The first line that begins at `offset` or later: where, and its digest.
fn line_from(file: &mut File, offset: u64) -> io::Result<Option<(u64, String)>> {
    // One byte earlier, to see whether a line begins right here.
    let from = offset.saturating_sub(1);
    file.seek(SeekFrom::Start(from))?;
    let mut piece = Vec::with_capacity(PIECE);
    file.take(PIECE as u64).read_to_end(&mut piece)?;
    let skipped = if offset == 0 {
        0
    } else {
        match piece.iter().position(|byte| *byte == b'\n') {
            Some(end) => end + 1,
            None => return if piece.len() < PIECE { Ok(None) } else { Err(malformed()) },
        }
    };
    let line = piece.get(skipped..).unwrap_or_default();
    if line.is_empty() {
        return Ok(None);
    }
    let digits =
        line.get(..DIGITS).and_then(|digits| std::str::from_utf8(digits).ok()).ok_or_else(malformed)?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'A'..=b'F');
    let ends = line.get(DIGITS).is_none_or(|next| matches!(next, b':' | b'\r' | b'\n'));
    if !digits.bytes().all(is_digit) || !ends {
        return Err(malformed());
    }
    Ok(Some((from + skipped as u64, digits.to_owned())))
}

fn malformed() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "a list of breached passwords has a line that is no SHA-1 digest",
    )
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn list(lines: &[String], end: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let text: String = lines.iter().map(|line| format!("{line}{end}")).collect();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    fn digest_of(password: &str) -> String {
        let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes());
        digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect()
    }

    #[test]
    fn au_05_each_line_of_a_list_is_found_and_nothing_else() {
        assert_eq!(digest_of("password"), "5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8");
        for count in [0, 1, 2, 3, 100, 1_001] {
            let mut lines: Vec<String> = (0..count)
                .map(|number| format!("{}:{}", digest_of(&format!("breached {number}")), number * 7_919))
                .collect();
            lines.sort();
            for end in ["\n", "\r\n"] {
                let file = list(&lines, end);
                for number in 0..count {
                    assert!(
                        contains(file.path(), &format!("breached {number}")).unwrap(),
                        "{number} of {count}"
                    );
                }
                for other in ["breached", "breached -1", "", "seven quiet herons"] {
                    assert!(!contains(file.path(), other).unwrap(), "{other} of {count}");
                }
            }
        }
        let bare = list(&[digest_of("password")], "");
        assert!(contains(bare.path(), "password").unwrap());
    }

    #[test]
    fn a_list_that_cannot_be_read_is_no_all_clear() {
        assert!(contains(Path::new("/nowhere/breached.txt"), "password").is_err());
        let words = list(&["password".to_owned(), "letmein".to_owned()], "\n");
        assert!(contains(words.path(), "password").is_err());
    }
}
