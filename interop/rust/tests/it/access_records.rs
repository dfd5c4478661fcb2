//! Access records.

use std::collections::BTreeSet;

use authress::apis::access_records_api::{GetRecordsParams, UpdateRecordParams};
use authress::models::access_record::Status;

use crate::bed::{Bed, READER, fresh, next_cursor, record, refusal, role, statement};

rules! {
    a_record_goes_from_creation_to_deletion_and_back,
    an_update_with_an_old_expected_time_is_412,
    a_taken_id_is_409_and_an_unknown_one_404,
    paging_by_one_reaches_every_record_once,
    who_may_not_hand_out_a_role_may_not_put_it_into_a_record,
}

async fn a_record_goes_from_creation_to_deletion_and_back(bed: &Bed) {
    let records = &bed.client.access_records;
    let sent = record("auth0|alice@x", READER, "/orgs/o:1/docs/*");
    let id = sent.record_id.clone().unwrap();

    let created = records.create_record(sent.clone()).await.unwrap();
    assert_eq!((&created.users, &created.statements), (&sent.users, &sent.statements));
    assert_eq!(created.status, Some(Status::Active));
    assert!(bed.may_read("auth0|alice@x", "orgs/o:1/docs/1").await);

    let mut changed = records.get_record(id.clone()).await.unwrap();
    changed.statements = vec![statement(READER, "elsewhere")];
    records.update_record(id.clone(), changed, UpdateRecordParams::default()).await.unwrap();
    assert!(bed.may_read("auth0|alice@x", "elsewhere/1").await);
    assert!(!bed.may_read("auth0|alice@x", "orgs/o:1/docs/1").await);

    records.delete_record(id.clone()).await.unwrap();
    assert_eq!(records.get_record(id.clone()).await.unwrap().status, Some(Status::Deleted));
    assert!(!bed.may_read("auth0|alice@x", "elsewhere/1").await);

    assert_eq!(records.create_record(sent).await.unwrap().status, Some(Status::Active));
    assert!(bed.may_read("auth0|alice@x", "orgs/o:1/docs/1").await);
}

async fn an_update_with_an_old_expected_time_is_412(bed: &Bed) {
    let records = &bed.client.access_records;
    let id = bed.let_read("alice", "docs").await;
    let read = records.get_record(id.clone()).await.unwrap();

    let old = UpdateRecordParams { expected_last_modified_time: "2000-01-01T00:00:00Z".parse().ok() };
    assert_eq!(refusal(records.update_record(id.clone(), read.clone(), old).await), 412);

    let last = UpdateRecordParams { expected_last_modified_time: read.last_updated };
    records.update_record(id, read, last).await.unwrap();
}

async fn a_taken_id_is_409_and_an_unknown_one_404(bed: &Bed) {
    let records = &bed.client.access_records;
    let sent = record("alice", READER, "docs");
    records.create_record(sent.clone()).await.unwrap();
    assert_eq!(refusal(records.create_record(sent).await), 409);
    assert_eq!(refusal(records.get_record(fresh("rec")).await), 404);
    assert_eq!(refusal(records.delete_record(fresh("rec")).await), 404);
}

async fn paging_by_one_reaches_every_record_once(bed: &Bed) {
    let mark = fresh("mark");
    let mut made = BTreeSet::new();
    for _ in 0..3 {
        let mut sent = record("alice", READER, "docs");
        sent.name.clone_from(&mark);
        made.insert(bed.client.access_records.create_record(sent).await.unwrap().record_id.unwrap());
    }

    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let filter = Some(mark.to_uppercase());
        let params = GetRecordsParams { limit: Some(1), cursor, filter, status: Some("ACTIVE".into()) };
        let page = bed.client.access_records.get_records(Some(params)).await.unwrap();
        assert_eq!(page.records.len(), 1);
        found.extend(page.records.into_iter().filter_map(|record| record.record_id));
        cursor = next_cursor(page.pagination);
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found.len(), 3);
    assert_eq!(BTreeSet::from_iter(found), made);
    assert!(!bed.client.access_records.get_records(None).await.unwrap().records.is_empty());
}

async fn who_may_not_hand_out_a_role_may_not_put_it_into_a_record(bed: &Bed) {
    let writer = fresh("ro");
    bed.client.roles.create_role(role(&writer, "documents:write")).await.unwrap();
    let alice = bed.as_user("alice");
    assert_eq!(refusal(alice.access_records.create_record(record("alice", &writer, "docs")).await), 403);
}
