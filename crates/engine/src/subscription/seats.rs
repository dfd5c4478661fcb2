use portcullis_domain::principal_id;
use portcullis_store::ChangeKind;
use portcullis_types::id;
use portcullis_types::subscription::Seat;

use super::{of_organization, read};
use crate::access::checked;
use crate::change::Unit;
use crate::organization::{Inside, Need};
use crate::{Cx, Error, Listing, PageRequest, Portcullis, Result};

/// Gives a member a seat in a subscription. Giving it again changes nothing. Never more seats are assigned than there are, also
/// when several are given at once.
///
/// # Errors
/// [`Error::NotFound`] also when the user is no member; [`Error::Forbidden`] unless the caller is an ADMIN or holds UPDATE on the
/// organization; [`Error::Conflict`] when every seat is taken, or seats are not counted.
pub async fn assign_seat(
    portcullis: &Portcullis,
    cx: &Cx,
    (organization_id, subscription_id): (&str, &str),
    user_id: &str,
) -> Result<Seat> {
    checked(id::plain_id, "subscriptionId", subscription_id)?;
    checked(id::user_id, "userId", user_id)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    let (organization_id, id) = (organization_id.to_owned(), subscription_id.to_owned());
    let user_id = principal_id(user_id).to_owned();
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let inside = Inside::change(&mut unit, &rights, &cx, &organization_id).await?;
        inside.require(&rights, Need::Members, None)?;
        let stored = unit.queries().subscription_for_update(&id).await?;
        let stored = of_organization(stored, &organization_id)?;
        if unit.queries().member(&organization_id, &user_id).await?.is_none() {
            return Err(Error::NotFound("member"));
        }
        let seats = stored.seat_count.ok_or(Error::Conflict("the subscription does not count seats"))?;
        let seat = Seat { user_id, assigned_at: portcullis.now() };
        if unit.queries().has_seat(&id, &seat.user_id).await? {
            return Ok(seat);
        }
        if unit.queries().count_seats(&id).await? >= seats {
            return Err(Error::Conflict("every seat of the subscription is taken"));
        }
        unit.queries().insert_seat(&id, &seat).await?;
        unit.changed(ChangeKind::Organization, &organization_id);
        unit.audit("seat.assign", &id, Some(seat.user_id.clone()));
        unit.commit().await?;
        Ok(seat)
    })
    .await
}

/// Takes a seat back.
///
/// # Errors
/// [`Error::NotFound`] also when the user has none; [`Error::Forbidden`] as for [`assign_seat`].
pub async fn unassign_seat(
    portcullis: &Portcullis,
    cx: &Cx,
    (organization_id, subscription_id): (&str, &str),
    user_id: &str,
) -> Result<()> {
    checked(id::plain_id, "subscriptionId", subscription_id)?;
    checked(id::user_id, "userId", user_id)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    let (organization_id, id) = (organization_id.to_owned(), subscription_id.to_owned());
    let user_id = principal_id(user_id).to_owned();
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let inside = Inside::change(&mut unit, &rights, &cx, &organization_id).await?;
        inside.require(&rights, Need::Members, None)?;
        of_organization(unit.queries().subscription_for_update(&id).await?, &organization_id)?;
        if !unit.queries().delete_seat(&id, &user_id).await? {
            return Err(Error::NotFound("seat"));
        }
        unit.changed(ChangeKind::Organization, &organization_id);
        unit.audit("seat.unassign", &id, Some(user_id));
        unit.commit().await
    })
    .await
}

/// Lists the seats of a subscription that are assigned; at most 100 a page.
///
/// # Errors
/// As [`super::show()`]; [`Error::Invalid`].
pub async fn list_seats(
    portcullis: &Portcullis,
    cx: &Cx,
    organization_id: &str,
    subscription_id: &str,
    request: PageRequest,
) -> Result<Listing<Seat>> {
    let limit = request.limit(100)?;
    let page = request.store_page(100, 64)?;
    let (_, mut snapshot) = read(portcullis, cx, (organization_id, subscription_id)).await?;
    let found = snapshot.queries().list_seats(subscription_id, &page).await?;
    Ok(Listing::cut(found, limit, |seat| &seat.user_id))
}
