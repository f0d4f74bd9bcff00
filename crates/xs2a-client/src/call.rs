//! A call that is ready to be sent, once or several times.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use crate::{Answer, Credentials, Error, Operation, Request, Response};

/// One call of an operation: the request, and how its answer is read.
///
/// The methods of [`Client`](crate::Client) make calls, and send nothing. Each
/// [`send`](Self::send) makes one HTTP request. `.await` on the call itself sends it once.
///
/// A call keeps the HTTP client, the credentials, the limit for bodies and the time-out of the
/// client that made it. Clones are cheap, because they share the body of the request.
///
/// ```no_run
/// # async fn run(client: xs2a_client::Client) -> Result<(), xs2a_client::Error> {
/// use std::time::Duration;
///
/// use xs2a_client::UserId;
///
/// let user = client.get_user(&UserId::from("usr-2c9e41f7ab03")).await?;
///
/// let call = client.get_user(&user.inner().id).with_timeout(Duration::from_secs(5));
/// println!("{} is sent", call.operation());
/// let again = call.send().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a call sends nothing until it is awaited or `send` is called"]
pub struct Call<T> {
    request: Request,
    read: ReadAnswer<T>,
}

/// How the answer of a [`Call`] is read. An answer that cannot be read is an
/// [`ErrorKind::Decode`](crate::ErrorKind::Decode).
pub type ReadAnswer<T> = fn(Answer) -> Result<Response<T>, Error>;

impl<T> Call<T> {
    pub(crate) fn new(request: Request, read: ReadAnswer<T>) -> Self {
        Self { request, read }
    }

    /// The operation that is called.
    pub fn operation(&self) -> Operation {
        self.request.operation()
    }

    /// The value of a parameter in the path, by its name in the
    /// [template](Operation::path_template). `None` where there is no such parameter, or where the
    /// call cannot be sent.
    pub fn path_parameter(&self, name: &str) -> Option<String> {
        self.request.path_parameter(name)
    }

    /// The same call with another secret.
    pub fn with_credentials(mut self, credentials: Credentials) -> Self {
        self.request.set_credentials(credentials);
        self
    }

    /// The same call with these headers added, such as a trace context or a request id. Headers of
    /// HTTP itself, and those that this crate sets, stay as they are.
    pub fn with_headers(mut self, headers: http::HeaderMap) -> Self {
        self.request.set_headers(headers);
        self
    }

    /// The same call with a time-out for each request. The time-out covers everything from
    /// connecting to the last byte of the answer, and replaces the time-out of the client.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.request.set_timeout(timeout);
        self
    }

    /// The request, and how its answer is read. A loop that repeats calls of many types can then be
    /// compiled once, because the request does not have the type of the answer.
    ///
    /// ```no_run
    /// # async fn run(client: xs2a_client::Client) -> Result<(), xs2a_client::Error> {
    /// let (request, read) = client.get_user(&"usr-2c9e41f7ab03".into()).into_parts();
    /// let answer = request.send().await?;
    /// println!("{} was answered with {}", request.operation(), answer.status());
    /// let user = read(answer)?.into_inner();
    /// # let _ = user;
    /// # Ok(())
    /// # }
    /// ```
    pub fn into_parts(self) -> (Request, ReadAnswer<T>) {
        (self.request, self.read)
    }

    /// Makes one HTTP request and reads its answer.
    ///
    /// Each further `send` is another attempt with the same request.
    ///
    /// # Errors
    ///
    /// [`ErrorKind`](crate::ErrorKind) lists what can go wrong. A request that cannot be sent, such
    /// as one with an empty id in its path, is an
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest).
    pub async fn send(&self) -> Result<Response<T>, Error> {
        (self.read)(self.request.send().await?)
    }
}

impl<T: 'static> IntoFuture for Call<T> {
    type Output = Result<Response<T>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.send().await })
    }
}

// A derived `Clone` would require that the answer can be cloned.
impl<T> Clone for Call<T> {
    fn clone(&self) -> Self {
        Self { request: self.request.clone(), read: self.read }
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("operation", &self.operation()).finish_non_exhaustive()
    }
}
