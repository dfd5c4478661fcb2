//! SIGINT, SIGTERM and SIGHUP set a flag; whoever waits looks at it, so that guards clean up on the way out.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::error::{Doing, Error, Result};

static FLAG: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// From now on the signals set the flag and no longer end the process.
pub(crate) fn install() -> Result {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&FLAG)).doing(|| format!("handle signal {signal}"))?;
    }
    Ok(())
}

/// Whether a signal has arrived.
pub(crate) fn arrived() -> bool {
    FLAG.load(Ordering::Relaxed)
}

/// Fails once a signal has arrived.
pub(crate) fn check() -> Result {
    if arrived() { Err(Error::Interrupted) } else { Ok(()) }
}
