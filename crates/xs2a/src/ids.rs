//! Identifiers that say what they identify. The specification of the API names their kinds.

pub use xs2a_client::{
    AccountId, ConnectionId, ConnectionKey, EventId, ReportId, TokenId, TransactionId, UserId,
};
