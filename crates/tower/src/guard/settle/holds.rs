use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use portcullis_types::MicroCredits;

use super::{Settler, Task};

/// What is held for one request. Handlers keep it as long as they like; its [`Settlement`] ends it.
pub(in crate::guard) struct Holds {
    settler: Arc<Settler>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    over: bool,
    held: Vec<Held>,
}

struct Held {
    reservation: String,
    actual: Option<MicroCredits>,
}

impl Held {
    fn commit(self, otherwise: Option<MicroCredits>) -> Task {
        Task::Commit(self.reservation, self.actual.or(otherwise))
    }

    fn release(self) -> Task {
        Task::Release(self.reservation)
    }

    /// Of a response that broke off: what was measured is taken, what was not is given back.
    fn cut_short(self) -> Task {
        if self.actual.is_some() { self.commit(None) } else { self.release() }
    }
}

impl Holds {
    /// Notes a reservation; when the request is over already, it is given back.
    pub(in crate::guard) fn add(&self, reservation: &str) {
        let held = Held { reservation: reservation.to_owned(), actual: None };
        let mut state = self.state();
        if state.over {
            drop(state);
            self.settler.later(held.release());
        } else {
            state.held.push(held);
        }
    }

    /// Gives a reservation back for which nothing will run.
    pub(in crate::guard) fn refuse(&self, reservation: &str) {
        self.settler.later(Task::Release(reservation.to_owned()));
    }

    /// Says what a reservation's work really cost.
    pub(in crate::guard) fn set_actual(&self, reservation: &str, amount: MicroCredits) {
        let mut state = self.state();
        if let Some(held) = state.held.iter_mut().find(|held| held.reservation == reservation) {
            held.actual = Some(amount);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self) -> Vec<Held> {
        let mut state = self.state();
        state.over = true;
        std::mem::take(&mut state.held)
    }
}

/// The one who ends a request's [`Holds`]. Dropped without a verdict (a panic, a client that went away, a timeout), it gives
/// everything back, in the background.
pub(in crate::guard) struct Settlement(Arc<Holds>);

impl Settlement {
    pub(in crate::guard) fn new(settler: Arc<Settler>) -> Self {
        Self(Arc::new(Holds { settler, state: Mutex::default() }))
    }

    pub(in crate::guard) fn holds(&self) -> Arc<Holds> {
        Arc::clone(&self.0)
    }

    /// How many reservations there are.
    pub(in crate::guard) fn len(&self) -> usize {
        self.0.state().held.len()
    }

    /// Takes the credits: for each what was said, else `used`, else all that is held.
    pub(in crate::guard) async fn commit(self, used: Option<MicroCredits>) {
        for held in self.0.end() {
            self.0.settler.now(held.commit(used)).await;
        }
    }

    /// Gives the credits back.
    pub(in crate::guard) async fn release(self) {
        for held in self.0.end() {
            self.0.settler.now(held.release()).await;
        }
    }

    /// Takes the credits, in the background.
    pub(in crate::guard) fn commit_later(self, used: Option<MicroCredits>) {
        self.end_later(|held| held.commit(used));
    }

    /// Takes what was measured and gives the rest back, in the background.
    pub(in crate::guard) fn cut_short(self) {
        self.end_later(Held::cut_short);
    }

    fn end_later(&self, task: impl Fn(Held) -> Task) {
        for held in self.0.end() {
            self.0.settler.later(task(held));
        }
    }
}

impl Drop for Settlement {
    fn drop(&mut self) {
        self.end_later(Held::release);
    }
}
