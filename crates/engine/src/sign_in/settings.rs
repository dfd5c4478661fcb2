use portcullis_domain::{LockPolicy, PoolDefaults};

/// How people sign in. [`SignInSettings::default`] is safe.
#[derive(Clone, Copy, Debug, Default)]
pub struct SignInSettings {
    /// When an account is locked, and for how long.
    pub lock: LockPolicy,
    /// What holds where a user pool does not say.
    pub pools: PoolDefaults,
}
