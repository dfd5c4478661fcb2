//! How a thread steps behind all others.

/// Gives this thread the lowest priority that the operating system has: it then runs only when nothing else wants to. On
/// Linux that is SCHED_IDLE, and nice 19 where that is refused.
#[cfg(target_os = "linux")]
pub(super) fn lower() {
    use thread_priority::ThreadPriority;
    use thread_priority::unix::{
        NormalThreadSchedulePolicy as Policy, ThreadSchedulePolicy, set_thread_priority_and_policy,
        thread_native_id, thread_schedule_policy,
    };

    let idle = ThreadSchedulePolicy::Normal(Policy::Idle);
    let tried = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle);
    // The policy is set before the nice value, which may be refused without changing anything: SCHED_IDLE ignores it.
    if tried.is_ok() || thread_schedule_policy().is_ok_and(|policy| policy == idle) {
        return;
    }
    let other = ThreadSchedulePolicy::Normal(Policy::Other);
    if let Err(error) = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, other) {
        tracing::warn!(?error, "a thread that hashes passwords keeps the ordinary priority");
    }
}

/// Gives this thread the lowest priority that the operating system has.
#[cfg(not(target_os = "linux"))]
pub(super) fn lower() {
    if let Err(error) = thread_priority::set_current_thread_priority(thread_priority::ThreadPriority::Min) {
        tracing::warn!(?error, "a thread that hashes passwords keeps the ordinary priority");
    }
}
