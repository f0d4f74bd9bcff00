//! Bank connections: logins at banks. The calls, and what runs a sync and waits for the user.

mod calls;
mod sync_run;
mod wait_for_user;

pub use calls::Connections;
pub use sync_run::SyncRun;
pub use wait_for_user::UserWait;
