//! Waits for sockets: with poll(2) on Unix, with a short sleep on Windows. A socket that is reported as ready may still have no
//! data, so callers must handle `WouldBlock`.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

#[cfg(unix)]
pub(super) use unix::{Stop, Stopper, Watched, descriptor_limit, stop_on_signals, stop_pair};

#[cfg(unix)]
mod unix {
    use super::*;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno;
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;

    /// Becomes readable when the server has to end.
    #[derive(Debug)]
    pub(crate) struct Stop(UnixStream);

    /// Sets a [`Stop`], explicitly or when dropped.
    #[derive(Debug)]
    pub(crate) struct Stopper(UnixStream);

    /// A stop with the value that sets it.
    pub(crate) fn stop_pair() -> io::Result<(Stop, Stopper)> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        Ok((Stop(reader), Stopper(writer)))
    }

    /// Registers SIGINT and SIGTERM to set the stop of `stopper`.
    pub(crate) fn stop_on_signals(stopper: &Stopper) -> io::Result<()> {
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            signal_hook::low_level::pipe::register(signal, stopper.0.try_clone()?)?;
        }
        Ok(())
    }

    impl Stop {
        /// Whether the stop is set. Reading does not reset the stop.
        pub(crate) fn is_set(&self) -> bool {
            let mut fds = [PollFd::new(&self.0, PollFlags::IN)];
            matches!(poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })), Ok(count) if count > 0)
        }

        /// Blocks until the stop is set.
        pub(crate) fn wait(&self) {
            // A signal interrupts `poll` with EINTR, so the result is checked in a loop.
            let mut fds = [PollFd::new(&self.0, PollFlags::IN)];
            while !matches!(poll(&mut fds, None), Ok(count) if count > 0) {}
        }
    }

    impl Stopper {
        /// Sets the stop.
        pub(crate) fn stop(&self) {
            let _ = self.0.shutdown(std::net::Shutdown::Both);
        }
    }

    /// The most files that this process may have open.
    pub(crate) fn descriptor_limit() -> u64 {
        rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(u64::MAX)
    }

    /// The sockets of a single wait.
    pub(crate) struct Watched<'a>(Vec<PollFd<'a>>);

    impl<'a> Watched<'a> {
        /// A wait without sockets, which ends when `stop` is set.
        pub(crate) fn new(stop: &'a Stop) -> Watched<'a> {
            Watched(vec![PollFd::new(&stop.0, PollFlags::IN)])
        }

        /// Adds a listener and returns the place of the result.
        pub(crate) fn listener(&mut self, listener: &'a TcpListener) -> usize {
            self.add(listener, true, false)
        }

        /// Adds a socket for reading, for writing, or only to notice the end. Returns the place of the result.
        pub(crate) fn add<S: AsFd>(&mut self, socket: &'a S, read: bool, write: bool) -> usize {
            let mut flags = PollFlags::empty();
            flags.set(PollFlags::IN, read);
            flags.set(PollFlags::OUT, write);
            self.0.push(PollFd::new(socket, flags));
            self.0.len() - 1
        }

        /// Waits for at most `patience`. Returns for each place whether the socket is ready.
        pub(crate) fn wait(mut self, patience: Option<Duration>) -> io::Result<Vec<bool>> {
            // Rounded up to the next millisecond. A wait that ends just before a deadline is followed by many empty waits.
            let timeout = patience
                .map(|patience| patience + Duration::from_millis(1))
                .map(|patience| Timespec { tv_sec: patience.as_secs() as _, tv_nsec: patience.subsec_nanos() as _ });
            match poll(&mut self.0, timeout.as_ref()) {
                Ok(_) => Ok(self.0.iter().map(|fd| !fd.revents().is_empty()).collect()),
                // Transient errors count as an empty wait: the event loop tries again.
                Err(Errno::INTR | Errno::AGAIN | Errno::NOMEM) => Ok(vec![false; self.0.len()]),
                Err(error) => Err(error.into()),
            }
        }
    }
}

#[cfg(not(unix))]
pub use elsewhere::{Stop, Stopper, Watched, descriptor_limit, stop_on_signals, stop_pair};

#[cfg(not(unix))]
mod elsewhere {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// The sleep between two checks.
    const NAP: Duration = Duration::from_millis(2);

    /// Set when the server has to end.
    #[derive(Debug)]
    pub struct Stop(Arc<AtomicBool>);

    /// Sets a [`Stop`].
    #[derive(Debug)]
    pub struct Stopper(Arc<AtomicBool>);

    /// A stop with the value that sets it.
    pub fn stop_pair() -> io::Result<(Stop, Stopper)> {
        let flag = Arc::new(AtomicBool::new(false));
        Ok((Stop(flag.clone()), Stopper(flag)))
    }

    /// Registers Ctrl-C and termination to set the stop of `stopper`.
    pub fn stop_on_signals(stopper: &Stopper) -> io::Result<()> {
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            signal_hook::flag::register(signal, stopper.0.clone())?;
        }
        Ok(())
    }

    impl Stop {
        /// Whether the stop is set.
        pub fn is_set(&self) -> bool {
            self.0.load(Ordering::SeqCst)
        }

        /// Blocks until the stop is set.
        pub fn wait(&self) {
            while !self.is_set() {
                std::thread::sleep(NAP);
            }
        }
    }

    impl Stopper {
        /// Sets the stop.
        pub fn stop(&self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    /// The most files that this process may have open: no limit is known.
    pub fn descriptor_limit() -> u64 {
        u64::MAX
    }

    /// The sockets of a single wait. Every socket is reported as ready.
    pub struct Watched<'a>(usize, std::marker::PhantomData<&'a ()>);

    impl<'a> Watched<'a> {
        /// A wait without sockets.
        pub fn new(_: &'a Stop) -> Watched<'a> {
            Watched(1, std::marker::PhantomData)
        }

        /// Adds a listener and returns the place of the result.
        pub fn listener(&mut self, _: &'a TcpListener) -> usize {
            self.add(&(), true, false)
        }

        /// Adds a socket and returns the place of the result.
        pub fn add<S>(&mut self, _: &'a S, _: bool, _: bool) -> usize {
            self.0 += 1;
            self.0 - 1
        }

        /// Sleeps for at most 2 ms and reports every socket as ready.
        pub fn wait(self, patience: Option<Duration>) -> io::Result<Vec<bool>> {
            std::thread::sleep(patience.map_or(NAP, |patience| patience.min(NAP)));
            Ok(vec![true; self.0])
        }
    }
}
