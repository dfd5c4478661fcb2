//! Credits from the command line, and in a document of `apply`.

use serde_json::json;
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::on_both;
use crate::support::{Bed, block_on};

on_both!(
    credits_are_given_shown_and_taken_back,
    reconcile_is_a_no_when_somebody_wrote_behind_our_back,
    a_document_gives_each_grant_once,
);

fn credits_are_given_shown_and_taken_back(bed: Bed) {
    bed.run(&["bootstrap"]).text();
    assert_eq!(bed.run(&["credits", "balance", "org_1"]).code, 1, "no wallet is a no");
    let give = ["credits", "grant", "org_1", "12.5", "--id", "grt_1", "--idempotency-key", "k", "--json"];
    let given = bed.run(&give).json();
    assert_eq!((&given["amount"], &given["state"]), (&json!(12_500_000), &json!("live")));
    assert_eq!(bed.run(&give).json(), given, "the same key gives it once");
    assert_ne!(bed.run(&["credits", "grant", "org_1", "1", "--id", "grt_1"]).code, 0, "the id is in use");
    for wrong in ["-1", "1.0000001", "9223372036854.775808", "1e3", ""] {
        assert_eq!(bed.run(&["credits", "grant", "org_1", wrong]).code, 2, "{wrong:?}");
    }
    let balance = bed.run(&["credits", "balance", "org_1", "--json"]).json();
    let balance = &balance["balances"][0];
    assert_eq!(
        (&balance["available"], &balance["credits"]),
        (&json!(12_500_000), &json!(12)),
        "rounded down"
    );
    let entries = bed.run(&["credits", "entries", "org_1", "--json"]).json();
    let deltas: Vec<_> = entries["entries"].as_array().unwrap().iter().map(|one| &one["delta"]).collect();
    assert_eq!(deltas, [&json!(12_500_000), &json!(-12_500_000)]);
    let voided = bed.run(&["credits", "void", "org_1", "grt_1", "--json"]).json();
    assert_eq!((&voided["state"], &voided["remaining"]), (&json!("ended"), &json!(0)));
    let found = bed.run(&["credits", "reconcile", "--json"]).json();
    assert_eq!((&found["wallets"], &found["entries"]), (&json!(1), &json!(4)));
    assert_eq!(found["differences"], json!([]));
}

fn reconcile_is_a_no_when_somebody_wrote_behind_our_back(bed: Bed) {
    bed.run(&["bootstrap"]).text();
    bed.run(&["credits", "grant", "org_1", "5"]).text();
    let sql = "UPDATE pc_credit_account SET available = available + 1";
    block_on(async {
        if let Some(postgres) = &bed.postgres {
            let mut connection = PgConnection::connect(postgres.url()).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        } else {
            let url = format!("sqlite://{}", bed.data_dir().join("portcullis.db").display());
            let mut connection = SqliteConnection::connect(&url).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        }
    });
    let found = bed.run(&["credits", "reconcile", "--json"]);
    assert_eq!(found.code, 1, "{found:?}");
    assert!(found.stdout.contains("available") && found.stdout.contains("5000001"), "{found:?}");
}

fn a_document_gives_each_grant_once(bed: Bed) {
    bed.run(&["bootstrap"]).text();
    let text = "credits:\n  - {grantId: grt_1, accountId: org_1, amount: 700}\n";
    let file = bed.file("credits.yaml", text);
    assert_eq!(bed.run(&["apply", &file]).text(), "create credit grt_1\n");
    assert_eq!(bed.run(&["apply", &file]).text(), "unchanged credit grt_1\n");
    for wrong in [("700", "701"), ("700", "-1"), ("org_1", "org_2"), ("700", "9000000000000001")] {
        let file = bed.file("wrong.yaml", &text.replace(wrong.0, wrong.1));
        let refused = bed.run(&["apply", &file]);
        let says = ["credits[0]", "a grant of this id"].iter().any(|says| refused.stderr.contains(says));
        assert!(refused.code == 2 && says, "{wrong:?}: {refused:?}");
    }
    let balance = bed.run(&["credits", "balance", "org_1", "--json"]).json();
    assert_eq!(balance["balances"][0]["available"], 700);
}
