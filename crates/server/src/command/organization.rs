use clap::Subcommand;
use portcullis::{member, organization, tenant};
use portcullis_types::organization::{MemberBody, Organization, OrganizationBody, TenantBody};
use serde_json::{Value, json};

use super::backend::Local;
use super::entity::{self, FromFile, ListArgs, New, One, entity};
use super::nested::{self, There};
use super::remote::path;
use super::target::Target;
use crate::Result;

/// Organizations: customers with members and tenants. To delete one deletes everything in it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    #[command(flatten)]
    Common(entity::Verb<Create>),
    /// Suspend one: its members can read it and nothing else
    Suspend(One),
    /// End a suspension
    Resume(One),
    /// Who belongs to it
    #[command(subcommand)]
    Member(Member),
    /// Its isolated environments
    #[command(subcommand)]
    Tenant(Tenant),
}

/// What a new one is like.
#[derive(Debug, clap::Args)]
struct Create {
    /// Its id; minted when absent
    #[arg(long, conflicts_with = "file")]
    id: Option<String>,
    /// Its name [default: the id]
    #[arg(long, conflicts_with = "file", required_unless_present_any = ["id", "file"])]
    name: Option<String>,
    /// Who becomes its OWNER [default: whoever asks a server; nobody on the database]
    #[arg(long, value_name = "USER", conflicts_with = "file")]
    owner: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Member {
    /// Make a user a member, or replace a member's roles
    Add {
        /// The organization
        organization: String,
        /// The user
        user: String,
        /// OWNER, ADMIN, MEMBER, VIEWER or a role's id; may be repeated
        #[arg(long = "role", value_name = "ROLE", required = true)]
        roles: Vec<String>,
        /// Only in this tenant; other roles of the member end
        #[arg(long, value_name = "TENANT")]
        tenant: Option<String>,
    },
    /// Take a member out
    Remove {
        /// The organization
        organization: String,
        /// The user
        user: String,
    },
    /// List the members and their roles
    List {
        /// The organization
        organization: String,
        #[command(flatten)]
        list: ListArgs,
    },
}

#[derive(Debug, Subcommand)]
enum Tenant {
    /// Create a tenant
    Create {
        /// The organization
        organization: String,
        /// Its name
        #[arg(long)]
        name: String,
        /// Its id; minted when absent
        #[arg(long)]
        id: Option<String>,
        /// Where its data is
        #[arg(long)]
        region: Option<String>,
    },
    /// List the tenants
    List {
        /// The organization
        organization: String,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show one tenant
    Show(TenantOf),
    /// Suspend one tenant
    Suspend(TenantOf),
    /// End a suspension
    Resume(TenantOf),
    /// Delete one tenant
    Delete(TenantOf),
}

#[derive(Debug, clap::Args)]
struct TenantOf {
    /// The organization
    organization: String,
    /// The tenant
    tenant: String,
}

impl New for Create {
    type Entity = Organizations;

    fn body(&self) -> Value {
        let name = self.name.as_ref().or(self.id.as_ref());
        json!({"organizationId": self.id, "name": name, "owner": self.owner})
    }
}

pub(super) async fn run(args: Args) -> Result {
    let target = &args.target;
    match &args.verb {
        Verb::Common(verb) => entity::run(target, verb).await,
        Verb::Suspend(One { id }) => {
            let there = (path(&["v1", "organizations", id, "suspend"]), There::Post(&Value::Null));
            let here = async |local: &Local| organization::suspend(&local.portcullis, &local.cx, id).await;
            nested::said(target, "suspended", id, &nested::call(target, there, here).await?)
        }
        Verb::Resume(One { id }) => {
            let there = (path(&["v1", "organizations", id, "resume"]), There::Post(&Value::Null));
            let here = async |local: &Local| organization::resume(&local.portcullis, &local.cx, id).await;
            nested::said(target, "resumed", id, &nested::call(target, there, here).await?)
        }
        Verb::Member(verb) => run_member(target, verb).await,
        Verb::Tenant(verb) => run_tenant(target, verb).await,
    }
}

async fn run_member(target: &Target, verb: &Member) -> Result {
    match verb {
        Member::Add { organization, user, roles, tenant } => {
            let flags = match tenant {
                Some(tenant) => json!({"tenants": [{"tenantId": tenant, "roles": roles}]}),
                None => json!({"roles": roles}),
            };
            let (given, body) = nested::body::<MemberBody>("member", &FromFile { file: None }, flags)?;
            let there = path(&["v1", "organizations", organization, "members", user]);
            let here = async |local: &Local| {
                member::put(&local.portcullis, &local.cx, organization, user, body).await
            };
            let answer = nested::call(target, (there, There::Put(Some(&given))), here).await?;
            nested::said(target, "added", user, &answer)
        }
        Member::Remove { organization, user } => {
            let there = path(&["v1", "organizations", organization, "members", user]);
            let here =
                async |local: &Local| member::remove(&local.portcullis, &local.cx, organization, user).await;
            let answer = nested::call(target, (there, There::Delete), here).await?;
            nested::said(target, "removed", user, &answer)
        }
        Member::List { organization, list } => {
            let there = path(&["v1", "organizations", organization, "members"]);
            let columns: &[&str] = &["/userId", "/roles/0", "/tenants"];
            nested::list(target, (there, "members", columns), list, async |local: &Local, page| {
                member::list(&local.portcullis, &local.cx, organization, page).await
            })
            .await
        }
    }
}

async fn run_tenant(target: &Target, verb: &Tenant) -> Result {
    let at = |one: &TenantOf| {
        ["v1", "organizations", &one.organization, "tenants", &one.tenant].map(str::to_owned)
    };
    let at = |one: &TenantOf, verb: Option<&str>| {
        let segments = at(one);
        path(&segments.iter().map(String::as_str).chain(verb).collect::<Vec<_>>())
    };
    match verb {
        Tenant::Create { organization, name, id, region } => {
            let flags = json!({"tenantId": id, "name": name, "region": region});
            let (given, body) = nested::body::<TenantBody>("tenant", &FromFile { file: None }, flags)?;
            let there = (path(&["v1", "organizations", organization, "tenants"]), There::Post(&given));
            let here =
                async |local: &Local| tenant::create(&local.portcullis, &local.cx, organization, body).await;
            let answer = nested::call(target, there, here).await?;
            nested::said(target, "created", &nested::text(&answer, "tenantId"), &answer)
        }
        Tenant::List { organization, list } => {
            let there = path(&["v1", "organizations", organization, "tenants"]);
            let columns: &[&str] = &["/tenantId", "/name", "/region", "/status"];
            nested::list(target, (there, "tenants", columns), list, async |local: &Local, page| {
                tenant::list(&local.portcullis, &local.cx, organization, page).await
            })
            .await
        }
        Tenant::Show(one) => {
            nested::show(target, at(one, None), async |local: &Local| {
                tenant::show(&local.portcullis, &local.cx, &one.organization, &one.tenant).await
            })
            .await
        }
        Tenant::Suspend(one) => {
            let here = async |local: &Local| {
                tenant::suspend(&local.portcullis, &local.cx, &one.organization, &one.tenant).await
            };
            let there = (at(one, Some("suspend")), There::Post(&Value::Null));
            nested::said(target, "suspended", &one.tenant, &nested::call(target, there, here).await?)
        }
        Tenant::Resume(one) => {
            let here = async |local: &Local| {
                tenant::resume(&local.portcullis, &local.cx, &one.organization, &one.tenant).await
            };
            let there = (at(one, Some("resume")), There::Post(&Value::Null));
            nested::said(target, "resumed", &one.tenant, &nested::call(target, there, here).await?)
        }
        Tenant::Delete(one) => {
            let here = async |local: &Local| {
                tenant::delete(&local.portcullis, &local.cx, &one.organization, &one.tenant).await
            };
            let answer = nested::call(target, (at(one, None), There::Delete), here).await?;
            nested::said(target, "deleted", &one.tenant, &answer)
        }
    }
}

entity! {
    Organizations: "organization" in "organizations", ["/organizationId", "/name", "/status"],
    organization(OrganizationBody) -> Organization, update since
}
