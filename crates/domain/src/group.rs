use portcullis_types::authress::{Group, GroupBody, Links, Tags, User};
use portcullis_types::{FieldError, Timestamp, id};
use serde::{Deserialize, Serialize};

use crate::{limits, principal_id};

/// A group as it is stored: a flat list of users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserGroup {
    /// See [`id::group_id`].
    pub group_id: String,
    /// 1 to 128 characters.
    pub name: String,
    /// The members, as written.
    pub users: Vec<User>,
    /// Who may edit the group.
    pub admins: Vec<User>,
    /// Free labels.
    pub tags: Option<Tags>,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl UserGroup {
    /// Makes a group of a request's body; without `admins` the `creator` becomes admin.
    ///
    /// # Errors
    /// [`FieldError`] with the JSON path of what is out of bounds. A group id begins with `grp_`, because the strictest
    /// SDK accepts no other (spec `authress-api.md` §1.5).
    pub fn from_body(
        body: GroupBody,
        group_id: String,
        creator: &str,
        now: Timestamp,
    ) -> Result<Self, FieldError> {
        id::group_id(&group_id).map_err(|error| FieldError::new("groupId", error.expected))?;
        if !group_id.starts_with("grp_") || group_id.len() == 4 {
            return Err(FieldError::new("groupId", "grp_ and 1 to 60 of a-z A-Z 0-9 - _"));
        }
        let group = Self {
            group_id,
            name: body.name,
            users: body.users.unwrap_or_default(),
            admins: body.admins.unwrap_or_else(|| vec![User { user_id: creator.to_owned() }]),
            tags: body.tags,
            updated_at: now,
        };
        limits::text("name", &group.name, 1, 128)?;
        limits::users("users", &group.users, 100)?;
        limits::users("admins", &group.admins, 100)?;
        limits::tags(group.tags.as_ref())?;
        Ok(group)
    }

    /// Whether `principal` is one of the group's admins.
    pub fn is_admin(&self, principal: &str) -> bool {
        self.admins.iter().any(|admin| principal_id(&admin.user_id) == principal)
    }

    /// The members' ids, sorted, without duplicates.
    pub fn members(&self) -> Vec<&str> {
        let mut members: Vec<&str> = self.users.iter().map(|user| principal_id(&user.user_id)).collect();
        members.sort_unstable();
        members.dedup();
        members
    }

    /// The group as the API shows it.
    pub fn wire(&self, links: Links) -> Group {
        Group {
            group_id: self.group_id.clone(),
            name: self.name.clone(),
            last_updated: Some(self.updated_at),
            users: self.users.clone(),
            admins: self.admins.clone(),
            links,
            tags: self.tags.clone(),
        }
    }
}
