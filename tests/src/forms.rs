//! Tests that run twice: against answers in canonical form, and in the service's own dialect.

use xs2a_sandbox::Sandbox;

/// A sandbox that answers in dialect, or not.
pub async fn sandbox(dialect: bool) -> Sandbox {
    Sandbox::builder().dialect(dialect).start().await.unwrap()
}

/// Runs each test in both forms, and holds what was said against the spec at its end.
#[macro_export]
macro_rules! in_both_forms {
    ($($(#[$attribute:meta])* async fn $name:ident($sandbox:ident: &Sandbox) $body:block)*) => {
        $crate::in_both_forms!(canonical false $($(#[$attribute])* $name $sandbox $body)*);
        $crate::in_both_forms!(dialect true $($(#[$attribute])* $name $sandbox $body)*);
    };
    ($form:ident $dialect:literal $($(#[$attribute:meta])* $name:ident $sandbox:ident $body:block)*) => {
        mod $form {
            use super::*;

            $($(#[$attribute])* async fn $name() {
                let started = $crate::forms::sandbox($dialect).await;
                let $sandbox = &started;
                $body
                assert_eq!(started.violations(), []);
            })*
        }
    };
}
