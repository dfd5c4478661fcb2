//! May this text be set as a password? NIST SP 800-63B-4 §3.1.1.2: length, and neither common nor of its context; no rules of
//! composition, no expiry.
//!
//! What is common is known to zxcvbn: the 30,000 most frequent passwords of public breaches, names and words, alone and
//! combined, reversed, with digits for letters, as rows of keys, repetitions, dates. Hardly any single entry of such a list has
//! 15 characters; what people make of the entries to reach 15 is what the score finds.

use std::collections::BTreeSet;

use portcullis_types::{FieldError, Sensitive};
use zxcvbn::matching::patterns::MatchPattern;
use zxcvbn::{Entropy, Score, zxcvbn};

use super::breached;
use super::error::PasswordError;
use super::normalized::{MAX_BYTES, MAX_CHARS, NormalizedPassword};
use super::settings::PasswordPolicy;

/// zxcvbn looks at no more characters; a longer password is judged by its strongest part.
const PART: usize = 100;
/// Fewer guesses than this are refused whatever the configured score: it is above every rank in the list of common passwords,
/// also with a capital or two.
const COMMON: u64 = 100_000;
/// How much of a password must remain without the words of its context.
const REMAINDER: usize = 8;
/// Shorter words are parts of too many others.
const SHORTEST_WORD: usize = 4;
/// The most words that are taken from the context.
const MAX_WORDS: usize = 64;

impl PasswordPolicy {
    /// The cheap part, before anything is computed: the length.
    ///
    /// # Errors
    /// [`FieldError`] on `field`.
    pub(super) fn prepare(
        &self,
        field: &str,
        presented: &Sensitive,
    ) -> Result<NormalizedPassword, FieldError> {
        let least = self.min_length;
        NormalizedPassword::read(field, presented)
            .ok()
            .filter(|password| password.chars() >= least)
            .ok_or_else(|| {
                FieldError::new(
                    field,
                    format!("{least} to {MAX_CHARS} characters of at most {MAX_BYTES} bytes"),
                )
            })
    }

    /// Whether it is among those of known breaches. Reads the configured file.
    pub(super) fn is_breached(&self, password: &str) -> Result<bool, PasswordError> {
        let listed = self.breached.as_ref().map(|file| breached::contains(file, password));
        listed.unwrap_or(Ok(false)).map_err(PasswordError::Breached)
    }

    /// The rest: whether it is easy to guess for somebody who knows `words`. Takes milliseconds.
    ///
    /// # Errors
    /// [`FieldError`] on `field` with the reason in words, which holds no part of the password.
    pub(super) fn judge(
        &self,
        field: &str,
        password: &str,
        words: &BTreeSet<String>,
    ) -> Result<(), FieldError> {
        let refused = |expected: String| Err(FieldError::new(field, expected));
        if is_made_of(password, words) {
            return refused(format!(
                "a password with at least {REMAINDER} characters beside the names of its user and of this service"
            ));
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let characters: Vec<char> = password.chars().collect();
        let strongest = characters
            .chunks(PART)
            .map(|part| zxcvbn(&part.iter().collect::<String>(), &words))
            .max_by_key(Entropy::guesses);
        let Some(found) = strongest else { return refused("a password".to_owned()) };
        if is_common(&found) {
            return refused("a password that is not among the most common passwords and words".to_owned());
        }
        let score: u8 = found.score().into();
        if found.guesses() < COMMON || score < self.min_score {
            return refused(guessable(&found));
        }
        Ok(())
    }
}

/// The words that must not make up a password: what is said about its user (address, name) and about the service, whole and
/// in parts, in small letters.
pub(super) fn words<'a>(context: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for said in context {
        let said = said.to_lowercase();
        let local = said.split('@').next().unwrap_or_default();
        let parts = said.split(|c: char| !c.is_alphanumeric());
        for word in [said.as_str(), local].into_iter().chain(parts) {
            if word.chars().count() >= SHORTEST_WORD && words.len() < MAX_WORDS {
                words.insert(word.to_owned());
            }
        }
    }
    words
}

/// Whether too little of a password remains without the words in it.
fn is_made_of(password: &str, words: &BTreeSet<String>) -> bool {
    let whole = password.to_lowercase();
    let mut rest = whole.clone();
    let mut longest_first: Vec<&String> = words.iter().collect();
    longest_first.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in longest_first {
        // A sign in its place, so that what stood at both sides does not become another word.
        rest = rest.replace(word.as_str(), "\n");
    }
    rest != whole && rest.chars().filter(|c| *c != '\n').count() < REMAINDER
}

/// Whether all of it is one entry of a list, as it is there but for the case of letters.
fn is_common(found: &Entropy) -> bool {
    match found.sequence() {
        [only] => matches!(&only.pattern, MatchPattern::Dictionary(word) if !word.reversed && !word.l33t),
        _ => false,
    }
}

fn guessable(found: &Entropy) -> String {
    let why = found.feedback().and_then(zxcvbn::feedback::Feedback::warning);
    let why = why.map_or_else(
        || "a few more words that have nothing to do with each other would do".to_owned(),
        |warning| {
            let mut text = warning.to_string();
            text.truncate(text.trim_end_matches('.').len());
            text
        },
    );
    let tried = match found.score() {
        Score::Zero => "a thousand",
        Score::One => "a million",
        Score::Two => "a hundred million",
        _ => "ten billion",
    };
    format!("a password that is not guessable: this one takes fewer than {tried} guesses ({why})")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "seven quiet herons fold paper";

    fn judge_with(min_score: u8, password: &str, context: &[&str]) -> Result<(), FieldError> {
        let policy = PasswordPolicy { min_score, ..PasswordPolicy::default() };
        policy.judge("password", password, &words(context.iter().copied()))
    }

    fn judge(password: &str) -> Result<(), FieldError> {
        judge_with(3, password, &[])
    }

    #[test]
    fn au_01_fifteen_characters_unless_configured_and_never_below_eight() {
        let prepare = |min_length, text: &str| {
            PasswordPolicy { min_length, ..PasswordPolicy::default() }
                .prepare("password", &Sensitive::new(text))
        };
        assert!(prepare(15, &"ä".repeat(15)).is_ok());
        let refused = prepare(15, &"ä".repeat(14)).unwrap_err();
        assert_eq!(refused.to_string(), "password: expected 15 to 256 characters of at most 1024 bytes");
        assert!(prepare(8, "12345678").is_ok());
    }

    #[test]
    fn au_02_sixty_four_and_many_more_characters_are_allowed_and_a_megabyte_is_refused_unread() {
        let policy = PasswordPolicy::default();
        for length in [64, 72, 73, 256] {
            assert!(policy.prepare("password", &Sensitive::new("a".repeat(length))).is_ok());
        }
        for length in [257, 1_025, 1 << 20] {
            assert!(policy.prepare("password", &Sensitive::new("a".repeat(length))).is_err());
        }
    }

    #[test]
    fn au_03_any_character_and_spaces_are_allowed() {
        for good in [
            GOOD,
            "  leading and trailing spaces here  ",
            "сорок семь тихих цапель",
            "鶴が静かに七羽紙を折る夜の庭",
            "😀🦊🐙🌵🍋🪁🎈🧭🗝🪐🧶🪵🫖🪴🎻",
        ] {
            judge(good).unwrap();
        }
    }

    #[test]
    fn au_04_no_kind_of_character_is_demanded() {
        for good in [GOOD, "SEVEN QUIET HERONS FOLD PAPER", "83017465920473856103", "~]#/=<%|^>)_{;&(*"] {
            judge(good).unwrap();
        }
    }

    #[test]
    fn au_05_the_most_common_are_refused_whatever_the_score_and_told_why() {
        // From the top and from the end of the list, and most of those that are long enough for the policy.
        let common = [
            "123456",
            "password",
            "qwerty",
            "letmein",
            "dragon",
            "michael",
            "trustno1",
            "Password",
            "momsanaladventure",
            "1qaz2wsx3edc4rfv",
            "123456789987654321",
            "q1w2e3r4t5y6u7i8",
            "qwertyuiop12345",
            "1234567890qwerty",
            "passwordstandard",
            "mailcreated5240",
            "nemvxyheqdd5oqxyxyzi",
            "zxcvbnm123456789",
        ];
        for password in common {
            let refused = judge_with(0, password, &[]).unwrap_err().to_string();
            let why = ["among the most common passwords and words", "guessable"];
            assert!(why.iter().any(|why| refused.contains(why)), "{password}: {refused}");
            assert!(password.eq_ignore_ascii_case("password") || !refused.contains(password), "{refused}");
        }
        assert!(
            judge_with(0, "dragon", &[])
                .unwrap_err()
                .to_string()
                .contains("among the most common passwords and words")
        );
    }

    #[test]
    fn au_05_what_is_made_of_common_ones_is_refused_and_told_why() {
        for (password, why) in [
            ("aaaaaaaaaaaaaaaaaaaa", "Repeats"),
            ("passwordpassword", "Repeats"),
            ("qwertyuiopasdfghjkl", "commonly used"),
            ("P@ssw0rdP@ssw0rd", ""),
            ("abcdefghijklmnopq", "Sequences"),
            ("123456789012345", ""),
            ("1q2w3e4r5t6y7u8i9o0p", ""),
            ("19841984198419841984", ""),
        ] {
            let refused = judge(password).unwrap_err().to_string();
            assert!(refused.contains("guessable") && refused.contains(why), "{password}: {refused}");
        }
    }

    #[test]
    fn au_05_words_of_the_context_are_refused_and_told_why() {
        let context = ["Alice.Lidell@wonderland.example", "Alice Lidell", "portcullis", "white rabbit"];
        for password in [
            "alice.lidell@wonderland.example",
            "AliceLidell-2026!",
            "portcullisPortcullis",
            "wonderland/alice!",
            "white rabbit 1865",
        ] {
            for score in [0, 3] {
                let refused = judge_with(score, password, &context).unwrap_err().to_string();
                assert!(refused.contains("beside the names"), "{password}: {refused}");
            }
        }
        judge_with(3, "alice and seven quiet herons", &context).unwrap();
        judge_with(3, "AliceLidell-2026!xqv", &[]).unwrap();
    }

    #[test]
    fn a_part_beyond_what_zxcvbn_reads_counts() {
        let weak = "a".repeat(100);
        judge(&format!("{weak}{GOOD}")).unwrap();
        assert!(judge(&"a".repeat(256)).is_err());
    }

    #[test]
    fn the_score_can_be_chosen() {
        let password = "correct horse 12";
        judge_with(2, password, &[]).unwrap();
        judge_with(0, "summer in berlin", &[]).unwrap();
        assert!(judge_with(4, "summer in berlin", &[]).is_err());
    }

    #[test]
    fn short_words_and_too_many_words_are_left_out() {
        assert!(words(["Al", "bob"]).is_empty());
        let many: Vec<String> = (0..1_000).map(|number| format!("word{number}")).collect();
        assert_eq!(words(many.iter().map(String::as_str)).len(), MAX_WORDS);
    }
}
