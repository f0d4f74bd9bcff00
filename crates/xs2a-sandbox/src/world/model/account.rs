//! Bank accounts, the money on them, and their turnovers.

use jiff::{Timestamp, civil::Date};

use super::bank::{self, Bank};
use crate::{
    clock,
    json::{Json, ToJson as _, object},
};

/// The kind of an account.
///
/// ```
/// use xs2a_sandbox::{AccountType, ConnectionSeed, Sandbox, SyncMode};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let sandbox = Sandbox::start().await.unwrap();
/// let user = sandbox.add_user("Ada");
/// let connection = sandbox.add_connection(&user, ConnectionSeed::new(SyncMode::Full));
/// // The next sync that succeeds finds a fourth account.
/// sandbox.open_account(&connection, AccountType::Securities);
/// # });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum AccountType {
    Giro,
    CreditCard,
    Savings,
    Loan,
    Securities,
    Wallet,
    Other,
}

impl AccountType {
    /// The accounts of a new connection.
    pub(crate) const OF_A_LOGIN: [Self; 3] = [Self::Giro, Self::Savings, Self::CreditCard];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Giro => "giro",
            Self::CreditCard => "creditcard",
            Self::Savings => "savings",
            Self::Loan => "loan",
            Self::Securities => "securities",
            Self::Wallet => "wallet",
            Self::Other => "other",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Giro => "Current account",
            Self::CreditCard => "Credit card",
            Self::Savings => "Savings account",
            Self::Loan => "Loan",
            Self::Securities => "Securities account",
            Self::Wallet => "Wallet",
            Self::Other => "Account",
        }
    }
}

/// An account at a bank.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) id: String,
    /// Id of the bank user.
    pub(crate) user: String,
    /// Id of the connection. None if the connection was deleted.
    pub(crate) connection: Option<String>,
    pub(crate) kind: AccountType,
    pub(crate) holder: String,
    pub(crate) number: u64,
    pub(crate) bank: &'static Bank,
    pub(crate) created_at: Timestamp,
    /// When the account was last synced.
    pub(crate) fetched_at: Timestamp,
    /// For how many days back turnovers were fetched.
    pub(crate) days: i64,
    /// The balance.
    pub(crate) cents: i64,
    pub(crate) turnovers: Vec<Turnover>,
}

/// Money that has come or gone.
#[derive(Clone, Debug)]
pub(crate) struct Turnover {
    pub(crate) id: String,
    pub(crate) transaction: String,
    pub(crate) day: Date,
    pub(crate) cents: i64,
    pub(crate) business: &'static Business,
    pub(crate) number: u32,
    /// Whether the customer has marked the turnover as seen.
    pub(crate) seen: bool,
}

/// Somebody who pays money or gets it.
#[derive(Debug)]
pub(crate) struct Business {
    name: &'static str,
    account: u64,
    purpose: &'static str,
    category: &'static str,
    creditor: Option<&'static str>,
    /// The smallest and the largest amount in cents.
    pub(crate) cents: (i64, i64),
}

pub(crate) static SALARY: Business = Business {
    name: "Analytical Engines Ltd",
    account: 1_000_001,
    purpose: "Salary",
    category: "I.1.1",
    creditor: None,
    cents: (250_000, 420_000),
};

/// A business with an amount that a 32-bit float cannot hold.
pub(crate) static SALE: Business = Business {
    name: "Notary Trust Account",
    account: 1_000_002,
    purpose: "Sale of a house",
    category: "I.9",
    creditor: None,
    cents: (13_107_201, 13_107_201),
};

pub(crate) static DAILY_LIFE: [Business; 5] = [
    Business {
        name: "Corner Grocery",
        account: 1_000_003,
        purpose: "Thank you for your purchase",
        category: "K.1.2",
        creditor: None,
        cents: (-9_999, -101),
    },
    Business {
        name: "City Energy",
        account: 1_000_004,
        purpose: "Monthly instalment",
        category: "K.2.1",
        creditor: Some("DE98ZZZ09999999999"),
        cents: (-12_000, -4_000),
    },
    Business {
        name: "Bookshop",
        account: 1_000_005,
        purpose: "Invoice",
        category: "K.1.7",
        creditor: None,
        cents: (-6_000, -1),
    },
    Business {
        name: "Anna Berger",
        account: 1_000_006,
        purpose: "Half of the dinner",
        category: "I.8",
        creditor: None,
        cents: (10, 4_000),
    },
    Business {
        name: "Railway",
        account: 1_000_007,
        purpose: "Ticket",
        category: "K.3",
        creditor: None,
        cents: (-20_000, -990),
    },
];

/// Cents as a JSON number. The way over the text is exact for every amount of at most fifteen
/// digits; a division would not be exact.
pub(crate) fn money(cents: i64) -> Json {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    let text = format!("{sign}{}.{:02}", cents / 100, cents % 100);
    text.parse::<f64>().unwrap_or_default().to_json()
}

impl Account {
    pub(crate) fn iban(&self) -> String {
        bank::iban(self.bank, self.number)
    }

    pub(crate) fn book(&mut self, turnover: Turnover) {
        self.cents += turnover.cents;
        self.turnovers.push(turnover);
    }

    pub(crate) fn json(&self) -> Json {
        object! {
            "id": self.id,
            "bank_connection_id": self.connection,
            "holder": self.holder,
            "iban": self.iban(),
            "description": self.kind.title(),
            "bic": self.bank.bic,
            "account_number": self.number.to_string(),
            "bank_code": self.bank.code,
            "bank_name": self.bank.name,
            "country_id": self.bank.country,
            "type": self.kind.name(),
            "joint_account": false,
            "transaction_possible": self.kind == AccountType::Giro,
            "created_at": clock::local(self.created_at),
            "object": "bank_account",
        }
    }

    pub(crate) fn balance_json(&self) -> Json {
        let limit = (self.kind == AccountType::Giro).then_some(50_000);
        object! {
            "id": self.id,
            "available": limit.map(|limit| money(self.cents + limit)),
            "limit": limit.map(money),
            "balance": money(self.cents),
            "currency": "EUR",
            "date": clock::local(self.fetched_at),
            "created_at": clock::local(self.fetched_at),
            "object": "bank_account_balance",
        }
    }

    /// The turnovers that `wanted` accepts.
    pub(crate) fn turnovers_json(&self, wanted: impl Fn(&Turnover) -> bool) -> Json {
        let wanted = self.turnovers.iter().filter(|turnover| wanted(turnover));
        object! {
            "id": self.id,
            "turnovers": wanted.map(Turnover::json).collect::<Vec<_>>(),
            "days": self.days,
            "date": clock::local(self.fetched_at),
            "created_at": clock::local(self.fetched_at),
            "object": "bank_account_turnovers",
        }
    }
}

impl Turnover {
    pub(crate) fn json(&self) -> Json {
        object! {
            "id": self.id,
            "transaction_id": self.transaction,
            "booking_date": self.day.to_string(),
            "amount": money(self.cents),
            "currency": "EUR",
            "purpose": [self.business.purpose.to_owned(), format!("No. {}", self.number)],
            "counter_iban": bank::iban(&bank::TEST_BANK, self.business.account),
            "counter_bic": bank::TEST_BANK.bic,
            "counter_holder": self.business.name,
            "prebooked": false,
            "canceled": false,
            "tags": Json::List(Vec::new()),
            "category_id": self.business.category,
            "creditor_id": self.business.creditor,
            "new": !self.seen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_exactly() {
        for (cents, text) in [
            (13_107_201, "131072.01"),
            (10, "0.1"),
            (-1, "-0.01"),
            (12_345_678_901_234_567, "123456789012345.67"),
        ] {
            assert_eq!(money(cents).to_string(), text);
        }
    }
}
