//! Title, version and address of the API.

use crate::document::child;
use crate::spec::Node;

use super::super::Thing;
use super::Comparison;
use super::entry::{compatible, documentation};

impl<'a> Comparison<'a> {
    pub(super) fn api(&mut self) {
        let (old, new) = (self.old.root(), self.new.root());
        if let (Some(old), Some(new)) = (old.get("info"), new.get("info")) {
            self.words_of_the_spec(&old, &new, "the API");
            for key in ["title", "version"] {
                let (before, now) = (old.text(key), new.text(key));
                if before != now {
                    self.push(
                        documentation(format!(
                            "The {key} of the API is {} (before {}).",
                            now.unwrap_or("none"),
                            before.unwrap_or("none")
                        ))
                        .changed(Thing::Api, key)
                        .at(child("/info", key)),
                    );
                }
            }
        }
        let address = |root: &Node<'a>| root.items("servers").first().and_then(|s| s.text("url"));
        let (before, now) = (address(&old), address(&new));
        if before != now {
            self.push(
                compatible(format!(
                    "The service is at {} (before {}).",
                    now.unwrap_or("no address"),
                    before.unwrap_or("no address")
                ))
                .changed(Thing::Api, "servers")
                .at("/servers")
                .note("behaviour: clients that are given no base URL call the new one"),
            );
        }
    }
}
