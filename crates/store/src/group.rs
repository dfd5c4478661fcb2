use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::{UserGroup, principal_id};
use portcullis_types::Timestamp;

use crate::dialect::{Dialect, filtered, for_update, per_backend};
use crate::page::{fold_all, tag_texts};
use crate::{Page, Result, body};

/// Groups, their members and their admins (tables `pc_group`, `pc_group_user`, `pc_group_admin`).
#[async_trait]
pub trait Groups: Send {
    /// Adds a group. False: the id exists.
    async fn insert_group(&mut self, group: &UserGroup) -> Result<bool>;

    /// Replaces a group. False: there is none of that id.
    async fn update_group(&mut self, group: &UserGroup) -> Result<bool>;

    /// Deletes a group. False: there is none of that id. Statements that name it stay, and grant nothing by it.
    async fn delete_group(&mut self, group_id: &str) -> Result<bool>;

    /// The group of that id.
    async fn group(&mut self, group_id: &str) -> Result<Option<UserGroup>>;

    /// The group of that id, which nobody else changes before this transaction ends.
    async fn group_for_update(&mut self, group_id: &str) -> Result<Option<UserGroup>>;

    /// Groups in the order of their ids; the filter looks into id, name, members, admins and tags.
    async fn list_groups(&mut self, page: &Page) -> Result<Vec<UserGroup>>;

    /// The ids of the groups that a user is a member of, sorted.
    async fn groups_of(&mut self, user_id: &str) -> Result<Vec<String>>;

    /// The groups that a user is an admin of; as [`Groups::list_groups`].
    async fn groups_by_admin(&mut self, user_id: &str, page: &Page) -> Result<Vec<UserGroup>>;

    /// The ids of a group's members, sorted.
    async fn members_of(&mut self, group_id: &str) -> Result<Vec<String>>;
}

fn folded(group: &UserGroup) -> String {
    let people = group.users.iter().chain(&group.admins).map(|user| user.user_id.as_str());
    let tags = tag_texts(group.tags.as_ref());
    fold_all([group.group_id.as_str(), &group.name].into_iter().chain(people).chain(tags))
}

fn read((group_id, text, updated_at): (String, String, i64)) -> Result<UserGroup> {
    let group = body::decode("group", &group_id, &text)?;
    Ok(UserGroup { group_id, updated_at: Timestamp::from_micros(updated_at), ..group })
}

/// Members and admins as rows. The group's own row is written first, so that two writers of one group wait there.
#[async_trait]
trait GroupRows: Send {
    async fn write_people(&mut self, group: &UserGroup) -> Result<()>;
    async fn delete_people(&mut self, group_id: &str) -> Result<()>;
}

#[apply(per_backend!)]
#[async_trait]
impl GroupRows for Conn {
    async fn write_people(&mut self, group: &UserGroup) -> Result<()> {
        let sql = Self::pick(
            "INSERT INTO pc_group_user (group_id, user_id) SELECT $1, e.value FROM json_each($2) AS e",
            "INSERT INTO pc_group_user (group_id, user_id) SELECT $1::text, e FROM json_array_elements_text($2::json) AS e",
        );
        let members = body::encode("group", &group.members())?;
        sqlx::query::<Db>(sql).bind(&group.group_id).bind(members).execute(&mut *self).await?;
        let sql = Self::pick(
            "INSERT INTO pc_group_admin (group_id, user_id) SELECT $1, e.value FROM json_each($2) AS e",
            "INSERT INTO pc_group_admin (group_id, user_id) SELECT $1::text, e FROM json_array_elements_text($2::json) AS e",
        );
        let mut admins: Vec<_> = group.admins.iter().map(|admin| principal_id(&admin.user_id)).collect();
        admins.sort_unstable();
        admins.dedup();
        let admins = body::encode("group", &admins)?;
        sqlx::query::<Db>(sql).bind(&group.group_id).bind(admins).execute(&mut *self).await?;
        Ok(())
    }

    async fn delete_people(&mut self, group_id: &str) -> Result<()> {
        for sql in [
            "DELETE FROM pc_group_user WHERE group_id = $1",
            "DELETE FROM pc_group_admin WHERE group_id = $1",
        ] {
            sqlx::query::<Db>(sql).bind(group_id).execute(&mut *self).await?;
        }
        Ok(())
    }
}

#[apply(per_backend!)]
#[async_trait]
impl Groups for Conn {
    async fn insert_group(&mut self, group: &UserGroup) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_group (group_id, body, folded, updated_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(&group.group_id)
        .bind(body::encode("group", group)?)
        .bind(folded(group))
        .bind(group.updated_at.micros())
        .execute(&mut *self)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        self.write_people(group).await?;
        Ok(true)
    }

    async fn update_group(&mut self, group: &UserGroup) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "UPDATE pc_group SET body = $2, folded = $3, updated_at = $4 WHERE group_id = $1",
        )
        .bind(&group.group_id)
        .bind(body::encode("group", group)?)
        .bind(folded(group))
        .bind(group.updated_at.micros())
        .execute(&mut *self)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        self.delete_people(&group.group_id).await?;
        self.write_people(group).await?;
        Ok(true)
    }

    async fn delete_group(&mut self, group_id: &str) -> Result<bool> {
        let done = sqlx::query::<Db>("DELETE FROM pc_group WHERE group_id = $1").bind(group_id);
        if done.execute(&mut *self).await?.rows_affected() == 0 {
            return Ok(false);
        }
        self.delete_people(group_id).await?;
        Ok(true)
    }

    async fn group(&mut self, group_id: &str) -> Result<Option<UserGroup>> {
        sqlx::query_as::<Db, _>("SELECT group_id, body, updated_at FROM pc_group WHERE group_id = $1")
            .bind(group_id)
            .fetch_optional(&mut *self)
            .await?
            .map(read)
            .transpose()
    }

    async fn group_for_update(&mut self, group_id: &str) -> Result<Option<UserGroup>> {
        let sql = for_update!("SELECT group_id, body, updated_at FROM pc_group WHERE group_id = $1");
        let row = sqlx::query_as::<Db, _>(sql).bind(group_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn list_groups(&mut self, page: &Page) -> Result<Vec<UserGroup>> {
        let sql = filtered!(
            "SELECT group_id, body, updated_at FROM pc_group WHERE group_id >= $1",
            "ORDER BY group_id LIMIT $3"
        );
        let rows = sqlx::query_as::<Db, _>(sql).bind(page.start()).bind(page.needle()).bind(page.limit());
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn groups_of(&mut self, user_id: &str) -> Result<Vec<String>> {
        let sql = "SELECT group_id FROM pc_group_user WHERE user_id = $1 ORDER BY group_id";
        Ok(sqlx::query_scalar::<Db, String>(sql).bind(user_id).fetch_all(&mut *self).await?)
    }

    async fn groups_by_admin(&mut self, user_id: &str, page: &Page) -> Result<Vec<UserGroup>> {
        let sql = filtered!(
            "SELECT g.group_id, g.body, g.updated_at FROM pc_group_admin a JOIN pc_group g ON g.group_id = a.group_id \
             WHERE a.user_id = $4 AND a.group_id >= $1",
            "ORDER BY a.group_id LIMIT $3"
        );
        let rows = sqlx::query_as::<Db, _>(sql).bind(page.start()).bind(page.needle()).bind(page.limit());
        rows.bind(user_id).fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn members_of(&mut self, group_id: &str) -> Result<Vec<String>> {
        let sql = "SELECT user_id FROM pc_group_user WHERE group_id = $1 ORDER BY user_id";
        Ok(sqlx::query_scalar::<Db, String>(sql).bind(group_id).fetch_all(&mut *self).await?)
    }
}
