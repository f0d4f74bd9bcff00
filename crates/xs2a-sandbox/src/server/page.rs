//! The page, as it is: a document, its style and its script. All it shows comes from the orders.

use axum::{Router, extract::State, response::Response, routing::get};
use http::header;

use super::shared::Server;
use crate::{answer::Answer, service::SPEC_TEXT};

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The parts of the page: where each is, its type and its text.
const PARTS: [(&str, &str, &str); 5] = [
    ("/", HTML, include_str!("../../page/index.html")),
    ("/sandbox/page.css", "text/css; charset=utf-8", include_str!("../../page/page.css")),
    ("/sandbox/page.js", SCRIPT, include_str!("../../page/page.js")),
    ("/sandbox/dom.js", SCRIPT, include_str!("../../page/dom.js")),
    ("/sandbox/form.js", SCRIPT, include_str!("../../page/form.js")),
];

/// The page loads nothing from elsewhere, runs no script but its own, makes no markup from text, and
/// shows itself in no other page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; \
                      connect-src 'self'; form-action 'none'; base-uri 'none'; \
                      frame-ancestors 'none'; require-trusted-types-for 'script'; \
                      trusted-types 'none'";

pub(super) fn router() -> Router<Server> {
    PARTS.iter().fold(Router::new(), |router, &(path, content_type, text)| {
        let answer =
            move |State(server): State<Server>| async move { show(&server, content_type, text) };
        router.route(path, get(answer))
    })
}

fn show(server: &Server, content_type: &str, text: &str) -> Response {
    let answer = Answer::raw(200, content_type, text)
        .with_header(header::CONTENT_SECURITY_POLICY, POLICY)
        .with_header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .with_header(header::REFERRER_POLICY, "no-referrer")
        .with_header(header::CACHE_CONTROL, "no-cache");
    server.respond(Ok(answer))
}

/// The spec that the sandbox plays by.
pub(super) async fn spec(State(server): State<Server>) -> Response {
    server.respond(Ok(Answer::raw(200, "application/yaml", SPEC_TEXT)))
}

/// Whether the sandbox answers. The question is not logged, meets no fault and moves no clock.
pub(super) async fn health(State(server): State<Server>) -> Response {
    server.respond(Ok(Answer::acknowledged()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_light_and_needs_nothing_from_elsewhere() {
        let weight: usize = PARTS.iter().map(|(_, _, text)| text.len()).sum();
        assert!(weight < 150 * 1024, "{weight} bytes");
        for (path, _, text) in PARTS {
            for foreign in ["http:", "https:", "src=\"//", "url(", "@import", "innerHTML"] {
                assert!(!text.contains(foreign), "{path} has {foreign}");
            }
        }
    }
}
