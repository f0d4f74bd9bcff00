//! The names of this server under which orders are taken.
//!
//! Orders need no key. The owner of a web site can let the name of the site point at the loopback
//! address. A page of that site, in a browser on the machine of a sandbox, could then give orders.
//! The `Host` of such an order is still the name of the site.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{header, uri::Authority};
use url::Host;

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
    if host.is_some_and(|host| is_loopback(&host) || server.control_hosts.contains(&host)) {
        return next.run(request).await;
    }
    server.respond(Err(Refusal::new(
        403,
        "Orders are taken under loopback names only, such as localhost or 127.0.0.1. \
         Allow another name of this server with --control-host NAME or Builder::control_host",
    )))
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
