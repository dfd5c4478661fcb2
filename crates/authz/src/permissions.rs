use portcullis_domain::{ActionPattern, FieldError};
use portcullis_types::authress::PermissionObject;

use crate::asked::AskedPath;
use crate::decider::{Decider, LoadedGrants};
use crate::roles::RoleIndex;

/// Checks that a permission is well-formed, before it is asked about. Allocates nothing.
///
/// # Errors
/// [`FieldError`] for `permission` that says what was expected (spec `authress-api.md` §1.5).
pub fn check_action(text: &str) -> Result<(), FieldError> {
    let well_formed = text.len() <= 64 && is_action(text.as_bytes());
    if well_formed { Ok(()) } else { ActionPattern::parse("permission", text).map(|_| ()) }
}

/// Parts joined by `:`, in one pass over the bytes.
fn is_action(mut rest: &[u8]) -> bool {
    loop {
        let name = rest.iter().position(|byte| !is_of_name(*byte)).unwrap_or(rest.len());
        let after = match rest.split_at_checked(name) {
            Some(([], [b'*', after @ ..]) | ([_, ..], after)) => after,
            _ => return false,
        };
        match after {
            [] => return true,
            [b':', after @ ..] => rest = after,
            _ => return false,
        }
    }
}

/// Whether a byte may be in a part's name.
#[inline]
fn is_of_name(byte: u8) -> bool {
    #[expect(clippy::indexing_slicing, reason = "checked when it is compiled")]
    const NAMES: [bool; 256] = {
        let mut names = [false; 256];
        let mut rest: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
        while let [name, others @ ..] = rest {
            names[*name as usize] = true;
            rest = others;
        }
        names
    };
    NAMES.get(usize::from(byte)) == Some(&true)
}

/// Everything that `grants` (and what is public) give on `path`: one line an action, the bits of all roles together, in
/// the order of the actions (spec `authress-api.md` §4.6).
pub fn union_of_permissions(
    decider: &Decider,
    grants: &LoadedGrants,
    path: &AskedPath<'_>,
) -> Vec<PermissionObject> {
    let mut roles: Vec<RoleIndex> = Vec::new();
    decider.reach(grants, path, |role| roles.push(role));
    roles.sort_unstable();
    roles.dedup();
    let table = decider.roles().current();
    let mut union: Vec<PermissionObject> = Vec::new();
    for permission in roles.into_iter().flat_map(|role| table.permissions(role)) {
        match union.iter_mut().find(|known| known.action.eq_ignore_ascii_case(&permission.action)) {
            Some(known) => {
                known.allow |= permission.allow;
                known.grant |= permission.grant;
                known.delegate |= permission.delegate;
                // Of several spellings always the same, whichever role was made first.
                if permission.action < known.action {
                    known.action.clone_from(&permission.action);
                }
            }
            None => union.push(permission.clone()),
        }
    }
    union.sort_by_key(|permission| permission.action.to_ascii_lowercase());
    union
}
