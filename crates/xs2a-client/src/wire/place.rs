//! Where in a body a value stands.

use std::fmt::Write as _;

/// A place in a body, as a chain from the value up to the whole.
pub(super) struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step,
    depth: usize,
}

#[derive(Clone, Copy)]
enum Step {
    /// The body as a whole.
    Whole,
    /// A declared property.
    Property(&'static str),
    /// An element of a list, counted from 0.
    Element(usize),
    /// A value of a map. Its key is payload, and is not named.
    Value,
}

impl<'a> Place<'a> {
    pub(super) const WHOLE: Place<'static> = Place { parent: None, step: Step::Whole, depth: 0 };

    pub(super) fn property(&'a self, name: &'static str) -> Self {
        self.step(Step::Property(name))
    }

    pub(super) fn element(&'a self, position: usize) -> Self {
        self.step(Step::Element(position))
    }

    pub(super) fn value(&'a self) -> Self {
        self.step(Step::Value)
    }

    fn step(&'a self, step: Step) -> Self {
        Self { parent: Some(self), step, depth: self.depth + 1 }
    }

    /// How many lists and objects are around the value.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// The path, such as `data[3].sync_fail_counter`. Empty for the body as a whole.
    pub(super) fn path(&self) -> String {
        let mut path = self.parent.map(Place::path).unwrap_or_default();
        match self.step {
            Step::Whole => {}
            Step::Property(name) => join(&mut path, name),
            Step::Element(position) => {
                let _ = write!(path, "[{position}]");
            }
            Step::Value => join(&mut path, "*"),
        }
        path
    }
}

fn join(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(name);
}
