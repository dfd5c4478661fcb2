//! On what it ran.

/// One line: the processor, how many, the memory, the system, the compiler's target.
pub fn line() -> String {
    let processors = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = after(&cpus, "model name").unwrap_or("an unnamed processor").to_owned();
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes =
        after(&memory, "MemTotal").and_then(|total| total.trim_end_matches(" kB").parse::<u64>().ok());
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!(
        "{model}, {processors} processors, {} GB, Linux {} {}",
        kilobytes.unwrap_or(0) >> 20,
        kernel.trim(),
        std::env::consts::ARCH
    )
}

fn after<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim())
}
