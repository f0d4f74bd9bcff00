//! What the HTTP client below must not do by itself.

/// Sets up an HTTP client that makes one request per call: no redirects, no retries of reqwest's own,
/// HTTP/1.1, and no log of raw traffic. [`Client::new`](crate::Client::new) takes the HTTP client that
/// is built from this.
///
/// HTTP/2 is left out because reqwest repeats requests over HTTP/2. A redirect would carry the secret
/// to another host.
///
/// With the feature `rustls-ring`, and without `rustls`, ring becomes the provider of the process where
/// the process has none, because rustls panics without a provider.
///
/// ```
/// use xs2a_client::{Client, Credentials, one_request_per_call};
///
/// let http = reqwest::Client::builder().timeout(std::time::Duration::from_secs(30));
/// let http = one_request_per_call(http).build()?;
/// let client = Client::new("https://api.xs2a.com".parse()?, http, Credentials::new("token"));
/// # let _ = client;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn one_request_per_call(http: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    install_provider();
    http.redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .http1_only()
        .connection_verbose(false)
}

#[cfg(all(feature = "rustls-ring", not(feature = "rustls")))]
fn install_provider() {
    // An error says that there is a provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

#[cfg(not(all(feature = "rustls-ring", not(feature = "rustls"))))]
fn install_provider() {}
