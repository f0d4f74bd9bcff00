//! `xs2a users`.

use clap::Subcommand;
use xs2a::UserId;
use xs2a::types::CreateBankUserRequest;

use crate::context::Context;
use crate::failure::Outcome;
use crate::prompt;
use crate::records::UserRecord;

#[derive(Subcommand)]
pub(crate) enum Users {
    /// Every bank user
    List {
        /// Stop after so many
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// One bank user
    Show {
        #[arg(value_name = "USER")]
        id: UserId,
    },
    /// Make a bank user
    #[command(after_help = "Example:\n  xs2a users create 'Erika Mustermann' erika@example.com")]
    Create { name: String, email: String },
    /// Delete a bank user
    Delete {
        #[arg(value_name = "USER")]
        id: UserId,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

pub(super) async fn run(context: &Context, command: Users) -> Outcome {
    let users = context.service.api()?.users();
    match command {
        Users::List { limit } => {
            context.list(users.list(), limit, |user| Ok(UserRecord::from(user))).await
        }
        Users::Show { id } => context.show(&UserRecord::from(&users.get(&id).await?)),
        Users::Create { name, email } => {
            let user = users.create(&CreateBankUserRequest::new(name, email)).await?;
            context.show(&UserRecord::from(&user))
        }
        Users::Delete { id, yes } => {
            prompt::may_delete(&format!("bank user {id}"), yes).await?;
            users.delete(&id).await?;
            context.deleted("user", id.as_str())
        }
    }
}
