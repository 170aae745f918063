//! Waiting for sockets: poll(2) where there is one, a short sleep elsewhere. Says only which sockets are worth a try;
//! whoever tries must bear that there is nothing.

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

    /// Readable once the server shall end.
    #[derive(Debug)]
    pub(crate) struct Stop(UnixStream);

    /// Makes it so, when told or when dropped.
    #[derive(Debug)]
    pub(crate) struct Stopper(UnixStream);

    /// A stop and what sets it.
    pub(crate) fn stop_pair() -> io::Result<(Stop, Stopper)> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        Ok((Stop(reader), Stopper(writer)))
    }

    /// Lets SIGINT and SIGTERM set the stop of `stopper`.
    pub(crate) fn stop_on_signals(stopper: &Stopper) -> io::Result<()> {
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            signal_hook::low_level::pipe::register(signal, stopper.0.try_clone()?)?;
        }
        Ok(())
    }

    impl Stop {
        /// Whether it is set. Looking does not unset it.
        pub(crate) fn is_set(&self) -> bool {
            let mut fds = [PollFd::new(&self.0, PollFlags::IN)];
            matches!(poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })), Ok(count) if count > 0)
        }

        /// Returns when it is set.
        pub(crate) fn wait(&self) {
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

    /// How many files this process may have open.
    pub(crate) fn descriptor_limit() -> u64 {
        rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(u64::MAX)
    }

    /// The sockets of one wait.
    pub(crate) struct Watched<'a>(Vec<PollFd<'a>>);

    impl<'a> Watched<'a> {
        /// A wait that also ends when `stop` is set.
        pub(crate) fn new(stop: &'a Stop) -> Watched<'a> {
            Watched(vec![PollFd::new(&stop.0, PollFlags::IN)])
        }

        /// Adds a listener; returns its place.
        pub(crate) fn listener(&mut self, listener: &'a TcpListener) -> usize {
            self.add(listener, true, false)
        }

        /// Adds a socket to read, to write, or only to notice its end; returns its place.
        pub(crate) fn add<S: AsFd>(&mut self, socket: &'a S, read: bool, write: bool) -> usize {
            let mut flags = PollFlags::empty();
            flags.set(PollFlags::IN, read);
            flags.set(PollFlags::OUT, write);
            self.0.push(PollFd::new(socket, flags));
            self.0.len() - 1
        }

        /// Waits, at most for `patience`; returns by place what is worth a try.
        pub(crate) fn wait(mut self, patience: Option<Duration>) -> io::Result<Vec<bool>> {
            // Rounded up: a wait that ends just before its deadline would be followed by many empty ones.
            let timeout = patience
                .map(|patience| patience + Duration::from_millis(1))
                .map(|patience| Timespec { tv_sec: patience.as_secs() as _, tv_nsec: patience.subsec_nanos() as _ });
            match poll(&mut self.0, timeout.as_ref()) {
                Ok(_) => Ok(self.0.iter().map(|fd| !fd.revents().is_empty()).collect()),
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

    /// The longest sleep between two tries.
    const NAP: Duration = Duration::from_millis(2);

    /// Set once the server shall end.
    #[derive(Debug)]
    pub struct Stop(Arc<AtomicBool>);

    /// Makes it so.
    #[derive(Debug)]
    pub struct Stopper(Arc<AtomicBool>);

    /// A stop and what sets it.
    pub fn stop_pair() -> io::Result<(Stop, Stopper)> {
        let flag = Arc::new(AtomicBool::new(false));
        Ok((Stop(flag.clone()), Stopper(flag)))
    }

    /// Lets Ctrl-C and termination set the stop of `stopper`.
    pub fn stop_on_signals(stopper: &Stopper) -> io::Result<()> {
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            signal_hook::flag::register(signal, stopper.0.clone())?;
        }
        Ok(())
    }

    impl Stop {
        /// Whether it is set.
        pub fn is_set(&self) -> bool {
            self.0.load(Ordering::SeqCst)
        }

        /// Returns when it is set.
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

    /// How many files this process may have open: as many as the guard can use.
    pub fn descriptor_limit() -> u64 {
        u64::MAX
    }

    /// The sockets of one wait; here all are always worth a try.
    pub struct Watched<'a>(usize, std::marker::PhantomData<&'a ()>);

    impl<'a> Watched<'a> {
        /// A wait.
        pub fn new(_: &'a Stop) -> Watched<'a> {
            Watched(1, std::marker::PhantomData)
        }

        /// Adds a listener; returns its place.
        pub fn listener(&mut self, _: &'a TcpListener) -> usize {
            self.add(&(), true, false)
        }

        /// Adds a socket; returns its place.
        pub fn add<S>(&mut self, _: &'a S, _: bool, _: bool) -> usize {
            self.0 += 1;
            self.0 - 1
        }

        /// Sleeps a little; then all are worth a try.
        pub fn wait(self, patience: Option<Duration>) -> io::Result<Vec<bool>> {
            std::thread::sleep(patience.map_or(NAP, |patience| patience.min(NAP)));
            Ok(vec![true; self.0])
        }
    }
}
