//! `xs2a tokens`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Subcommand;
use xs2a::types::AccessToken;
use xs2a::{ApiClient, TokenId, UserId};

use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::output::note;
use crate::prompt;
use crate::records::TokenRecord;
use crate::secret_file::NewSecret;

#[derive(Subcommand)]
pub(crate) enum Tokens {
    /// Every access token of a bank user, without the secret
    List {
        #[arg(value_name = "USER")]
        user: UserId,
        /// Stop after so many
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// One access token, without the secret
    Show {
        #[arg(value_name = "USER")]
        user: UserId,
        #[arg(value_name = "TOKEN_ID")]
        id: TokenId,
    },
    /// Make an access token, and write it into a new file that only you may read
    #[command(after_help = "Example:\n  xs2a tokens create USER --to token.txt\n  xs2a \
        --token-file token.txt connections list")]
    Create {
        #[arg(value_name = "USER")]
        user: UserId,
        /// Where to write the token
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// How long it is valid
        #[arg(long, value_name = "HOURS", default_value_t = 1)]
        hours: u32,
    },
    /// Let an access token hold for longer
    Refresh {
        #[arg(value_name = "USER")]
        user: UserId,
        #[arg(value_name = "TOKEN_ID")]
        id: TokenId,
        /// How long from now
        #[arg(long, value_name = "HOURS", default_value_t = 1)]
        hours: u32,
        /// Where to write the token, which may be another one by then
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Delete an access token
    Delete {
        #[arg(value_name = "USER")]
        user: UserId,
        #[arg(value_name = "TOKEN_ID")]
        id: TokenId,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

pub(super) async fn run(context: &Context, command: Tokens) -> Outcome {
    let api = context.service.api()?;
    match command {
        Tokens::List { user, limit } => {
            let tokens = api.access_tokens(user).list();
            context.list(tokens, limit, |token| Ok(TokenRecord::from(token))).await
        }
        Tokens::Show { user, id } => {
            context.show(&TokenRecord::from(&api.access_tokens(user).get(id).await?))
        }
        Tokens::Create { user, to, hours } => {
            let file = NewSecret::create(&to)?;
            // The service's clock, which no answer has told yet.
            api.users().get(&user).await?;
            let token = api.access_tokens(user).create(ends_in(&api, hours)?).await?;
            write(file, &token)?;
            context.show(&TokenRecord::from(&token))
        }
        Tokens::Refresh { user, id, hours, to } => {
            let file = to.as_deref().map(NewSecret::create).transpose()?;
            api.users().get(&user).await?;
            let token = api.access_tokens(user).refresh(id, ends_in(&api, hours)?).await?;
            if let Some(file) = file {
                write(file, &token)?;
            }
            context.show(&TokenRecord::from(&token))
        }
        Tokens::Delete { user, id, yes } => {
            prompt::may_delete(&format!("access token {id}"), yes).await?;
            api.access_tokens(user).delete(&id).await?;
            context.deleted("token", id.as_str())
        }
    }
}

fn ends_in(api: &ApiClient, hours: u32) -> Outcome<xs2a::jiff::Timestamp> {
    let end = api.server_now().checked_add(Duration::from_secs(u64::from(hours) * 3600));
    end.map_err(|_| Failure::usage("no calendar has so many hours", "give fewer: --hours"))
}

fn write(file: NewSecret, token: &AccessToken) -> Outcome {
    let path = file.path().display().to_string();
    file.write(&token.token)?;
    note(&format!("the token is in {path}: use it as --token-file {path}"));
    Ok(())
}
