use clap::Subcommand;
use portcullis::{UnmodifiedSince, application};
use portcullis_types::application::{ApplicationBody, ApplicationSecretCollection};
use serde_json::{Value, json};

use super::backend::Local;
use super::change::{self, Change};
use super::entity::{FromFile, ListArgs, One, print_list};
use super::nested::{There, body, call, list, said, show, text};
use super::remote::path;
use super::target::Target;
use crate::{Result, output};

/// Applications: OAuth clients and their secrets
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Create an application; its secret, if it has one, is shown once
    Create(Box<Create>),
    /// List all applications
    List(ListArgs),
    /// Show one application
    Show(One),
    /// Replace one by what a file says (what is not there gets its default), or set some of its members
    Update {
        /// Its id
        id: String,
        #[command(flatten)]
        change: Change,
    },
    /// Delete an application: it gets no token any more
    Delete(One),
    /// The secrets of an application: at most two, so that one can replace the other
    #[command(subcommand)]
    Secret(Secret),
}

#[derive(Debug, clap::Args)]
struct Create {
    #[command(flatten)]
    from: FromFile,
    /// Its id, the client_id of OAuth; minted when absent
    #[arg(long, conflicts_with = "file")]
    id: Option<String>,
    /// Its name, as people are told it
    #[arg(long, conflicts_with = "file", required_unless_present = "file", requires = "kind")]
    name: Option<String>,
    /// web, browser, native or service
    #[arg(long, conflicts_with = "file")]
    kind: Option<String>,
    /// none, client_secret_basic, client_secret_post or private_key_jwt [default: by the kind]
    #[arg(long, value_name = "METHOD", conflicts_with = "file")]
    authentication_method: Option<String>,
    /// Where a browser may be sent with an answer; may be repeated
    #[arg(long = "redirect-uri", value_name = "URI", conflicts_with = "file")]
    redirect_uris: Vec<String>,
    /// Where a browser may be sent after a logout; may be repeated
    #[arg(long = "post-logout-redirect-uri", value_name = "URI", conflicts_with = "file")]
    post_logout_redirect_uris: Vec<String>,
    /// What it may exchange for tokens; may be repeated [default: by the kind]
    #[arg(long = "grant-type", value_name = "NAME", conflicts_with = "file")]
    grant_types: Vec<String>,
    /// A scope that it may ask for; may be repeated [default: by the kind]
    #[arg(long = "scope", value_name = "NAME", conflicts_with = "file")]
    scopes: Vec<String>,
    /// A resource that its access tokens may be for; may be repeated, the first is the default
    #[arg(long = "audience", value_name = "URI", conflicts_with = "file")]
    audiences: Vec<String>,
    /// EdDSA, RS256 or ES256 [default: EdDSA]
    #[arg(long, value_name = "NAME", conflicts_with = "file")]
    signing_algorithm: Option<String>,
    /// It is our own: people are not asked for their consent
    #[arg(long, conflicts_with = "file")]
    first_party: bool,
}

impl Create {
    fn body(&self) -> Value {
        // An empty list would be a wish, and none was made.
        let given = |list: &[String]| (!list.is_empty()).then(|| list.to_vec());
        json!({
            "applicationId": self.id,
            "name": self.name,
            "kind": self.kind,
            "authenticationMethod": self.authentication_method,
            "redirectUris": self.redirect_uris,
            "postLogoutRedirectUris": self.post_logout_redirect_uris,
            "grantTypes": given(&self.grant_types),
            "scopes": given(&self.scopes),
            "audiences": self.audiences,
            "defaultAudience": self.audiences.first(),
            "signingAlgorithm": self.signing_algorithm,
            "firstParty": self.first_party,
        })
    }
}

#[derive(Debug, Subcommand)]
enum Secret {
    /// Create a secret; it is shown once
    Create {
        /// The application's id
        application: String,
    },
    /// List the secrets: their ids and when they were made
    List {
        /// The application's id
        application: String,
    },
    /// Delete a secret
    Delete {
        /// The application's id
        application: String,
        /// The secret's id
        #[arg(value_name = "SECRET")]
        secret_id: String,
    },
}

pub(super) async fn run(args: Args) -> Result {
    let target = &args.target;
    match &args.verb {
        Verb::Create(new) => create(target, new).await,
        Verb::List(args) => {
            let list_at = (path(&["v1", "applications"]), "applications", COLUMNS);
            list(target, list_at, args, async |local, page| {
                application::list(&local.portcullis, &local.cx, page).await
            })
            .await
        }
        Verb::Show(One { id }) => {
            let here = async |local: &Local| application::show(&local.portcullis, &local.cx, id).await;
            show(target, path(&["v1", "applications", id]), here).await
        }
        Verb::Update { id, change } => update(target, id, change).await,
        Verb::Delete(One { id }) => {
            let there = (path(&["v1", "applications", id]), There::Delete);
            let answer = call(target, there, async |local| {
                application::delete(&local.portcullis, &local.cx, id).await
            });
            said(target, "deleted", id, &answer.await?)
        }
        Verb::Secret(verb) => secret(target, verb).await,
    }
}

const COLUMNS: &[&str] = &["/applicationId", "/name", "/kind", "/authenticationMethod"];

async fn create(target: &Target, new: &Create) -> Result {
    let (given, checked) = body::<ApplicationBody>("application", &new.from, new.body())?;
    let there = (path(&["v1", "applications"]), There::Post(&given));
    let made =
        call(target, there, async |local| application::create(&local.portcullis, &local.cx, checked).await)
            .await?;
    if target.json {
        return output::json(&made);
    }
    output::line(&format!("created {}", text(&made, "applicationId")))?;
    match made.pointer("/secret/clientSecret").and_then(Value::as_str) {
        Some(secret) => output::line(secret),
        None => Ok(()),
    }
}

async fn update(target: &Target, id: &str, change: &Change) -> Result {
    let place = ("application", path(&["v1", "applications", id]));
    let show = async |local: &Local| application::show(&local.portcullis, &local.cx, id).await;
    let write = async |local: &Local, body: ApplicationBody, expected: Option<UnmodifiedSince>| {
        application::update(&local.portcullis, &local.cx, id, body, expected).await
    };
    let changed = change::update(target, place, change, show, write).await?;
    said(target, "updated", id, &changed)
}

async fn secret(target: &Target, verb: &Secret) -> Result {
    match verb {
        Secret::Create { application: id } => {
            let there = (path(&["v1", "applications", id, "secrets"]), There::Post(&json!({})));
            let made = call(target, there, async |local| {
                application::create_secret(&local.portcullis, &local.cx, id).await
            })
            .await?;
            if target.json {
                return output::json(&made);
            }
            output::line(&format!("created {}", text(&made, "secretId")))?;
            output::line(&text(&made, "clientSecret"))
        }
        Secret::List { application: id } => {
            let there = (path(&["v1", "applications", id, "secrets"]), There::Get);
            let found = call(target, there, async |local| {
                let secrets = application::list_secrets(&local.portcullis, &local.cx, id).await?;
                Ok(ApplicationSecretCollection { secrets })
            })
            .await?;
            let secrets = found.get("secrets").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
            print_list(target, "secrets", &["/secretId", "/createdAt"], secrets)
        }
        Secret::Delete { application: id, secret_id } => {
            let there = (path(&["v1", "applications", id, "secrets", secret_id]), There::Delete);
            let answer = call(target, there, async |local| {
                application::delete_secret(&local.portcullis, &local.cx, id, secret_id).await
            });
            said(target, "deleted", secret_id, &answer.await?)
        }
    }
}
