//! No query walks a whole table. Every statement that the driver runs while the tests call the store is kept, and its plan
//! is read on the database that ran it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock};

use portcullis_domain::credits::{Entry, GrantChange};
use portcullis_domain::{Attempts, DeviceCodeState, EndReason, PrincipalKind, UserPool};
use portcullis_store::{
    AuditFilter, ChangeKind, MailPurpose, MailToken, NewAudit, Page, Queries, SigningKeyRow, SigningKeyState,
    Store, StoredPassword, UsageKey,
};
use portcullis_types::authress::{RecordStatus, RequestStatus, ResourceAction};
use portcullis_types::credits::{EntryKind, LedgerAccount};
use portcullis_types::sign_in::{UserPoolBody, UserState};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use tracing::field::{Field, Visit};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

use crate::fixtures::{self, NOW};
use crate::support::{on_postgres, on_sqlite};

static SEEN: Mutex<BTreeMap<&str, BTreeSet<String>>> = Mutex::new(BTreeMap::new());

/// Keeps every statement on our tables from now on.
pub(crate) fn capture() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Statements))
            .expect("nobody else subscribes");
    });
}

struct Statements;

impl<S: tracing::Subscriber> Layer<S> for Statements {
    fn enabled(&self, metadata: &tracing::Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut sql = Sql::default();
        event.record(&mut sql);
        // A short statement is its own summary.
        let text =
            if sql.statement.trim().is_empty() { sql.summary } else { sql.statement.trim().to_owned() };
        let ours = ["FROM pc_", "INTO pc_", "UPDATE pc_"].iter().any(|part| text.contains(part));
        let is_query = ["SELECT", "INSERT", "UPDATE", "DELETE"].iter().any(|verb| text.starts_with(verb));
        if ours && is_query && !text.contains("pc_migrations") {
            // The driver runs SQLite on threads of its own.
            let thread = std::thread::current().name().unwrap_or_default().to_owned();
            let kind = if thread.starts_with("sqlx-sqlite") { "sqlite" } else { "postgres" };
            SEEN.lock().unwrap().entry(kind).or_default().insert(text);
        }
    }
}

#[derive(Default)]
struct Sql {
    summary: String,
    statement: String,
}

impl Visit for Sql {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => self.summary = value.to_owned(),
            "db.statement" => self.statement = value.to_owned(),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

fn seen(kind: &str) -> BTreeSet<String> {
    SEEN.lock().unwrap().get(kind).cloned().unwrap_or_default()
}

/// Calls a method and notes its name.
macro_rules! call {
    ($called:ident, $queries:ident: $($method:ident($($argument:expr),* $(,)?);)*) => { $(
        $called.insert(stringify!($method));
        $queries.$method($($argument),*).await.unwrap();
    )* };
}

/// Calls every method of every area, on all of its statements, and gives the names.
async fn call_everything(queries: &mut dyn Queries) -> BTreeSet<&'static str> {
    let mut called = BTreeSet::new();
    call_entities(queries, &mut called).await;
    call_grants(queries, &mut called).await;
    call_people(queries, &mut called).await;
    call_guard(queries, &mut called).await;
    call_applications(queries, &mut called).await;
    call_sign_in(queries, &mut called).await;
    call_codes(queries, &mut called).await;
    call_organizations(queries, &mut called).await;
    call_sold(queries, &mut called).await;
    call_sessions(queries, &mut called).await;
    call_devices(queries, &mut called).await;
    call_logs(queries, &mut called).await;
    call_credits(queries, &mut called).await;
    called
}

async fn call_entities(queries: &mut dyn Queries, called: &mut BTreeSet<&'static str>) {
    let (role, group) = (fixtures::role("r", "n"), fixtures::group("g", &["alice"]));
    let record = fixtures::record("rec", &["alice"], &["g"], vec![fixtures::statement(&["r"], &["docs/1"])]);
    let page = Page::first(9);
    let active = Some(RecordStatus::Active);
    call!(called, queries:
        insert_role(&role); update_role(&role); role("r"); list_roles(&page); delete_role("r");
        insert_group(&group); update_group(&group); group("g"); group_for_update("g"); list_groups(&page);
        groups_of("alice"); groups_by_admin("boss", &page); members_of("g");
        insert_record(&record); replace_record(&record); record("rec"); record_for_update("rec");
        list_records(&page, None); list_records(&page, active); records_by_admin("boss", &page, None);
        records_by_admin("boss", &page, active);
    );
}

async fn call_grants(queries: &mut dyn Queries, called: &mut BTreeSet<&'static str>) {
    let config = fixtures::config("docs", ResourceAction::Public, true);
    let page = Page::first(9);
    call!(called, queries:
        principal_grants(PrincipalKind::User, "alice", true); users_of_resource("docs/1", None, 9);
        roles_on("alice", "docs/1"); has_explicit_access("docs/1"); resources_of_role("r", None, 9);
        resources_of_group("g", None, 9); roles_of_group("g"); statements_on("docs/1", 9);
        statement_roles("rec", 0); statement_principals("rec", 0, 9);
        delete_record("rec", NOW); delete_group("g");
        put_resource_config(&config); resource_config("docs"); list_resource_configs(&page);
        public_resources(None, 9);
    );
}

async fn call_people(queries: &mut dyn Queries, called: &mut BTreeSet<&'static str>) {
    let request = fixtures::request("q", "alice", RequestStatus::Open);
    let (client, key) = (fixtures::client("sc"), fixtures::key("sc", "k"));
    let (user, token) = (fixtures::user("u", "n"), fixtures::token("t", "u", NOW));
    let page = Page::first(9);
    let open = Some(RequestStatus::Open);
    call!(called, queries:
        insert_request(&request); request("q"); request_for_update("q"); update_request(&request);
        list_requests(&page, None); list_requests(&page, open); requests_by_creator("alice", &page, open);
        insert_invite(&fixtures::invite("i")); invite("i"); consume_invite("i", NOW); delete_invite("i");
        insert_client(&client); client("sc"); update_client(&client); list_clients(&page);
        insert_access_key(&key, 5); access_key("sc", "k"); access_keys("sc"); delete_access_key("sc", "k");
        delete_client("sc");
        insert_user(&user); put_user(&user); user("u"); user_for_update("u"); list_users(&page); delete_user("u");
        insert_token(&token); token("t"); revoke_token("u", "t", NOW);
        revoke_tokens_of("u", NOW); revoked_tokens(None, NOW, 9);
        delete_expired_tokens(NOW, 9);
    );
}

async fn call_guard(queries: &mut dyn Queries, called: &mut BTreeSet<&'static str>) {
    let (operation, policy) = (fixtures::operation("read_document", 1), fixtures::policy("pol_1"));
    let (one, charge) = (fixtures::user_override("ovr_1", "alice"), fixtures::charge("dfc_1", "k"));
    let page = Page::first(9);
    call!(called, queries:
        insert_operation(&operation); update_operation(&operation); operation("read_document");
        operation_for_update("read_document"); list_operations(&page); delete_operation("read_document");
        insert_policy(&policy); update_policy(&policy); policy("pol_1"); policy_for_update("pol_1");
        list_policies(&page); delete_policy("pol_1");
        insert_override(&one); update_override(&one); override_of_id("ovr_1"); override_for_update("ovr_1");
        list_overrides(&page); overrides_of("alice", 9); delete_override("ovr_1");
        insert_deferred_charge(&charge); due_charges(NOW, 9); put_off_charge("dfc_1", NOW);
        delete_deferred_charge("dfc_1");
    );
}

async fn call_applications(queries: &mut dyn Queries, called: &mut BTreeSet<&'static str>) {
    let (application, secret) = (fixtures::application("app"), fixtures::secret("app", "s"));
    let page = Page::first(9);
    call!(called, queries:
        lock_principal("app"); insert_application(&application); update_application(&application);
        application("app"); application_for_update("app"); keep_application("app"); list_applications(&page);
        application_names(&["app".to_owned()]);
        insert_application_secret(&secret); application_secrets("app"); delete_application_secret("app", "s");
        delete_application_secrets("app"); delete_application("app");
        use_client_assertion("app", &[1; 32], NOW); delete_past_client_assertions(NOW, 9);
    );
}

async fn call_sign_in(queries: &mut dyn Queries, called: &mut BTreeSet<&'static str>) {
    let (user, page) = (fixtures::user("u", "n"), Page::first(9));
    let password = StoredPassword { hash: "h".to_owned().into(), set_at: NOW };
    let attempts = Attempts::none(NOW);
    let (reset, digest) = (MailPurpose::ResetPassword, [1; 32]);
    let (user_id, address) = ("u".to_owned(), "u@b.c".to_owned());
    let token =
        MailToken { token_id: "m".to_owned(), digest, user_id, purpose: reset, address, expires_at: NOW };
    let pool = UserPool::from_body(UserPoolBody::default(), "p".to_owned(), NOW).unwrap();
    call!(called, queries:
        put_user_pool(&pool); user_pool("p"); list_user_pools(None, 9);
        put_user(&user); claim_identifier("main", "u@b.c", "u"); user_by_identifier("main", "u@b.c");
        verify_user_email("u"); set_not_before("u", NOW); disable_user("u", NOW); enable_user("u");
        list_pool_users("main", None, &page); list_pool_users("main", Some(UserState::Active), &page);
        list_pool_users("main", Some(UserState::Disabled), &page); release_identifier("u");
        put_password("u", &password); password("u"); password_for_update("u"); delete_password("u");
        attempts_for_update(&digest, NOW); put_attempts(&digest, &attempts); attempts(&digest);
        delete_old_attempts(NOW, 30, 100, 9); delete_empty_attempts(&digest);
        insert_mail_token(&token); mail_token_owner(("m", &digest), reset, NOW); consume_mail_token(("m", &digest), reset, NOW);
        end_mail_tokens("u", reset, NOW); delete_expired_mail_tokens(NOW, 9);
    );
}

async fn call_codes(queries: &mut dyn Queries, called: &mut BTreeSet<&'static str>) {
    let (code, consent) = (fixtures::code("ac_1", "alice"), fixtures::consent("alice", "shop"));
    call!(called, queries:
        insert_code(&code); code("ac_1"); use_code("ac_1", NOW); put_code_session("ac_1", "ses_1");
        delete_unused_codes("alice", "shop"); delete_past_codes(NOW, 9);
        put_consent(&consent); consent("alice", "shop", "api"); consents_of("alice", ("", ""), 9);
        delete_consents("alice", "shop"); delete_consents_by("alice"); delete_consents_to("shop");
    );
}

async fn call_devices(queries: &mut dyn Queries, called: &mut BTreeSet<&'static str>) {
    let (code, guess, owner) = (
        fixtures::device_code("dc", 1),
        fixtures::device_guess("dg", "ses"),
        fixtures::device_owner("ses", "u"),
    );
    call!(called, queries:
        insert_device_code(&code); device_code("dc"); device_code_by_user_code(&[1; 32]); claim_device_code(&[1; 32], &owner, NOW);
        decide_device_code(&[1; 32], "ses", DeviceCodeState::Approved, NOW);
        redeem_device_code(("dc", &[1; 32]), "app", NOW); pending_device_codes(NOW, 9);
        recent_device_codes("app", "192.0.2.1", NOW, 9); delete_past_device_codes(NOW, 9);
        insert_device_guess(&guess); device_guesses_of_session("ses", NOW);
        device_guesses_of_network("192.0.2.1", NOW); device_guess_exposure(NOW, 9);
        delete_old_device_guesses(NOW, 9);
    );
}

async fn call_organizations(queries: &mut dyn Queries, called: &mut BTreeSet<&'static str>) {
    let (organization, tenant) = (fixtures::organization("o"), fixtures::tenant("t", "o"));
    let member = fixtures::member("o", "alice");
    let page = Page::first(9);
    call!(called, queries:
        insert_organization(&organization); update_organization(&organization); organization("o");
        organization_for_update("o"); list_organizations(&page);
        insert_member(&member); member("o", "alice"); list_members("o", &page); organizations_of("alice", &page);
        members_with_role("o", "organizations/o", "organization:OWNER", 2);
        insert_tenant(&tenant); update_tenant(&tenant); tenant("t"); tenant_for_update("t"); list_tenants("o", &page);
        tenants_of_member("alice"); delete_tenant("o", "t"); delete_member("o", "alice"); delete_organization("o");
    );
}

async fn call_sold(queries: &mut dyn Queries, called: &mut BTreeSet<&'static str>) {
    let (product, plan) = (fixtures::product("p"), fixtures::plan("gold", "p"));
    let (subscription, seat) = (fixtures::subscription("s", "o", "gold"), fixtures::seat("alice"));
    let key = UsageKey { subscription_id: "s", feature: "calls", period_start: NOW };
    let page = Page::first(9);
    call!(called, queries:
        insert_product(&product); update_product(&product); product("p"); product_for_update("p");
        list_products(&page); insert_plan(&plan); update_plan(&plan); plan("gold"); plan_for_update("gold");
        list_plans("p", &page);
        insert_subscription(&subscription); update_subscription(&subscription); subscription("s");
        subscription_for_update("s"); list_subscriptions("o", &page); subscriptions_with_plans("o");
        is_plan_used("gold"); insert_seat("s", &seat); has_seat("s", "alice"); count_seats("s"); list_seats("s", &page);
        latest_usage(key); open_usage(key, 0, NOW); add_usage(key, 1, 9, NOW);
        insert_usage_event("o", "src", "1", NOW); delete_usage_events(NOW, 9);
        delete_seat("s", "alice"); delete_subscription("s"); delete_plan("gold"); delete_product("p");
    );
}

async fn call_sessions(queries: &mut dyn Queries, called: &mut BTreeSet<&'static str>) {
    let (session, token) = (fixtures::session("ses_1", "alice"), fixtures::refresh_token("rt_1", "ses_1"));
    let (reason, cookie) = (EndReason::Logout, fixtures::browser_cookie("bs_1", "ses_1"));
    call!(called, queries:
        insert_session(&session); session("ses_1"); session_for_update("ses_1"); session_standing("ses_1", "at_1");
        live_sessions("alice", NOW); put_session_proven(&session); put_session_seen(&session);
        touch_sessions(&["ses_1".to_owned()], NOW);
        end_session("ses_1", reason, NOW); end_sessions_of("alice", None, reason, NOW);
        insert_refresh_token(&token); refresh_token("rt_1"); use_refresh_token("rt_1", b"sealed", NOW);
        insert_browser_cookie(&cookie); browser_cookie_session("bs_1", &[9; 32]); delete_browser_cookies_of("ses_1");
        delete_expired_browser_cookies(NOW, 9);
        end_sessions_from_browser("ses_1", reason, NOW);
        end_sessions_of_application("app_1", None, reason, NOW);
        end_sessions_of_application("app_1", Some("alice"), reason, NOW);
        revoke_access_token("at_1", NOW, NOW); access_token_revoked_from("at_1");
        delete_past_sessions(NOW, 9); delete_expired_refresh_tokens(NOW, 9); delete_past_revocations(NOW, 9);
    );
}

async fn call_logs(queries: &mut dyn Queries, called: &mut BTreeSet<&'static str>) {
    let event = NewAudit {
        at: NOW,
        actor: "a".to_owned(),
        action: "b".to_owned(),
        target: "c".to_owned(),
        outcome: "done".to_owned(),
        detail: None,
        node: "n".to_owned(),
        request_id: None,
    };
    let text = Some("x".to_owned());
    let key = SigningKeyRow {
        kid: "k".to_owned(),
        algorithm: "EdDSA".to_owned(),
        state: SigningKeyState::Next,
        sealed: vec![1],
        public: vec![2],
        created_at: NOW,
        activates_at: Some(NOW),
        retired_at: None,
        expires_at: None,
    };
    call!(called, queries:
        meta("a"); set_meta("a", "b"); create_meta("a", "b");
        insert_signing_key(&key); signing_keys(); retire_signing_key("EdDSA", NOW, NOW);
        activate_signing_key("k"); delete_expired_signing_key("k", NOW); delete_signing_key("k");
        append_changes(&[(ChangeKind::User, "u".to_owned())], NOW, "n"); changes_after(0, 9);
        newest_change(); oldest_change(); prune_changes(1, 9);
        append_audit(&[event]);
        list_audit(&AuditFilter { limit: 9, ..AuditFilter::default() });
        list_audit(&AuditFilter { actor: text.clone(), limit: 9, ..AuditFilter::default() });
        list_audit(&AuditFilter { target: text.clone(), limit: 9, ..AuditFilter::default() });
        list_audit(&AuditFilter { action: text, limit: 9, ..AuditFilter::default() });
    );
}

async fn call_credits(queries: &mut dyn Queries, called: &mut BTreeSet<&'static str>) {
    let (grant, hold) = (fixtures::credit_grant("grt_1", 1), fixtures::reservation("rsv_1", 1));
    let change = GrantChange { held: 1, ..GrantChange::default() };
    let changes = [("grt_1".to_owned(), change)].into();
    let entry = Entry { ledger: LedgerAccount::Held, grant_id: None, delta: 1, reservation_id: None };
    call!(called, queries:
        create_wallet("org_1", "CREDIT", NOW); wallet_for_update("org_1", "CREDIT"); wallets("org_1");
        wallets_after(0, 9); due_wallets(NOW, 9); next_due(1);
        insert_credit_grant(&grant); credit_grant("grt_1"); credit_grants(1, None, 9);
        spendable_grants(1, 0, 9); free_by_category(1); begin_grants(1, NOW); overdue_grants(1, NOW, 9);
        move_grants(&changes); mark_voided("grt_1", NOW);
        insert_reservation(&hold); reservation("rsv_1"); save_reservation(&hold);
        wallet_of_reservation_for_update("rsv_1"); wallet_of_reservation("rsv_1");
        wallet_of_grant_for_update("grt_1");
        lapsed_reservations(1, NOW, 9); pending_reservations(1, None, 9); expire_reservations(&["rsv_1"]);
        append_entries((1, 1), EntryKind::Reserve, &[entry], NOW); entries_before(1, (2, 0), 9);
        entries_after(1, (0, 0), 9);
        keep_answer((1, "key"), &[1], "{}", NOW); kept_answer(1, "key");
    );
    let wallet = queries.wallets("org_1").await.unwrap().remove(0);
    call!(called, queries: save_wallet(&wallet););
}

/// The methods that the traits of `src/` declare.
fn declared() -> BTreeSet<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut names = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let public = text.split("\npub trait ").skip(1).map(|rest| rest.split("\n}").next().unwrap());
        for body in public.filter(|body| body.contains("&mut self")) {
            for method in body.split("async fn ").skip(1) {
                names.insert(method.split('(').next().unwrap().to_owned());
            }
        }
    }
    // The listener's, and the transaction's end.
    names.retain(|name| name != "wait" && name != "commit");
    names
}

async fn fill_and_call(store: &dyn Store) {
    let mut transaction = store.begin().await.unwrap();
    let called = call_everything(transaction.queries()).await;
    transaction.commit().await.unwrap();
    let called: BTreeSet<String> = called.into_iter().map(str::to_owned).collect();
    let missed: Vec<_> = declared().symmetric_difference(&called).cloned().collect();
    assert!(missed.is_empty(), "every declared method, and no other, has its plan read, but {missed:?}");
}

/// The one table that is meant to be read whole: a handful of rows.
fn is_meant_to_walk(sql: &str) -> bool {
    sql.contains("FROM pc_signing_key ORDER BY")
}

#[tokio::test]
async fn on_sqlite_every_statement_searches_an_index_or_walks_one_to_a_limit() {
    on_sqlite(|database| async move {
        fill_and_call(&*database.store).await;
        let statements = seen("sqlite");
        assert!(statements.len() >= 80, "only {} statements were seen", statements.len());
        let mut connection = SqliteConnection::connect(&database.url).await.unwrap();
        let mut bad = Vec::new();
        for sql in statements.iter().filter(|sql| !is_meant_to_walk(sql)) {
            let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
            let rows = sqlx::query(explain).fetch_all(&mut connection).await.unwrap();
            let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
            if sqlite_walks_a_table(&plan, sql.contains(" LIMIT ")) {
                bad.push(format!("{sql}\n    {}", plan.join("\n    ")));
            }
        }
        assert!(bad.is_empty(), "{}", bad.join("\n\n"));
    })
    .await;
}

/// A scan, an index made for one query, or a search by what most rows have in common: each unless it walks an index in the
/// order that is asked for, up to a limit.
fn sqlite_walks_a_table(plan: &[String], limited: bool) -> bool {
    let bounded = limited && !plan.iter().any(|line| line.contains("USE TEMP B-TREE"));
    plan.iter().any(|line| {
        // `e` is a parameter's JSON, `users` and `oldest` are results of searches inside the statement.
        let inner =
            ["SCAN e VIRTUAL", "SCAN users", "SCAN oldest"].iter().any(|inner| line.starts_with(inner));
        let scan = line.contains("SCAN") && !inner;
        let common = ["(kind=?)", "(principal>?)", "(status=?)", "(live=?)"];
        let common = common.iter().any(|terms| line.ends_with(terms));
        let range = line.ends_with(">?)") && !line.contains("=?");
        line.contains("AUTOMATIC") || common || ((scan || range) && !bounded)
    })
}

#[tokio::test]
async fn on_postgres_every_statement_searches_an_index_or_walks_one_to_a_limit() {
    on_postgres(|database| async move {
        fill_and_call(&*database.store).await;
        let statements = seen("postgres");
        assert!(statements.len() >= 80, "only {} statements were seen", statements.len());
        fill(&*database.store).await;
        database.execute("ANALYZE").await;
        let mut connection = PgConnection::connect(&database.url).await.unwrap();
        let settings = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off";
        sqlx::raw_sql(settings).execute(&mut connection).await.unwrap();
        let mut bad = Vec::new();
        for sql in statements.iter().filter(|sql| !is_meant_to_walk(sql)) {
            let plan = postgres_plan(&mut connection, sql).await;
            if postgres_walks_a_table(&plan) {
                bad.push(format!("{sql}\n    {}", plan.join("\n    ")));
            }
        }
        assert!(bad.is_empty(), "{}", bad.join("\n\n"));
    })
    .await;
}

/// A small world, so that PostgreSQL's statistics say what is common and what is rare.
async fn fill(store: &dyn Store) {
    let mut transaction = store.begin().await.unwrap();
    let queries = transaction.queries();
    for n in 0..400 {
        let (user, role, uri) =
            (format!("user{}", n % 150), format!("role{}", n % 40), format!("docs/{}", n % 300));
        let group = format!("grp_{}", n % 100);
        queries.insert_group(&fixtures::group(&group, &[&user])).await.unwrap();
        let statements = vec![fixtures::statement(&[&role, "reader"], &[&uri, "files"])];
        let record = fixtures::record(&format!("rec_{n}"), &[&user], &[&group], statements);
        queries.insert_record(&record).await.unwrap();
        fill_organizations(queries, n).await;
        queries.insert_user(&fixtures::user(&user, "n")).await.unwrap();
        let session = format!("ses_{n}");
        queries.insert_session(&fixtures::session(&session, &user)).await.unwrap();
        queries.insert_refresh_token(&fixtures::refresh_token(&format!("rt_{n}"), &session)).await.unwrap();
        let (code, guess) = (format!("dc_{n}"), format!("dg_{n}"));
        queries.insert_device_code(&fixtures::device_code(&code, n)).await.unwrap();
        queries.insert_device_guess(&fixtures::device_guess(&guess, &session)).await.unwrap();
        queries.insert_browser_cookie(&fixtures::browser_cookie(&format!("bs_{n}"), &session)).await.unwrap();
        queries.insert_code(&fixtures::code(&format!("ac_{n}"), &user)).await.unwrap();
        queries.put_consent(&fixtures::consent(&user, &format!("shop{}", n % 40))).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

async fn fill_organizations(queries: &mut dyn Queries, n: usize) {
    let (organization, plan) = (format!("org{}", n % 200), format!("plan{}", n % 50));
    let (user, subscription) = (format!("user{}", n % 150), format!("sub{n}"));
    let key = UsageKey { subscription_id: &subscription, feature: "calls", period_start: NOW };
    queries.insert_organization(&fixtures::organization(&organization)).await.unwrap();
    queries.insert_member(&fixtures::member(&organization, &user)).await.unwrap();
    queries.insert_tenant(&fixtures::tenant(&format!("t{n}"), &organization)).await.unwrap();
    queries.insert_product(&fixtures::product(&format!("p{n}"))).await.unwrap();
    queries.insert_plan(&fixtures::plan(&plan, "p1")).await.unwrap();
    let bought = fixtures::subscription(&subscription, &organization, &plan);
    queries.insert_subscription(&bought).await.unwrap();
    queries.insert_seat(&subscription, &fixtures::seat(&user)).await.unwrap();
    queries.open_usage(key, 0, NOW).await.unwrap();
    queries.insert_usage_event(&organization, "source", &subscription, NOW).await.unwrap();
}

/// The plan for any parameters, without knowing them.
async fn postgres_plan(connection: &mut PgConnection, sql: &str) -> Vec<String> {
    let prepare = AssertSqlSafe(format!("PREPARE plan AS {sql}"));
    sqlx::raw_sql(prepare).execute(&mut *connection).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    // Downwards, because `$1` is also the beginning of `$10`.
    let count = (1..=20).rev().find(|n| sql.contains(&format!("${n}"))).unwrap_or(0);
    let arguments = vec!["NULL"; count].join(", ");
    let call = if count == 0 { String::new() } else { format!("({arguments})") };
    let explain = AssertSqlSafe(format!("EXPLAIN EXECUTE plan{call}"));
    let rows = sqlx::raw_sql(explain).fetch_all(&mut *connection).await.unwrap();
    sqlx::raw_sql("DEALLOCATE plan").execute(&mut *connection).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// A sequential scan, or an index that is read without a condition, or only by what most rows have in common: each unless
/// it walks an index in the order that is asked for, up to a limit.
fn postgres_walks_a_table(plan: &[String]) -> bool {
    let is_node = |line: &str| line.contains("(cost=");
    let bounded =
        plan.iter().any(|line| line.contains("Limit")) && !plan.iter().any(|line| line.contains("Sort"));
    plan.iter().enumerate().any(|(at, line)| {
        let reads = is_node(line) && line.contains("Scan using") || line.contains("Bitmap Index Scan");
        let mut details = plan[at + 1..].iter().take_while(|line| !is_node(line));
        let condition =
            details.find_map(|line| line.split_once("Index Cond: ").map(|(_, condition)| condition));
        let tells = condition.is_some_and(|condition| {
            let mut terms = condition.split(" AND ").map(|term| term.trim_matches('('));
            terms.any(|term| !["kind", "status", "live"].iter().any(|common| term.starts_with(common)))
        });
        line.contains("Seq Scan") || (reads && !tells && !bounded)
    })
}
