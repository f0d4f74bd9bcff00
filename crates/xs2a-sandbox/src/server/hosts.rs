//! The names of this server under which orders are taken.
//!
//! Orders need no key. The owner of a web site can let the name of the site point at the loopback
//! address. A page of that site, in a browser on the machine of a sandbox, could then give orders.
//! The `Host` of such an order is still the name of the site. A page can also send an order to the
//! loopback address itself, without reading the answer. The browser then names the page in `Origin`.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderValue, header, uri::Authority};
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer};
use url::{Host, Url};

use super::shared::Server;
use crate::answer::Refusal;

/// Lets a request through that names this server by a loopback name or by a name from the settings.
pub(super) async fn guard(State(server): State<Server>, request: Request, next: Next) -> Response {
    let mut names = request.headers().get_all(header::HOST).iter().map(|name| name.to_str().ok());
    let name = match (names.next(), names.next()) {
        (Some(name), None) => name,
        _ => None,
    };
    // A server that is named in the first line of the request overrides `Host`.
    let name = request.uri().authority().map(Authority::as_str).or(name);
    let host = name.and_then(host_of);
    if !host.is_some_and(|host| is_loopback(&host) || server.control_hosts.contains(&host)) {
        return server.respond(Err(Refusal::new(
            403,
            "Orders are taken under loopback names only, such as localhost or 127.0.0.1. \
             Allow another name of this server with --control-host NAME or Builder::control_host",
        )));
    }
    let origin = request.headers().get(header::ORIGIN);
    let is_own = |origin: &HeaderValue| {
        let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
        origin.map(|(_, authority)| authority) == name
    };
    if origin.is_none_or(|origin| is_own(origin) || (server.cors && is_local(origin))) {
        return next.run(request).await;
    }
    server.respond(Err(Refusal::new(
        403,
        "Orders are not taken from the pages of other servers. \
         Allow the pages of this machine with --cors or Builder::cors",
    )))
}

/// Lets the pages of other servers on this machine call this one and read its answers.
pub(super) fn local_pages() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(|origin, _| is_local(origin)))
        .allow_methods(AllowMethods::mirror_request())
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([header::DATE, header::RETRY_AFTER])
}

/// Whether this is the origin of a page that a server on this machine has sent.
fn is_local(origin: &HeaderValue) -> bool {
    let url = origin.to_str().ok().and_then(|origin| Url::parse(origin).ok());
    url.is_some_and(|url| url.host().is_some_and(|host| is_loopback(&host.to_owned())))
}

fn host_of(authority: &str) -> Option<Host> {
    let authority: Authority = authority.parse().ok()?;
    Host::parse(authority.host()).ok()
}

fn is_loopback(host: &Host) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_lead_nowhere_else_are_loopback() {
        let loopback = |authority| host_of(authority).is_some_and(|host| is_loopback(&host));
        for name in
            ["localhost", "LOCALHOST:4010", "a.localhost", "localhost.", "127.0.0.1:1", "127.9.9.9"]
        {
            assert!(loopback(name), "{name}");
        }
        assert!(loopback("[::1]:4010"));
        assert!(is_local(&HeaderValue::from_static("http://localhost:3000")));
        for origin in ["null", "http://example.com", "http://localhost.example.com", "localhost"] {
            assert!(!is_local(&HeaderValue::from_static(origin)), "{origin}");
        }
        for name in [
            "",
            "sandbox",
            "localhost.example.com",
            "127.0.0.1.example.com",
            "notlocalhost",
            "0.0.0.0",
            "192.168.0.1",
            "[::2]",
            "127.0.0.1 ",
        ] {
            assert!(!loopback(name), "{name}");
        }
    }
}
