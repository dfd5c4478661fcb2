//! Running other programs. Each gets its own process group, and whatever is left of the group is ended with it.

use std::io::{Read, Seek};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use crate::error::{Doing, Error, Result};
use crate::interrupt;

/// How often a running program is looked at.
const POLL: Duration = Duration::from_millis(40);
/// How long a program may take to end after SIGINT (which test runners know how to clean up after), before SIGKILL.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs a program to its end with our output, shows its command line, and fails unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Result {
    eprintln!("$ {}", line(command));
    succeed(command, Group::Own)
}

/// Runs a program without showing it and returns what it wrote to stdout.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let mut file = tempfile::tempfile().doing(|| "create a temporary file".to_owned())?;
    command.stdout(file.try_clone().doing(|| "share a temporary file".to_owned())?);
    succeed(command, Group::Own)?;
    let mut text = String::new();
    file.rewind()
        .and_then(|()| file.read_to_string(&mut text))
        .doing(|| format!("read the output of `{}`", line(command)))?;
    Ok(text)
}

/// Runs a short program without showing it, signals or not; its output appears only in the error.
pub(crate) fn quiet(command: &mut Command) -> Result {
    let output = command
        .stdin(Stdio::null())
        .process_group(0)
        .output()
        .doing(|| format!("start `{}`", line(command)))?;
    if output.status.success() {
        return Ok(());
    }
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(Error::Exit { command: line(command), status: output.status, output: text })
}

/// Runs a program in the foreground of the terminal, with our input and output.
pub(crate) fn foreground(command: &mut Command) -> Result {
    succeed(command, Group::Ours)
}

/// The process group that a program runs in.
#[derive(Clone, Copy, PartialEq)]
enum Group {
    Own,
    Ours,
}

fn succeed(command: &mut Command, group: Group) -> Result {
    interrupt::check()?;
    if group == Group::Own {
        command.stdin(Stdio::null()).process_group(0);
    }
    let mut child = command.spawn().doing(|| format!("start `{}`", line(command)))?;
    let status = wait(&mut child, group).doing(|| format!("wait for `{}`", line(command)))?;
    interrupt::check()?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Exit { command: line(command), status, output: String::new() })
}

/// Waits for the end of a program; once a signal has arrived, asks it to end, and loses patience after a while.
fn wait(child: &mut Child, group: Group) -> std::io::Result<ExitStatus> {
    let pid = Pid::from_child(child);
    let mut asked: Option<Instant> = None;
    while !has_ended(pid)? {
        match asked {
            None if interrupt::arrived() => {
                signal(pid, group, Signal::INT);
                asked = Some(Instant::now());
            }
            Some(since) if since.elapsed() > PATIENCE => signal(pid, group, Signal::KILL),
            _ => {}
        }
        sleep(POLL);
    }
    // The program is not reaped yet, so its id, and with it the id of its group, cannot be anybody else's.
    if group == Group::Own {
        signal(pid, group, Signal::KILL);
    }
    child.wait()
}

/// Whether the program has ended; it is left to be reaped.
fn has_ended(pid: Pid) -> std::io::Result<bool> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    Ok(rustix::process::waitid(WaitId::Pid(pid), options)?.is_some())
}

/// Sends a signal; a program that is already gone is what was wanted.
fn signal(pid: Pid, group: Group, signal: Signal) {
    let _gone = match group {
        Group::Own => rustix::process::kill_process_group(pid, signal),
        Group::Ours => rustix::process::kill_process(pid, signal),
    };
}

/// The command line as one would type it.
fn line(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captures_stdout() {
        assert_eq!(capture(Command::new("echo").arg("hello")).unwrap(), "hello\n");
    }

    #[test]
    fn a_failure_carries_the_command_and_its_output() {
        let error = quiet(Command::new("sh").args(["-c", "echo why >&2; exit 3"])).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("sh -c") && text.contains("exit status: 3") && text.contains("why"), "{text}");
    }

    #[test]
    fn what_a_program_leaves_running_is_ended_with_it() {
        let id = capture(Command::new("sh").args(["-c", "sleep 60 >/dev/null & echo $!"])).unwrap();
        let pid = Pid::from_raw(id.trim().parse().unwrap()).unwrap();
        let deadline = Instant::now() + Duration::from_secs(5);
        while is_running(pid) {
            assert!(Instant::now() < deadline, "process {id} is still there");
            sleep(POLL);
        }
    }

    /// A zombie that nobody has reaped yet counts as ended.
    fn is_running(pid: Pid) -> bool {
        std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()))
            .is_ok_and(|stat| !stat.contains(") Z "))
    }
}
