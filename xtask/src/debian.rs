//! System packages: installed when we may, named when we may not.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::error::{Doing, Error, Result};
use crate::postgres::Programs;
use crate::{paths, process};

/// A Debian package and how to see that it (or its equal, on another system) is there.
pub(crate) struct Package {
    name: &'static str,
    is_present: fn() -> bool,
}

/// The PostgreSQL server.
pub(crate) static POSTGRESQL: Package =
    Package { name: "postgresql", is_present: || Programs::find().is_some() };
/// Python itself.
pub(crate) static PYTHON: Package =
    Package { name: "python3", is_present: || paths::program("python3").is_some() };
/// Python's virtual environments, which Debian keeps in a package of their own.
pub(crate) static PYTHON_VENV: Package = Package { name: "python3-venv", is_present: has_venv };
/// Node.js.
pub(crate) static NODE: Package = Package { name: "nodejs", is_present: || paths::program("node").is_some() };
/// Node's package manager.
pub(crate) static NPM: Package = Package { name: "npm", is_present: || paths::program("npm").is_some() };
/// A browser.
pub(crate) static CHROMIUM: Package =
    Package { name: "chromium", is_present: || Path::new("/usr/bin/chromium").is_file() };
/// What drives the browser.
pub(crate) static CHROMIUM_DRIVER: Package =
    Package { name: "chromium-driver", is_present: || Path::new("/usr/bin/chromedriver").is_file() };

/// Apache's relying party for OpenID Connect; Apache itself comes with it, as a program and not as a service.
pub(crate) static MOD_AUTH_OPENIDC: Package = Package {
    name: "libapache2-mod-auth-openidc",
    is_present: || Path::new("/usr/lib/apache2/modules/mod_auth_openidc.so").exists(),
};
/// An agent that keeps tokens as ssh-agent keeps keys.
pub(crate) static OIDC_AGENT: Package =
    Package { name: "oidc-agent-cli", is_present: || paths::program("oidc-agent").is_some() };

/// Makes sure that the packages are there: as root on Debian by installing them, else by saying which are missing.
pub(crate) fn ensure(packages: &[&Package]) -> Result {
    let missing = missing(packages);
    if missing.is_empty() {
        return Ok(());
    }
    if !(is_root() && Path::new("/etc/debian_version").exists()) {
        return Err(Error::Failed(format!(
            "missing system packages (Debian's names): {names}\ninstall them, for example: \
             sudo apt-get install --no-install-recommends {names}",
            names = missing.join(" ")
        )));
    }
    install(&missing)?;
    let still = self::missing(packages);
    if still.is_empty() {
        return Ok(());
    }
    Err(Error::Failed(format!("installed, but still not usable: {}", still.join(" "))))
}

/// Whether this process may do anything.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn missing(packages: &[&Package]) -> Vec<&'static str> {
    let absent = packages.iter().filter(|package| !(package.is_present)());
    let names: BTreeSet<_> = absent.map(|package| package.name).collect();
    names.into_iter().collect()
}

fn install(names: &[&str]) -> Result {
    if names.contains(&POSTGRESQL.name) {
        keep_default_cluster_away()?;
    }
    process::run(apt_get().args(["-q", "update"]))?;
    process::run(apt_get().args(["-q", "install", "-y", "--no-install-recommends"]).args(names))
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// Debian's package would start a database on the usual port; tests bring their own.
fn keep_default_cluster_away() -> Result {
    let folder = Path::new("/etc/postgresql-common/createcluster.d");
    let file = folder.join("no-main-cluster.conf");
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&file, "create_main_cluster = false\n"))
        .doing(|| format!("write {}", file.display()))
}

fn has_venv() -> bool {
    process::quiet(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_ok()
}
