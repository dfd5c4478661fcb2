//! Groups.

use authress::apis::groups_api::{GetGroupsParams, UpdateGroupParams};
use authress::models::{Group, LinkedGroup, User};

use crate::bed::{Bed, READER, fresh, next_cursor, record, refusal};

rules! {
    members_of_a_group_have_its_access_until_it_is_deleted,
    an_update_with_an_old_expected_time_is_412,
    paging_by_one_reaches_every_group_once,
}

fn group(name: &str, members: &[&str]) -> Group {
    let users = members.iter().map(|&member| User::new(member.into())).collect();
    Group::new(name.into(), users, Vec::new())
}

async fn create(bed: &Bed, sent: Group) -> Group {
    bed.client.groups.create_group(sent).await.unwrap()
}

async fn members_of_a_group_have_its_access_until_it_is_deleted(bed: &Bed) {
    let id = create(bed, group("g", &["bob"])).await.group_id.unwrap();
    assert!(id.starts_with("grp_"));
    let mut sent = record("nobody", READER, "docs");
    sent.groups = Some(Some(vec![LinkedGroup::new(id.clone())]));
    bed.client.access_records.create_record(sent).await.unwrap();
    assert!(bed.may_read("bob", "docs/1").await);

    let params = UpdateGroupParams::default();
    let changed = bed.client.groups.update_group(id.clone(), group("g", &["eve"]), params).await.unwrap();
    assert_eq!(changed.users, [User::new("eve".into())]);
    assert_eq!(bed.client.groups.get_group(id.clone()).await.unwrap(), changed);
    assert!(bed.may_read("eve", "docs/1").await && !bed.may_read("bob", "docs/1").await);

    bed.client.groups.delete_group(id.clone()).await.unwrap();
    assert_eq!(refusal(bed.client.groups.get_group(id).await), 404);
    assert!(!bed.may_read("eve", "docs/1").await);
}

async fn an_update_with_an_old_expected_time_is_412(bed: &Bed) {
    let made = create(bed, group("g", &[])).await;
    let id = made.group_id.unwrap();
    let old = UpdateGroupParams { expected_last_modified_time: "2000-01-01T00:00:00Z".parse().ok() };
    assert_eq!(refusal(bed.client.groups.update_group(id.clone(), group("late", &[]), old).await), 412);
    let last = UpdateGroupParams { expected_last_modified_time: made.last_updated };
    bed.client.groups.update_group(id, group("in time", &[]), last).await.unwrap();
}

async fn paging_by_one_reaches_every_group_once(bed: &Bed) {
    let mark = fresh("mark");
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(create(bed, group(&mark, &[])).await.group_id.unwrap());
    }
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let params = GetGroupsParams { limit: Some(1), cursor, filter: Some(mark.to_uppercase()) };
        let page = bed.client.groups.get_groups(Some(params)).await.unwrap();
        assert_eq!(page.groups.len(), 1);
        found.extend(page.groups.into_iter().filter_map(|group| group.group_id));
        cursor = next_cursor(page.pagination);
        if cursor.is_none() {
            break;
        }
    }
    found.sort();
    made.sort();
    assert_eq!(found, made);
}
