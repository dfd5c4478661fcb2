use std::collections::BTreeSet;

use portcullis_types::Timestamp;

/// What a user allowed an application to be given, for one audience.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Who allowed it.
    pub user_id: String,
    /// To which application.
    pub client_id: String,
    /// For access tokens for whom.
    pub audience: String,
    /// The scopes, each of which they have seen.
    pub scopes: BTreeSet<String>,
    /// When they first allowed any of it.
    pub given_at: Timestamp,
    /// When they last allowed more.
    pub updated_at: Timestamp,
}

impl Consent {
    /// Whether `scopes` were all allowed to an application that was made at `application_since`. A consent that is older was
    /// given to another application, which had the same id.
    pub fn covers<'a>(
        &self,
        scopes: impl IntoIterator<Item = &'a str>,
        application_since: Timestamp,
    ) -> bool {
        self.given_at >= application_since && scopes.into_iter().all(|scope| self.scopes.contains(scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn az_14_a_consent_covers_the_scopes_that_were_seen_and_the_application_that_was_meant() {
        let consent = Consent {
            user_id: "alice".to_owned(),
            client_id: "shop".to_owned(),
            audience: "https://api.example.org".to_owned(),
            scopes: ["openid", "email"].map(str::to_owned).into(),
            given_at: Timestamp::from_secs(10),
            updated_at: Timestamp::from_secs(20),
        };
        let covers =
            |scopes: &[&str], since: i64| consent.covers(scopes.iter().copied(), Timestamp::from_secs(since));
        assert!(covers(&["email", "openid"], 10) && covers(&["openid"], 9) && covers(&[], 10));
        assert!(!covers(&["openid", "profile"], 10), "more than was seen");
        assert!(!covers(&["openid"], 11), "another application of the same id");
    }
}
