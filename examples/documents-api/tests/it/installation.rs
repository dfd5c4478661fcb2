//! The installation behind the application, filled through the use cases where it is embedded, and through the client where
//! it is a server.

use portcullis::{Cx, Portcullis, credits, member, operation, organization, record, role, sign_in};
use portcullis_testkit::TestServer;
use portcullis_types::Sensitive;
use portcullis_types::auth::RegisterBody;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// May create documents.
pub(crate) const ALICE: &str = "alice@example.com";
/// May look only.
pub(crate) const BOB: &str = "bob@example.com";
/// Of both.
pub(crate) const PASSWORD: &str = "a long walk by the quiet river";
/// Where both work, and whose wallet pays.
pub(crate) const ORGANIZATION: &str = "wonderland";
/// What a document costs, in micro-credits.
pub(crate) const PRICE: i64 = 3_000_000;

/// What answers the application's guard.
pub(crate) enum Installation {
    Embedded(Portcullis),
    Server(Box<TestServer>),
}

/// Makes something by a use case or by a call of the client, of the same ids and body.
macro_rules! make {
    ($self:ident, $use_case:path, $area:ident . $call:ident, ($($id:expr),*), $body:expr) => {
        match $self {
            Self::Embedded(portcullis) => {
                $use_case(portcullis, &operator(), $($id,)* body($body)).await.unwrap();
            }
            Self::Server(server) => {
                server.client().$area().$call($($id,)* &body($body)).await.unwrap();
            }
        }
    };
}

fn operator() -> Cx {
    Cx::local("test")
}

fn body<T: DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

impl Installation {
    /// Alice and Bob in an organization of somebody else's; the operation with its price; Alice's role.
    pub(crate) async fn seed(&self) {
        let (alice, bob) = (self.register(ALICE).await, self.register(BOB).await);
        let new = json!({"organizationId": ORGANIZATION, "name": "Wonderland", "owner": "queen"});
        make!(self, organization::create, organizations.create, (), new);
        for who in [&alice, &bob] {
            let viewer = json!({"roles": ["VIEWER"]});
            make!(self, member::put, organizations.set_member, (ORGANIZATION, who), viewer);
        }
        let create = json!({
            "operation": "create_document", "permission": "document:create", "resourceType": "documents",
            "scopeLevel": "organization", "billing": {"base": PRICE},
        });
        make!(self, operation::create, operations.create, (), create);
        let line = json!({"action": "document:create", "allow": true, "grant": false, "delegate": false});
        let writer = json!({"roleId": "writer", "name": "Writer", "permissions": [line]});
        make!(self, role::create, roles.create, (), writer);
        let place = json!({"resourceUri": format!("organizations/{ORGANIZATION}/documents")});
        let writers = json!({
            "recordId": "writers", "name": "Writers", "users": [{"userId": alice}],
            "statements": [{"roles": ["writer"], "resources": [place]}],
        });
        make!(self, record::create, records.create, (), writers);
    }

    async fn register(&self, email: &str) -> String {
        let portcullis = match self {
            Self::Embedded(portcullis) => portcullis,
            Self::Server(server) => server.portcullis(),
        };
        let password = Sensitive::new(PASSWORD);
        let body = RegisterBody { email: email.into(), password, name: None, pool: None };
        match sign_in::register(portcullis, &operator(), body).await.unwrap() {
            sign_in::Registered::Created(person) => person.user_id,
            sign_in::Registered::MailBound => panic!("there is no mailer"),
        }
    }

    /// Gives micro-credits to the organization.
    pub(crate) async fn grant(&self, amount: i64) {
        make!(self, credits::grant, credits.grant, (ORGANIZATION), json!({"amount": amount}));
    }

    /// What the organization can spend, and what is held of it.
    pub(crate) async fn balance(&self) -> (i64, i64) {
        let account = match self {
            Self::Embedded(portcullis) => {
                credits::balance(portcullis, &operator(), ORGANIZATION).await.unwrap()
            }
            Self::Server(server) => server.client().credits().balance(ORGANIZATION).await.unwrap(),
        };
        let balance = &account.balances[0];
        (balance.available.0, balance.held.0)
    }

    pub(crate) async fn end(self) {
        match self {
            Self::Embedded(portcullis) => portcullis.close().await,
            Self::Server(server) => server.shutdown().await,
        }
    }
}
