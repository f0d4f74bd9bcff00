//! The names that an order accepts, read off its type, so that nobody has to list them again.

use serde::{
    Deserialize, Deserializer,
    de::{self, Error as _, value::Error},
};

use super::{
    bank::BankDoes,
    faults::{Break, FaultName},
};
use crate::{
    json::{Json, object},
    routes::Operation,
    world::SyncMode,
};

/// What the forms of a page offer for the orders.
pub(in crate::server) fn choices() -> Json {
    let operations = Operation::ALL.iter().map(|operation| operation.id());
    let mut fields = names::<Break>().to_vec();
    fields.retain(|field| !["fault", "operation", "call"].contains(field));
    object! {
        "faults": *names::<FaultName>(),
        "fault_fields": fields,
        "operations": operations.collect::<Vec<_>>(),
        "bank": *names::<BankDoes>(),
        "modes": *SyncMode::NAMES,
    }
}

/// The names of the fields of a struct, or of the variants of an enumeration.
fn names<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    let mut names = Names(&[]);
    // The type is asked what it expects, and gets nothing.
    let _ = T::deserialize(&mut names);
    names.0
}

struct Names(&'static [&'static str]);

impl<'de> Deserializer<'de> for &mut Names {
    type Error = Error;

    fn deserialize_any<V: de::Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("there is no value"))
    }

    fn deserialize_struct<V: de::Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0 = fields;
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: de::Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0 = variants;
        self.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map identifier ignored_any
    }
}
