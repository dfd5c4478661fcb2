//! What is sold and to whom: organizations, products, plans, subscriptions and credits, by commands.

use serde_json::json;

use crate::on_both;
use crate::support::Bed;

on_both!(
    organizations_products_plans_and_subscriptions_are_created_listed_and_shown,
    credits_are_given_and_shown,
);

/// Creates something, and finds it in its list and by its id. `above` is what it belongs to.
fn made(bed: &Bed, kind: &[&str], above: &[&str], create: &[&str], id: (&str, &str)) {
    let run = |verb: &str, rest: &[&str]| bed.run(&[kind, &[verb], above, rest].concat());
    assert_eq!(run("create", create).text(), format!("created {}\n", id.1));
    assert!(run("list", &[]).text().lines().any(|line| line.starts_with(id.1)), "{kind:?}");
    assert_eq!(run("show", &[id.1]).json()[id.0], id.1);
}

fn organizations_products_plans_and_subscriptions_are_created_listed_and_shown(bed: Bed) {
    bed.run(&["bootstrap"]).text();
    made(
        &bed,
        &["organization"],
        &[],
        &["--id", "org_acme", "--owner", "alice"],
        ("organizationId", "org_acme"),
    );
    let tenant = ["--id", "tnt_eu", "--name", "Europe", "--region", "eu"];
    made(&bed, &["organization", "tenant"], &["org_acme"], &tenant, ("tenantId", "tnt_eu"));
    bed.run(&["organization", "member", "add", "org_acme", "bob", "--role", "MEMBER"]).text();
    let members = bed.run(&["organization", "member", "list", "org_acme"]).text();
    assert_eq!(members.lines().count(), 2, "{members}");
    made(&bed, &["product"], &[], &["--id", "prd_app", "--name", "App"], ("productId", "prd_app"));
    made(&bed, &["plan"], &["prd_app"], &["--id", "pln_pro", "--rank", "2"], ("planId", "pln_pro"));
    let subscription = ["--plan", "pln_pro", "--id", "sub_1", "--seats", "1"];
    made(&bed, &["subscription"], &["org_acme"], &subscription, ("subscriptionId", "sub_1"));
    bed.run(&["subscription", "assign", "org_acme", "sub_1", "bob"]).text();
    bed.run(&["subscription", "assign", "org_acme", "sub_1", "alice"]).refusal(2);
    bed.run(&["plan", "delete", "prd_app", "pln_pro"]).refusal(2);
    bed.run(&["organization", "suspend", "org_acme"]).text();
    assert_eq!(bed.run(&["organization", "show", "org_acme"]).json()["status"], "suspended");
    bed.run(&["organization", "resume", "org_acme"]).text();
    bed.run(&["organization", "delete", "org_acme"]).text();
    bed.run(&["organization", "show", "org_acme"]).refusal(1);
}

fn credits_are_given_and_shown(bed: Bed) {
    bed.run(&["bootstrap"]).text();
    bed.run(&["organization", "create", "--id", "org_acme"]).text();
    let grant = ["credits", "grant", "org_acme", "12.5", "--id", "grt_1", "--json"];
    let given = bed.run(&grant).json();
    assert_eq!((&given["grantId"], &given["amount"]), (&json!("grt_1"), &json!(12_500_000)));
    let balance = bed.run(&["credits", "balance", "org_acme", "--json"]).json();
    assert_eq!(balance["balances"][0]["available"], 12_500_000, "{balance}");
    assert!(bed.run(&["credits", "balance", "org_acme"]).text().starts_with("CREDIT"));
    assert!(!bed.run(&["credits", "entries", "org_acme"]).text().is_empty());
    bed.run(&["credits", "void", "org_acme", "grt_1"]).text();
    assert_eq!(bed.run(&["credits", "reconcile"]).code, 0);
    assert_eq!(bed.run(&["credits", "grant", "org_acme", "1.1234567"]).code, 2);
}
