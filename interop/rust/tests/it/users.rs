//! User profiles.

use authress::apis::users_api::GetUsersParams;
use serde_json::json;

use crate::bed::{Bed, fresh, next_cursor, refusal};

rules! {
    users_are_paged_filtered_read_and_deleted,
}

async fn users_are_paged_filtered_read_and_deleted(bed: &Bed) {
    let mark = fresh("mark");
    let ids = ["u1", "u2", "u3"];
    let users = ids
        .map(|id| json!({ "userId": id, "name": format!("{mark} {id}"), "email": format!("{id}@x.test") }));
    bed.server.apply(&json!({ "users": users }));

    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let params =
            GetUsersParams { limit: Some(1), cursor, filter: Some(mark.to_uppercase()), tenant_id: None };
        let page = bed.client.users.get_users(Some(params)).await.unwrap();
        found.extend(page.users.into_iter().map(|user| user.user_id));
        cursor = next_cursor(page.pagination);
        if cursor.is_none() {
            break;
        }
    }
    found.sort();
    assert_eq!(found, ids);

    let read = bed.client.users.get_user("u1".into()).await.unwrap();
    assert_eq!(read.email.as_deref(), Some("u1@x.test"));
    bed.client.users.delete_user("u1".into()).await.unwrap();
    assert_eq!(refusal(bed.client.users.get_user("u1".into()).await), 404);
}
