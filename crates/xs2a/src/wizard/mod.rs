//! The wizard: the forms that a user walks through at the bank.

mod answers;
mod calls;
mod form;
mod markup;

pub use answers::{AnswerError, Answers};
pub use calls::Wizard;
pub use form::{Completed, Element, Form, Rejection, SessionFailed, Waiting, WizardStep};
pub use markup::{Markup, Span};
