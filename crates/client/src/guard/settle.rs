use portcullis_types::credits::{CommitCreditsBody, CreditReservation, CreditVoid};
use portcullis_types::{MicroCredits, SettleError};

use crate::transport::Request;
use crate::{Client, ClientError};

pub(super) async fn commit(
    client: &Client,
    reservation_id: &str,
    amount: Option<MicroCredits>,
) -> Result<MicroCredits, SettleError> {
    let body = CommitCreditsBody { amount, ..CommitCreditsBody::default() };
    let request = settle(client, reservation_id, "commit").body(&body);
    let settled: CreditReservation = request.json().await.map_err(settle_error)?;
    // A reservation that was committed says how much; what does not cannot be believed.
    settled.committed.ok_or(SettleError::Unavailable)
}

pub(super) async fn release(client: &Client, reservation_id: &str) -> Result<(), SettleError> {
    settle(client, reservation_id, "release").body(&CreditVoid {}).done().await.map_err(settle_error)
}

/// A reservation is settled once: the same call again gives the same answer (spec `guard-request.md` §5.3).
fn settle<'c>(client: &'c Client, reservation_id: &str, verb: &str) -> Request<'c> {
    client.post(&["v1", "credits", "reservations", reservation_id, verb]).repeatable()
}

fn settle_error(error: ClientError) -> SettleError {
    match error.status() {
        Some(404) => SettleError::NotFound,
        Some(409) => SettleError::Closed,
        Some(400 | 422) => SettleError::Invalid,
        _ => {
            tracing::warn!(error = &error as &dyn std::error::Error, "held credits could not be settled");
            SettleError::Unavailable
        }
    }
}
