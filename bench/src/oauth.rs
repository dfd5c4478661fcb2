//! The provider: tokens beside their cryptography and the writes that they cannot do without, introspection beside a bare axum handler.

mod browser;
mod floor;

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::Client;
use crate::databases::Fresh;
use crate::measure::{Samples, Table};
use crate::pairs::{Side, compare};
use crate::people::member;
use crate::process::{POSTGRES, Server};
use crate::server::bare_rows::Bare;
use crate::{Effort, Result, load};

use browser::Browser;
use floor::Floor;

/// The application that people sign in to, and the service that gets tokens for itself.
const WEB: &str = "bench-web";
const SERVICE: &str = "bench-service";
/// Where the browser is sent back to; nobody listens there.
const CALLBACK: &str = "https://web.bench.example/callback";
/// Tokens that are asked about.
const TOKENS: usize = 256;

pub fn run(effort: Effort) -> Result<()> {
    println!("## The provider\n");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut table = Table::new(&[
        "database",
        "",
        "over HTTP, ms",
        "its cryptography and writes alone, ms",
        "ours / alone",
        "alone / ours",
    ]);
    let folder = tempfile::tempdir()?;
    let bare = runtime.block_on(Bare::sqlite(folder.path()))?;
    issue("SQLite", None, Floor::new(&runtime, bare)?, effort, &mut table)?;
    if std::env::var_os(POSTGRES).is_some() {
        let (ours, by_hand) = (Fresh::create("oauth")?, Fresh::create("oauth_bare")?);
        let bare = runtime.block_on(Bare::postgres(by_hand.url()))?;
        issue("PostgreSQL", Some(ours.url()), Floor::new(&runtime, bare)?, effort, &mut table)?;
    }
    println!("One after another, milliseconds, median (min–max):\n\n{table}");
    introspect(effort)
}

/// A server with both applications, and what these prove themselves by.
struct Provider {
    server: Server,
    client: Client,
    web_secret: String,
    service_secret: String,
}

fn start(folder: &Path, database: Option<&str>) -> Result<Provider> {
    let server = Server::start_open(folder, database)?;
    let mut client = Client::owner(server.address, folder)?;
    let web = json!({
        "applicationId": WEB, "name": "Web", "kind": "web", "firstParty": true, "redirectUris": [CALLBACK],
        "grantTypes": ["authorization_code", "refresh_token"],
    });
    let service = json!({
        "applicationId": SERVICE, "name": "Service", "kind": "service", "grantTypes": ["client_credentials"],
        "scopes": ["bench:read"],
    });
    let mut register = |application| -> Result<String> {
        let made = client.exchange(&client.posting("/v1/applications", &application))?;
        Ok(member(&made["secret"], "clientSecret")?.to_owned())
    };
    let (web_secret, service_secret) = (register(web)?, register(service)?);
    Ok(Provider { server, client, web_secret, service_secret })
}

/// How long each took, side by side.
#[derive(Default)]
struct Turns {
    ours: Samples,
    alone: Samples,
    ratio: Samples,
    share: Samples,
}

impl Turns {
    fn push(&mut self, ours: f64, alone: f64) {
        self.ours.push(ours);
        self.alone.push(alone);
        self.ratio.push(ours / alone);
        self.share.push(alone / ours);
    }

    fn row(&self, database: &str, what: &str, table: &mut Table) {
        let Self { ours, alone, ratio, share } = self;
        let figures = [ours, alone, ratio, share].map(Samples::to_string);
        let mut cells = vec![database.to_owned(), what.to_owned()];
        cells.extend(figures);
        table.row(&cells);
    }
}

/// The milliseconds of `work`.
fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(f64, T)> {
    let start = Instant::now();
    let done = work()?;
    Ok((start.elapsed().as_secs_f64() * 1e3, done))
}

fn issue(
    name: &str,
    database: Option<&str>,
    mut floor: Floor<'_>,
    effort: Effort,
    table: &mut Table,
) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let Provider { server, mut client, web_secret, service_secret } = start(folder.path(), database)?;
    let mut browser = Browser::signed_in(server.address)?;
    let (mut service, mut codes, mut refreshes) = <(Turns, Turns, Turns)>::default();
    let rounds = if effort.smoke { 3 } else { 200 };
    let machine = client.form(
        "/oauth2/token",
        SERVICE,
        &service_secret,
        &[("grant_type", "client_credentials"), ("scope", "bench:read")],
    );
    for round in 0..rounds {
        let (ours, answer) = timed(|| client.exchange(&machine))?;
        let (alone, ()) = timed(|| floor.client_credentials(round))?;
        member(&answer, "access_token")?;
        service.push(ours, alone);

        let (ours, answer) = timed(|| flow(&mut browser, &mut client, &web_secret))?;
        let (alone, ()) = timed(|| floor.code_flow(round))?;
        member(&answer, "id_token")?;
        codes.push(ours, alone);

        let token = member(&answer, "refresh_token")?;
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        let refresh = client.form("/oauth2/token", WEB, &web_secret, &fields);
        let (ours, answer) = timed(|| client.exchange(&refresh))?;
        let (alone, ()) = timed(|| floor.refresh(round))?;
        member(&answer, "refresh_token")?;
        refreshes.push(ours, alone);
    }
    service.row(name, "client credentials, which write nothing, beside a write", table);
    refreshes.row(name, "refresh, with an ID token", table);
    codes.row(name, "code flow: authorize and redeem", table);
    server.stop()
}

/// From the application's request to its tokens, by somebody who is signed in and is not asked.
fn flow(browser: &mut Browser, client: &mut Client, secret: &str) -> Result<serde_json::Value> {
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let code = browser.authorize(WEB, CALLBACK, "openid email offline_access", challenge)?;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", verifier),
    ];
    client.exchange(&client.form("/oauth2/token", WEB, secret, &fields))
}

fn introspect(effort: Effort) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let Provider { server: ours, mut client, service_secret: secret, .. } = start(folder.path(), None)?;
    let bare = Server::start_bare()?;
    let mut requests = Vec::new();
    let machine = client.form("/oauth2/token", SERVICE, &secret, &[("grant_type", "client_credentials")]);
    for _ in 0..TOKENS {
        let answer = client.exchange(&machine)?;
        let token = member(&answer, "access_token")?;
        requests.push(client.form("/oauth2/introspect", SERVICE, &secret, &[("token", token)]));
    }
    let answer = client.exchange(requests.first().ok_or("no requests")?)?;
    if answer["active"] != json!(true) {
        return Err(format!("the token should be active: {answer}").into());
    }
    println!("Introspection: {} bytes of answer, {TOKENS} tokens.\n", answer.to_string().len());
    load::run(ours.address, &requests, 4, Duration::from_millis(500), &[200])?;
    let side = |server| Side { name: "introspection", server, requests: &requests };
    compare(&side(&ours), &side(&bare), effort)?;
    ours.stop()?;
    bare.stop()
}
