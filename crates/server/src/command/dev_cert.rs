use std::fs;
use std::path::PathBuf;

use portcullis::SystemClock;
use portcullis::open::{create_private_folder, sync_folder, write_private};
use portcullis_types::{Clock as _, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use serde_json::json;

use crate::{Error, Result, output};

/// How long both certificates are good: what clients accept at most of a server.
const DAYS: i64 = 397;
const DAY_SECS: i64 = 24 * 60 * 60;
/// Who a developer's server always is.
const HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
const CA: &str = "dev-ca.pem";
const CERT: &str = "dev-cert.pem";
const KEY: &str = "dev-key.pem";

/// Make a certificate for development, and the throw-away authority that vouches for it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder to write to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// A further name or address of the server, besides localhost, 127.0.0.1 and ::1; may be given again
    #[arg(long, value_name = "NAME")]
    host: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result {
    let made = make(&args.host, SystemClock.now())?;
    create_private_folder(&args.out).map_err(|error| Error::file("create the folder", &args.out, error))?;
    let paths = [CA, CERT, KEY].map(|name| args.out.join(name));
    // Whoever trusts the authority of an earlier run would not trust this one: nothing is replaced unasked.
    if let Some(path) = paths.iter().find(|path| path.exists()) {
        return Err(Error::Usage(format!(
            "{} exists already: remove it, or name another folder",
            path.display()
        )));
    }
    let [ca, cert, key] = &paths;
    // The key for its owner only; certificates are no secret.
    write_private(key, made.key.as_bytes()).map_err(|error| Error::file("write", key, error))?;
    for (path, content) in [(cert, &made.cert), (ca, &made.ca)] {
        fs::write(path, content).map_err(|error| Error::file("write", path, error))?;
    }
    sync_folder(&args.out).map_err(|error| Error::file("write to", &args.out, error))?;
    if args.json {
        return output::json(&json!({ "ca": ca, "cert": cert, "key": key, "hosts": made.hosts }));
    }
    let (ca, cert, key) = (ca.display(), cert.display(), key.display());
    output::text(&format!(
        "A certificate for {hosts}, good for {DAYS} days. Serve with it:\n  \
         portcullis serve --tls-cert {cert} --tls-key {key}\n\
         Let clients trust the authority {ca}, whose key was thrown away, so that it vouches for nothing else:\n  \
         curl --cacert {ca} https://localhost:8080/health/live\n  \
         export REQUESTS_CA_BUNDLE={ca}    (Python's requests)\n  \
         export SSL_CERT_FILE={ca}    (portcullis --server, other programs with rustls or OpenSSL)\n  \
         export NODE_EXTRA_CA_CERTS={ca}    (Node.js)\n",
        hosts = made.hosts.join(", "),
    ))
}

/// A certificate as files in PEM.
struct Made {
    ca: String,
    cert: String,
    key: String,
    hosts: Vec<String>,
}

fn make(more: &[String], now: Timestamp) -> Result<Made> {
    let mut hosts: Vec<String> = HOSTS.map(str::to_owned).to_vec();
    hosts.extend(more.iter().filter(|host| !HOSTS.contains(&host.as_str())).cloned());
    let failed = |error: rcgen::Error| Error::Internal(format!("cannot make a certificate: {error}"));

    let mut ca = dated(CertificateParams::default(), now)?;
    ca.distinguished_name.push(DnType::CommonName, "Portcullis development authority");
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    let ca_key = KeyPair::generate().map_err(failed)?;
    let ca_cert = ca.self_signed(&ca_key).map_err(failed)?;

    let named = CertificateParams::new(hosts.clone());
    let named = named.map_err(|_not_ascii| {
        Error::Usage("--host: expected names such as id.example.test, or addresses".to_owned())
    })?;
    let mut leaf = dated(named, now)?;
    leaf.distinguished_name.push(DnType::CommonName, "Portcullis development server");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.use_authority_key_identifier_extension = true;
    let leaf_key = KeyPair::generate().map_err(failed)?;
    // The authority's key is dropped with this.
    let leaf = leaf.signed_by(&leaf_key, &Issuer::new(ca, ca_key)).map_err(failed)?;
    Ok(Made { ca: ca_cert.pem(), cert: leaf.pem(), key: leaf_key.serialize_pem(), hosts })
}

/// Good from yesterday on, so that no clock is behind it.
fn dated(mut params: CertificateParams, now: Timestamp) -> Result<CertificateParams> {
    let day = |at: Timestamp| {
        // A timestamp is written as RFC 3339: 2026-11-22T…
        let text = at.to_string();
        let mut parts = text.split(['-', 'T']);
        let (year, month, day) =
            (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(date_time_ymd(year, month, day))
    };
    let ends = [now.plus_secs(-DAY_SECS), now.plus_secs((DAYS - 1) * DAY_SECS)].map(day);
    let [Some(begin), Some(end)] = ends else {
        return Err(Error::Internal("the clock names no date of ours".to_owned()));
    };
    (params.not_before, params.not_after) = (begin, end);
    Ok(params)
}
