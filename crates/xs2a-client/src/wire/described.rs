//! What an object is made of, without saying where its properties come from.

use super::{Lenient, Prose};

/// An object that the specification describes. A pass of the generator writes this for each.
pub(crate) trait Described: Sized {
    /// The names of the properties on the wire.
    const NAMES: &'static [&'static str];

    /// The property whose value may stand in the place of the whole object.
    const BARE: Option<&'static str> = None;

    /// The position of a name in [`NAMES`](Self::NAMES), or `NAMES.len()` for a name that is not there.
    fn position(name: &str) -> usize;

    /// Makes the object of its properties, whichever way they come.
    fn read_from<P: Properties>(properties: &mut P) -> Result<Self, P::Error>;
}

/// The properties of an object that is being read, in the order in which they come.
#[allow(dead_code, reason = "the spec decides in which ways properties are read")]
pub(crate) trait Properties {
    type Error;

    /// Goes to the next property, and gives its position in the names of the object, or how many names
    /// there are if the object has no such property. `None` after the last.
    fn next(&mut self) -> Result<Option<usize>, Self::Error>;

    /// Passes the property by.
    fn ignore(&mut self) -> Result<(), Self::Error>;

    /// Reads the value of the property. An object has each property once.
    fn read<T: Lenient>(&mut self, slot: &mut Option<T>) -> Result<(), Self::Error>;

    /// Reads the value of the property, which is given up if it cannot be read.
    fn forgive<T: Lenient + Default>(&mut self, slot: &mut Option<T>) -> Result<(), Self::Error>;

    /// Reads words for people.
    fn read_prose<T: Lenient + Prose>(&mut self, slot: &mut Option<T>) -> Result<(), Self::Error>;

    /// Reads words for people that are given up if they cannot be read.
    fn forgive_prose<T: Lenient + Prose + Default>(
        &mut self,
        slot: &mut Option<T>,
    ) -> Result<(), Self::Error>;

    /// The error for an object without a property that has to be there.
    fn missing(&self, name: &'static str) -> Self::Error;

    /// The value of a property that has to be there.
    fn present<T>(&self, value: Option<T>, name: &'static str) -> Result<T, Self::Error> {
        match value {
            Some(value) => Ok(value),
            None => Err(self.missing(name)),
        }
    }
}
