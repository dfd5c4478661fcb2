//! Where passwords are computed: threads of our own, behind everything else, with a bounded queue.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::error::PasswordError;
use super::hash::Memory;
use super::priority;

/// How long a thread waits for work before it ends and gives its memory back.
const IDLE: Duration = Duration::from_secs(10);

/// A few threads at the lowest priority of the operating system. Ordinary ones, or tokio's for blocking work, would take the
/// processor from the checks: a flood of logins left them a fifth of it.
///
/// Threads begin when there is work and end when there is none, and when the pool is dropped.
pub(crate) struct PasswordPool {
    shared: Arc<Shared>,
}

struct Shared {
    threads: usize,
    /// The most that wait.
    waiting: usize,
    state: Mutex<State>,
    work: Condvar,
    /// How long a computation takes, smoothed, in microseconds.
    usual: AtomicU64,
    refused: AtomicU64,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Box<dyn Job>>,
    /// Threads that live.
    threads: usize,
    /// Threads that wait for work.
    idle: usize,
    closed: bool,
}

/// One computation.
trait Job: Send {
    /// Whether nobody waits for it any more.
    fn is_abandoned(&self) -> bool;
    fn run(self: Box<Self>, memory: &mut Memory);
}

struct Asked<T, F> {
    work: F,
    answer: oneshot::Sender<T>,
}

impl<T: Send, F: FnOnce(&mut Memory) -> T + Send> Job for Asked<T, F> {
    fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    fn run(self: Box<Self>, memory: &mut Memory) {
        // Whoever asked may have gone away meanwhile.
        let _gone = self.answer.send((self.work)(memory));
    }
}

impl PasswordPool {
    /// A pool of up to `threads` threads, in which up to `waiting` computations wait for one.
    pub(crate) fn new(threads: usize, waiting: usize) -> Self {
        let shared = Shared {
            threads,
            waiting,
            state: Mutex::default(),
            work: Condvar::new(),
            usual: AtomicU64::new(50_000),
            refused: AtomicU64::new(0),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Computes, after what waits already. Whoever stops to wait for it is forgotten: then it is not computed.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] at once when the queue is full, [`PasswordError::Closed`] when the pool is, or closes.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let (answer, answered) = oneshot::channel();
        Shared::submit(&self.shared, Box::new(Asked { work, answer }))?;
        answered.await.map_err(|_dropped| PasswordError::Closed)
    }

    /// How many wait now.
    pub(crate) fn waiting(&self) -> usize {
        self.shared.lock().queue.len()
    }

    /// How many were refused because too many waited.
    pub(crate) fn refused(&self) -> u64 {
        self.shared.refused.load(Ordering::Relaxed)
    }

    /// Refuses whatever waits or comes. What is being computed is finished.
    pub(crate) fn close(&self) {
        let mut state = self.shared.lock();
        state.closed = true;
        state.queue.clear();
        drop(state);
        self.shared.work.notify_all();
    }
}

impl Drop for PasswordPool {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that can panic runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn submit(shared: &Arc<Self>, job: Box<dyn Job>) -> Result<(), PasswordError> {
        let mut state = shared.lock();
        if state.closed {
            return Err(PasswordError::Closed);
        }
        if state.queue.len() >= shared.waiting {
            state.queue.retain(|waiting| !waiting.is_abandoned());
        }
        if state.queue.len() >= shared.waiting {
            shared.refused.fetch_add(1, Ordering::Relaxed);
            return Err(PasswordError::Busy { retry_after_secs: shared.retry_after_secs(state.queue.len()) });
        }
        state.queue.push_back(job);
        if state.queue.len() > state.idle && state.threads < shared.threads {
            if let Err(error) = Self::spawn(shared) {
                if state.threads == 0 {
                    state.queue.pop_back();
                    return Err(PasswordError::Thread(error));
                }
                tracing::warn!(%error, "cannot start another thread for passwords");
                return Ok(());
            }
            state.threads += 1;
        } else {
            shared.work.notify_one();
        }
        Ok(())
    }

    fn spawn(shared: &Arc<Self>) -> std::io::Result<()> {
        let shared = Arc::clone(shared);
        // At most 15 bytes, or Linux cuts it.
        thread::Builder::new().name("password".to_owned()).spawn(move || shared.serve()).map(drop)
    }

    /// What a thread does.
    fn serve(&self) {
        priority::lower();
        let mut memory = Memory::default();
        while let Some(job) = self.next() {
            let begun = Instant::now();
            if catch_unwind(AssertUnwindSafe(|| job.run(&mut memory))).is_err() {
                tracing::error!("the computation of a password panicked");
                memory = Memory::default();
            }
            self.took(begun.elapsed());
        }
    }

    /// The next computation that somebody waits for; `None` ends the thread.
    fn next(&self) -> Option<Box<dyn Job>> {
        let mut state = self.lock();
        loop {
            while let Some(job) = state.queue.pop_front() {
                if !job.is_abandoned() {
                    return Some(job);
                }
            }
            if state.closed {
                state.threads -= 1;
                return None;
            }
            state.idle += 1;
            let (woken, waited) = self.work.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.idle -= 1;
            if waited.timed_out() && state.queue.is_empty() {
                state.threads -= 1;
                return None;
            }
        }
    }

    fn took(&self, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let usual = self.usual.load(Ordering::Relaxed);
        self.usual.store((usual / 8).saturating_mul(7).saturating_add(took / 8), Ordering::Relaxed);
    }

    /// When those who wait are likely to be done: 1 second to a minute.
    fn retry_after_secs(&self, waiting: usize) -> u32 {
        let each = self.usual.load(Ordering::Relaxed);
        let rounds = waiting.div_ceil(self.threads.max(1));
        let micros = each.saturating_mul(u64::try_from(rounds).unwrap_or(u64::MAX));
        u32::try_from(micros.div_ceil(1_000_000).clamp(1, 60)).unwrap_or(60)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// A pool whose one thread is kept busy until the sender is dropped.
    async fn blocked(waiting: usize) -> (Arc<PasswordPool>, mpsc::Sender<()>) {
        let pool = Arc::new(PasswordPool::new(1, waiting));
        let (release, held) = mpsc::channel::<()>();
        let (running, runs) = oneshot::channel();
        let busy = Arc::clone(&pool);
        tokio::spawn(async move {
            let hold = move |_: &mut Memory| {
                running.send(()).unwrap();
                let _released = held.recv();
            };
            busy.run(hold).await.unwrap();
        });
        runs.await.unwrap();
        (pool, release)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_flood_is_refused_at_once_and_what_was_taken_is_done() {
        let (pool, release) = blocked(4).await;
        let mut taken: Vec<_> = (0..4).map(|number| Box::pin(pool.run(move |_| number))).collect();
        for future in &mut taken {
            let polled =
                std::future::poll_fn(|cx| std::task::Poll::Ready(future.as_mut().poll(cx).is_pending()));
            assert!(polled.await);
        }
        assert_eq!(pool.waiting(), 4);
        for _ in 0..500 {
            let refused = pool.run(|_| ()).await;
            assert!(matches!(refused, Err(PasswordError::Busy { retry_after_secs: 1..=60 })), "{refused:?}");
        }
        assert_eq!(pool.refused(), 500);
        drop(release);
        for (number, future) in taken.into_iter().enumerate() {
            assert_eq!(future.await.unwrap(), number);
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_nobody_waits_for_is_not_computed_and_takes_no_place() {
        let (pool, release) = blocked(1).await;
        let (computed, was) = mpsc::channel();
        let mut abandoned = Box::pin(pool.run(move |_| computed.send(()).unwrap()));
        std::future::poll_fn(|cx| std::task::Poll::Ready(abandoned.as_mut().poll(cx).is_pending())).await;
        assert!(matches!(pool.run(|_| ()).await, Err(PasswordError::Busy { .. })));
        drop(abandoned);
        let mut next = Box::pin(pool.run(|_| 7));
        assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(next.as_mut().poll(cx).is_pending())).await);
        drop(release);
        assert_eq!(next.await.unwrap(), 7);
        assert!(was.recv().is_err(), "it was dropped without being run");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn closing_answers_those_who_wait_and_ends_the_threads() {
        let (pool, release) = blocked(4).await;
        let mut waiting = Box::pin(pool.run(|_| ()));
        std::future::poll_fn(|cx| std::task::Poll::Ready(waiting.as_mut().poll(cx).is_pending())).await;
        pool.close();
        assert!(matches!(waiting.await, Err(PasswordError::Closed)));
        assert!(matches!(pool.run(|_| ()).await, Err(PasswordError::Closed)));
        drop(release);
        let shared = Arc::clone(&pool.shared);
        let asked = Instant::now();
        while shared.lock().threads > 0 {
            assert!(asked.elapsed() < Duration::from_secs(10), "the thread does not end");
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_panic_fails_one_computation_and_not_the_pool() {
        let pool = PasswordPool::new(1, 4);
        assert!(
            pool.run(|_| panic!("on purpose"))
                .await
                .is_err_and(|error| matches!(error, PasswordError::Closed))
        );
        assert_eq!(pool.run(|_| 1).await.unwrap(), 1);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn threads_run_at_the_lowest_priority() {
        let pool = PasswordPool::new(1, 4);
        let stat = pool.run(|_| std::fs::read_to_string("/proc/thread-self/stat").unwrap()).await.unwrap();
        // proc_pid_stat(5): after the name in parentheses come fields 3 and up; 19 is nice, 41 the policy, 5 is SCHED_IDLE.
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        assert!(fields[41 - 3] == "5" || fields[19 - 3] == "19", "{stat}");
    }
}
