//! TLS to Postgres, by rustls: what the driver needs to know of a stream.

use std::fmt;

/// TLS to the database, by rustls. Made with the feature `postgres-tls`.
#[derive(Clone)]
pub struct PostgresTls {
    #[cfg(feature = "postgres-tls")]
    pub(super) connect: rustls_stream::Connect,
    #[cfg(not(feature = "postgres-tls"))]
    pub(super) never: std::convert::Infallible,
}

impl fmt::Debug for PostgresTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostgresTls")
    }
}

#[cfg(feature = "postgres-tls")]
mod rustls_stream {
    use std::future::Future;
    use std::io;
    use std::pin::Pin;
    use std::sync::Arc;
    use std::task::{Context, Poll};

    use rustls::ClientConfig;
    use rustls::pki_types::ServerName;
    use rustls_platform_verifier::ConfigVerifierExt;
    use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
    use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
    use tokio_rustls::TlsConnector;

    use super::PostgresTls;
    use crate::error::Error;

    impl PostgresTls {
        /// Trusts what the system trusts.
        ///
        /// # Errors
        /// [`Error::Unreachable`] where the system's certificates cannot be read.
        pub fn of_the_system() -> Result<Self, Error> {
            // An error says that there is a provider already.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let config = ClientConfig::with_platform_verifier();
            let config =
                config.map_err(|error| Error::Unreachable { reason: error.to_string() })?;
            Ok(Self::new(config))
        }

        /// Trusts, and shows, what this configuration says: certificates of your own.
        pub fn new(config: ClientConfig) -> Self {
            Self { connect: Connect(Arc::new(config)) }
        }
    }

    #[derive(Clone)]
    pub(in super::super) struct Connect(Arc<ClientConfig>);

    pub(in super::super) struct ToHost(Arc<ClientConfig>, ServerName<'static>);

    pub(in super::super) struct Stream<S>(tokio_rustls::client::TlsStream<S>);

    impl<S> MakeTlsConnect<S> for Connect
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        type Stream = Stream<S>;
        type TlsConnect = ToHost;
        type Error = io::Error;

        fn make_tls_connect(&mut self, host: &str) -> io::Result<ToHost> {
            let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
            Ok(ToHost(Arc::clone(&self.0), name))
        }
    }

    impl<S> TlsConnect<S> for ToHost
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        type Stream = Stream<S>;
        type Error = io::Error;
        type Future = Pin<Box<dyn Future<Output = io::Result<Stream<S>>> + Send>>;

        fn connect(self, stream: S) -> Self::Future {
            let connecting = TlsConnector::from(self.0).connect(self.1, stream);
            Box::pin(async move { connecting.await.map(Stream) })
        }
    }

    impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Stream<S> {
        fn channel_binding(&self) -> ChannelBinding {
            ChannelBinding::none()
        }
    }

    impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Stream<S> {
        fn poll_read(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_read(context, buffer)
        }
    }

    impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Stream<S> {
        fn poll_write(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            Pin::new(&mut self.0).poll_write(context, bytes)
        }

        fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_flush(context)
        }

        fn poll_shutdown(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_shutdown(context)
        }
    }
}
