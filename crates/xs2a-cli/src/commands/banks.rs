//! `xs2a banks`.

use clap::Subcommand;
use xs2a::types::{AutocompleteBankCodesQuery, ListBankCodesQuery};

use crate::context::Context;
use crate::failure::Outcome;
use crate::records::BankRecord;

#[derive(Subcommand)]
pub(crate) enum Banks {
    /// The directory of banks
    List {
        /// Only those of this country, such as DE
        #[arg(long, value_name = "COUNTRY")]
        country: Option<String>,
        /// Stop after so many
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// One bank, by its bank code
    Show {
        #[arg(value_name = "BANK_CODE")]
        code: String,
    },
    /// Banks whose name, code or city begins so
    #[command(after_help = "Example:\n  xs2a banks search sparkasse --country DE --limit 10")]
    Search {
        text: String,
        /// Only those of this country, such as DE
        #[arg(long, value_name = "COUNTRY")]
        country: Option<String>,
        /// Stop after so many
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
}

pub(super) async fn run(context: &Context, command: Banks) -> Outcome {
    let banks = context.service.api()?.bank_codes();
    match command {
        Banks::List { country, limit } => {
            let mut query = ListBankCodesQuery::new();
            query.country_id = country;
            context.list(banks.list_by(&query), limit, |bank| Ok(BankRecord::from(bank))).await
        }
        Banks::Show { code } => context.show(&BankRecord::from(&banks.get(&code).await?)),
        Banks::Search { text, country, limit } => {
            let mut query = AutocompleteBankCodesQuery::new(text);
            query.country_id = country;
            let found = banks.autocomplete(&query);
            context.list(found, limit, |bank| Ok(BankRecord::from(bank))).await
        }
    }
}
