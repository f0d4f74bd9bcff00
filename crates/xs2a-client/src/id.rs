//! What all kinds of ids have in common.

/// Makes ids of structs that hold one `String`. An id is made from any text, and becomes text again;
/// it is never made from an id of another kind.
macro_rules! ids {
    ($($id:ident),* $(,)?) => {$(
        impl $id {
            /// The id as the service writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The id as the service writes it, without its type.
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl ::std::fmt::Display for $id {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $id {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl ::std::borrow::Borrow<str> for $id {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $id {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl From<&String> for $id {
            fn from(id: &String) -> Self {
                Self(id.clone())
            }
        }

        impl From<&str> for $id {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl From<&$id> for $id {
            fn from(id: &$id) -> Self {
                id.clone()
            }
        }

        impl ::std::str::FromStr for $id {
            type Err = ::std::convert::Infallible;

            fn from_str(id: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(id))
            }
        }

        impl PartialEq<str> for $id {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<&str> for $id {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }

        impl ::serde::Serialize for $id {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $id {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                <String as ::serde::Deserialize>::deserialize(deserializer).map(Self)
            }
        }

        $crate::wire::texts! { $id }
    )*};
}

/// Lets ids of other kinds become ids of this kind.
macro_rules! accepts {
    ($key:ident: $($id:ident),* $(,)?) => {$(
        impl From<$id> for $key {
            fn from(id: $id) -> Self {
                Self(id.0)
            }
        }

        impl From<&$id> for $key {
            fn from(id: &$id) -> Self {
                Self(id.0.clone())
            }
        }
    )*};
}

pub(crate) use {accepts, ids};
