use std::sync::{Arc, Mutex, PoisonError};

use portcullis_jose::AccessKey;
use portcullis_types::{BoxFuture, Sensitive, Timestamp};

use crate::ClientError;

/// For how long a minted token is good (spec `authress-api.md` §5.3).
const TOKEN_SECS: u32 = 24 * 60 * 60;
/// How much of that must be left for a token to be used again.
const LEFT_SECS: i64 = 60 * 60;

/// Where a bearer comes from that changes over time: a session that is refreshed, a file that another program writes.
pub trait TokenProvider: Send + Sync {
    /// The bearer for the next call, without `Bearer `.
    ///
    /// # Errors
    /// Any [`ClientError`]; the call that needed the bearer fails with it.
    fn token(&self) -> BoxFuture<'_, Result<Sensitive, ClientError>>;
}

/// Who asks.
#[derive(Clone)]
pub(crate) enum Credential {
    /// Nobody: calls that need no bearer.
    None,
    /// A bearer, sent as it is.
    Token(Sensitive),
    /// A service client that signs its own tokens.
    AccessKey(Arc<Minter>),
    /// Whatever the application says.
    Provider(Arc<dyn TokenProvider>),
}

impl Credential {
    /// The bearer at this instant, if there is one.
    pub(crate) async fn bearer(&self, now: Timestamp) -> Result<Option<Sensitive>, ClientError> {
        match self {
            Self::None => Ok(None),
            Self::Token(token) => Ok(Some(token.clone())),
            Self::AccessKey(minter) => minter.token(now).map(Some),
            Self::Provider(provider) => provider.token().await.map(Some),
        }
    }

    /// The account of an access key.
    pub(crate) fn account_id(&self) -> Option<&str> {
        match self {
            Self::AccessKey(minter) => Some(minter.key.account_id()),
            _ => None,
        }
    }

    /// What kind it is, for people.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Token(_) => "token",
            Self::AccessKey(_) => "access key",
            Self::Provider(_) => "provider",
        }
    }
}

/// Signs a service client's tokens, and keeps one until an hour of it is left.
pub(crate) struct Minter {
    key: AccessKey,
    base_url: String,
    minted: Mutex<Option<(Sensitive, Timestamp)>>,
}

impl Minter {
    pub(crate) fn new(key: AccessKey, base_url: String) -> Self {
        Self { key, base_url, minted: Mutex::new(None) }
    }

    fn token(&self, now: Timestamp) -> Result<Sensitive, ClientError> {
        let mut minted = self.minted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((token, minted_at)) = &*minted {
            let age = now.secs().saturating_sub(minted_at.secs());
            // A clock that was set back makes a token of the future, which servers refuse.
            if (0..=i64::from(TOKEN_SECS) - LEFT_SECS).contains(&age) {
                return Ok(token.clone());
            }
        }
        let token = self.key.mint_client_token(&self.base_url, now, TOKEN_SECS);
        let token =
            Sensitive::new(token.map_err(|_error| ClientError::Credential("the access key cannot sign"))?);
        *minted = Some((token.clone(), now));
        Ok(token)
    }
}
