use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An instant, in whole microseconds since 1970-01-01T00:00:00Z.
///
/// Written as `YYYY-MM-DDTHH:MM:SS.mmmZ` (24 characters, spec `authress-api.md` §1.5); read from any RFC 3339 form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds since the epoch (JWT's NumericDate, RFC 7519 §2). Saturates.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This instant moved by `secs` seconds (negative: earlier). Saturates.
    #[must_use]
    pub const fn plus_secs(self, secs: i64) -> Self {
        Self(self.0.saturating_add(secs.saturating_mul(1_000_000)))
    }

    /// This instant moved by `micros` microseconds (negative: earlier). Saturates.
    #[must_use]
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// The same day and time of day `months` months later, in UTC; the month's last day where the day does not exist. `None`
    /// beyond the calendar's ends (years -9999 to 9999).
    pub fn plus_months(self, months: i32) -> Option<Self> {
        let at = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::from_microsecond(self.0).ok()?);
        let moved = at.checked_add(jiff::Span::new().try_months(months).ok()?).ok()?;
        Some(Self(jiff::tz::Offset::UTC.to_timestamp(moved).ok()?.as_microsecond()))
    }

    /// How many calendar months `later` is after this instant by year and month alone, in UTC: 1 from January 31st to February
    /// 1st. `None` beyond the calendar's ends.
    pub fn calendar_months_until(self, later: Self) -> Option<i32> {
        let month = |at: Self| {
            let at = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::from_microsecond(at.0).ok()?);
            Some(i32::from(at.year()) * 12 + i32::from(at.month()))
        };
        Some(month(later)? - month(self)?)
    }

    /// This instant rounded down to a multiple of `micros` (1,000 for milliseconds). `micros` below 1 changes nothing.
    #[must_use]
    pub const fn truncated_to(self, micros: i64) -> Self {
        if micros < 1 { self } else { Self(self.0.div_euclid(micros).saturating_mul(micros)) }
    }

    /// Reads RFC 3339 (any offset, any number of fractional digits) or an HTTP-date (RFC 9110 §5.6.7), and says to which
    /// precision it was given, in microseconds: 1,000,000 for whole seconds, 1,000 for milliseconds, else 1.
    pub fn parse_with_precision(text: &str) -> Option<(Self, i64)> {
        if let Ok(at) = text.parse::<jiff::Timestamp>() {
            let digits = text
                .split_once('.')
                .map_or(0, |(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count());
            let precision = match digits {
                0 => 1_000_000,
                1..=3 => 1_000,
                _ => 1,
            };
            return Some((Self(at.as_microsecond()), precision));
        }
        let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        Some((Self(at.as_microsecond()), 1_000_000))
    }
}

/// RFC 3339 in UTC, in milliseconds.
const PRINTER: jiff::fmt::temporal::DateTimePrinter =
    jiff::fmt::temporal::DateTimePrinter::new().precision(Some(3));

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        });
        PRINTER.print_timestamp(&at, jiff::fmt::StdFmtWrite(f)).map_err(|_unwritten| fmt::Error)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse_with_precision(&text).map(|(at, _)| at).ok_or_else(|| {
            de::Error::custom("expected an RFC 3339 date and time such as 2026-01-31T09:30:00.000Z")
        })
    }
}

/// The length of an ISO 8601 duration in whole seconds: weeks, days, hours, minutes and seconds (`PT24H`, `P30D`). Months and
/// years have no fixed length and are refused, as is everything below a second.
pub fn duration_secs(text: &str) -> Option<i64> {
    let span: jiff::Span = text.parse().ok()?;
    let fixed = span.get_years() == 0 && span.get_months() == 0;
    let days = i64::from(span.get_weeks()).checked_mul(7)?.checked_add(i64::from(span.get_days()))?;
    let whole = span.get_milliseconds() == 0 && span.get_microseconds() == 0 && span.get_nanoseconds() == 0;
    let secs = days
        .checked_mul(24)?
        .checked_add(i64::from(span.get_hours()))?
        .checked_mul(60)?
        .checked_add(span.get_minutes())?
        .checked_mul(60)?
        .checked_add(span.get_seconds())?;
    (fixed && whole).then_some(secs)
}

/// Where the time comes from. Everything that asks what time it is takes one, so that tests can move it.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// Where chance comes from: a cryptographically secure source, or a seeded one in tests.
pub trait Rng: Send + Sync {
    /// Fills `dest` with random bytes.
    ///
    /// # Errors
    /// [`RngError`] when the source has none to give; callers refuse what they were about to do.
    fn fill(&self, dest: &mut [u8]) -> Result<(), RngError>;
}

/// The random source failed; nothing may be generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RngError;

impl fmt::Display for RngError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the random source failed")
    }
}

impl std::error::Error for RngError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_written_with_milliseconds_in_24_characters() {
        let at = Timestamp::from_micros(1_700_000_000_123_456);
        assert_eq!(at.to_string(), "2023-11-14T22:13:20.123Z");
        assert_eq!(Timestamp::from_micros(i64::MAX).to_string().len(), 24);
    }

    #[test]
    fn durations_of_a_fixed_length_are_read_in_seconds() {
        for (text, secs) in
            [("PT24H", 86_400), ("P30D", 2_592_000), ("PT1S", 1), ("P1W", 604_800), ("PT1H30M", 5_400)]
        {
            assert_eq!(duration_secs(text), Some(secs), "{text}");
        }
        for text in ["P1M", "P1Y", "PT0.5S", "24h later", ""] {
            assert_eq!(duration_secs(text), None, "{text}");
        }
    }

    #[test]
    fn months_are_the_calendars_and_shorter_months_end_earlier() {
        let at = |text: &str| Timestamp::parse_with_precision(text).unwrap().0;
        let start = at("2024-01-31T10:00:00Z");
        for (months, expected) in [
            (0, "2024-01-31T10:00:00Z"),
            (1, "2024-02-29T10:00:00Z"),
            (2, "2024-03-31T10:00:00Z"),
            (13, "2025-02-28T10:00:00Z"),
        ] {
            assert_eq!(start.plus_months(months), Some(at(expected)), "{months}");
        }
        assert_eq!(start.calendar_months_until(at("2025-02-01T00:00:00Z")), Some(13));
        assert_eq!(Timestamp::from_micros(i64::MAX).plus_months(1), None);
    }

    #[test]
    fn every_form_that_clients_send_is_read_with_its_precision() {
        let at = Timestamp::from_micros(1_700_000_000_123_000);
        let cases = [
            ("2023-11-14T22:13:20.123Z", at, 1_000),
            ("2023-11-14T22:13:20.123000+00:00", at, 1),
            ("2023-11-14T22:13:20.1230000+00:00", at, 1),
            ("2023-11-14T23:13:20.123+01:00", at, 1_000),
            ("2023-11-14T22:13:20Z", at.truncated_to(1_000_000), 1_000_000),
            ("Tue, 14 Nov 2023 22:13:20 GMT", at.truncated_to(1_000_000), 1_000_000),
        ];
        for (text, expected, precision) in cases {
            assert_eq!(Timestamp::parse_with_precision(text), Some((expected, precision)), "{text}");
        }
        assert_eq!(Timestamp::parse_with_precision("yesterday"), None);
    }
}
