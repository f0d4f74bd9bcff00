//! TCP below HTTP: a port that can be closed, and connections that can break in every way.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use axum::{extract::connect_info::Connected, serve::IncomingStream};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
};

/// What becomes of a connection after a takeover has written its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// A reset (RST).
    Reset,
    /// The end of the stream (FIN).
    Close,
    /// Silence, until the other side goes away.
    Silence,
}

/// What is written to the connection instead of what the HTTP server writes.
#[derive(Debug)]
pub(crate) struct Takeover {
    pub(crate) bytes: Vec<u8>,
    pub(crate) then: Ending,
}

#[derive(Debug, Default)]
struct Valve {
    takeover: Option<Takeover>,
    closed: bool,
    /// The tasks that read or write. They are woken when the connection is closed.
    wakers: Vec<Waker>,
}

/// What the handler of a request can do to the connection of the request.
#[derive(Clone, Debug)]
pub(crate) struct Grip(Arc<Mutex<Valve>>);

impl Grip {
    /// From now on these bytes are written, and what the HTTP server writes is not.
    pub(crate) fn take_over(&self, takeover: Takeover) {
        self.lock().takeover = Some(takeover);
    }

    /// Closes the connection.
    fn close(&self) {
        let mut valve = self.lock();
        valve.closed = true;
        for waker in valve.wakers.drain(..) {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Valve> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the connection is closed. If it is not, `context` is woken when it is closed.
    fn is_closed(&self, context: &Context<'_>) -> bool {
        let mut valve = self.lock();
        if !valve.closed && !valve.wakers.iter().any(|w| w.will_wake(context.waker())) {
            valve.wakers.push(context.waker().clone());
        }
        valve.closed
    }
}

/// One accepted connection.
#[derive(Debug)]
pub(crate) struct Line {
    stream: TcpStream,
    grip: Grip,
}

impl Line {
    /// Writes the rest of the takeover, and then ends the connection as the takeover says.
    fn write_takeover(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        let mut valve = self.grip.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(takeover) = valve.takeover.as_mut() else {
            return Poll::Ready(io::ErrorKind::BrokenPipe.into());
        };
        while !takeover.bytes.is_empty() {
            match ready!(Pin::new(&mut self.stream).poll_write(context, &takeover.bytes)) {
                Ok(0) => return Poll::Ready(io::ErrorKind::WriteZero.into()),
                Ok(written) => drop(takeover.bytes.drain(..written)),
                Err(error) => return Poll::Ready(error),
            }
        }
        match takeover.then {
            Ending::Close => Poll::Ready(io::ErrorKind::BrokenPipe.into()),
            Ending::Reset => {
                let reset = self.stream.set_zero_linger();
                Poll::Ready(reset.err().unwrap_or_else(|| io::ErrorKind::ConnectionReset.into()))
            }
            Ending::Silence => {
                drop(valve);
                self.wait_for_hang_up(context)
            }
        }
    }

    fn wait_for_hang_up(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        loop {
            let mut scratch = [0; 512];
            let mut scratch = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut self.stream).poll_read(context, &mut scratch)) {
                Ok(()) if !scratch.filled().is_empty() => {}
                Ok(()) => return Poll::Ready(io::ErrorKind::UnexpectedEof.into()),
                Err(error) => return Poll::Ready(error),
            }
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.grip.is_closed(context) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.grip.is_closed(context) {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if self.grip.lock().takeover.is_some() {
            return self.write_takeover(context).map(Err);
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Connected<IncomingStream<'_, Port>> for Grip {
    fn connect_info(stream: IncomingStream<'_, Port>) -> Self {
        stream.io().grip.clone()
    }
}

/// What a port is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Listen,
    Refuse,
}

/// The port. While it refuses, nothing listens, and the system itself refuses new connections.
#[derive(Debug)]
pub(crate) struct Port {
    address: SocketAddr,
    listener: Option<TcpListener>,
    /// Is bound to the port while it refuses, so that the system gives the port to no other program
    /// that asks for any free one.
    reservation: Option<TcpSocket>,
    orders: watch::Receiver<Order>,
    /// What the port does at present.
    state: watch::Sender<Order>,
    switch: Arc<Switch>,
}

/// Opens and closes a port, and closes the connections that the port has accepted.
#[derive(Debug)]
pub(crate) struct Switch {
    orders: watch::Sender<Order>,
    state: watch::Receiver<Order>,
    lines: Mutex<Vec<Weak<Mutex<Valve>>>>,
}

impl Port {
    pub(crate) async fn open(address: SocketAddr) -> io::Result<(Self, Arc<Switch>)> {
        let listener = TcpListener::bind(address).await?;
        let (orders_to, orders) = watch::channel(Order::Listen);
        let (state, state_of) = watch::channel(Order::Listen);
        let switch =
            Arc::new(Switch { orders: orders_to, state: state_of, lines: Mutex::default() });
        let port = Self {
            address: listener.local_addr()?,
            listener: Some(listener),
            reservation: None,
            orders,
            state,
            switch: Arc::clone(&switch),
        };
        Ok((port, switch))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    async fn obey(&mut self) {
        let order = *self.orders.borrow_and_update();
        match order {
            Order::Refuse => {
                self.listener = None;
                if self.reservation.is_none() {
                    self.reservation = reserve(self.address).ok();
                }
            }
            Order::Listen if self.listener.is_some() => {}
            Order::Listen => match self.listen().await {
                Ok(listener) => self.listener = Some(listener),
                Err(error) => {
                    tracing::warn!(%error, "the port cannot be listened on; the sandbox tries again");
                    tokio::time::sleep(AGAIN).await;
                    self.orders.mark_changed();
                    return;
                }
            },
        }
        self.state.send_replace(order);
    }

    async fn listen(&mut self) -> io::Result<TcpListener> {
        match self.reservation.take() {
            Some(reserved) => reserved.listen(BACKLOG),
            None => TcpListener::bind(self.address).await,
        }
    }
}

/// The pause before the sandbox tries again to listen on its port.
const AGAIN: Duration = Duration::from_secs(1);

/// How many connections may wait to be accepted: as many as tokio lets wait.
const BACKLOG: u32 = 1024;

fn reserve(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // The connections that the port has accepted may still end. Windows needs no leave for that.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

impl axum::serve::Listener for Port {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        loop {
            let accepted = async {
                match &self.listener {
                    Some(listener) => listener.accept().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = self.orders.changed() => match changed {
                    Ok(()) => self.obey().await,
                    // The sandbox is gone, and nobody can give an order any more.
                    Err(_) => std::future::pending().await,
                },
                accepted = accepted => match accepted {
                    Ok((stream, peer)) => {
                        // An answer is written in one piece, so there is nothing to wait for.
                        let _ = stream.set_nodelay(true);
                        let grip = Grip(Arc::default());
                        self.switch.register(&grip);
                        return (Line { stream, grip }, peer);
                    }
                    // There are too many open files, or the client is gone already. The next
                    // connection may work.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                },
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl Switch {
    /// Closes the port, and every connection but this one. New connections are refused.
    pub(crate) async fn refuse(&self, but: Option<&Grip>) {
        self.give(Order::Refuse).await;
        self.close_lines(but);
    }

    /// Opens the port again.
    pub(crate) async fn listen(&self) {
        self.give(Order::Listen).await;
    }

    async fn give(&self, order: Order) {
        self.orders.send_replace(order);
        // If the port is gone, there is nothing to wait for.
        let _ = self.state.clone().wait_for(|state| *state == order).await;
    }

    /// Closes every open connection but this one.
    pub(crate) fn close_lines(&self, but: Option<&Grip>) {
        for line in self.lines().iter().filter_map(Weak::upgrade) {
            if !but.is_some_and(|kept| Arc::ptr_eq(&kept.0, &line)) {
                Grip(line).close();
            }
        }
    }

    fn register(&self, grip: &Grip) {
        let mut lines = self.lines();
        lines.retain(|line| line.strong_count() > 0);
        lines.push(Arc::downgrade(&grip.0));
    }

    fn lines(&self) -> MutexGuard<'_, Vec<Weak<Mutex<Valve>>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
