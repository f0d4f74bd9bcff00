//! Accounts, what is on them, and what moved.

use jiff::{Timestamp, civil::Date};

use super::World;
use crate::{
    answer::{Answer, Outcome, Query, Refusal, page},
    bank::{self, Bank},
    clock,
    json::{Json, ToJson as _, object},
};

/// Kind of an account.
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
    /// What a login opens.
    pub(super) const OF_A_LOGIN: [Self; 3] = [Self::Giro, Self::Savings, Self::CreditCard];

    pub(crate) const ALL: [Self; 7] = [
        Self::Giro,
        Self::CreditCard,
        Self::Savings,
        Self::Loan,
        Self::Securities,
        Self::Wallet,
        Self::Other,
    ];

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

    pub(super) fn title(self) -> &'static str {
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

#[derive(Clone, Debug)]
pub(super) struct Account {
    id: String,
    pub(super) user: String,
    pub(super) connection: Option<String>,
    kind: AccountType,
    holder: String,
    number: u64,
    bank: &'static Bank,
    created_at: Timestamp,
    fetched_at: Timestamp,
    days: i64,
    cents: i64,
    turnovers: Vec<Turnover>,
}

#[derive(Clone, Debug)]
struct Turnover {
    id: String,
    transaction: String,
    day: Date,
    cents: i64,
    business: &'static Business,
    number: u32,
    seen: bool,
}

/// Whom money comes from and goes to.
#[derive(Debug)]
struct Business {
    name: &'static str,
    account: u64,
    purpose: &'static str,
    category: &'static str,
    creditor: Option<&'static str>,
    /// Smallest and largest amount in cents.
    cents: (i64, i64),
}

static SALARY: Business = Business {
    name: "Analytical Engines Ltd",
    account: 1_000_001,
    purpose: "Salary",
    category: "I.1.1",
    creditor: None,
    cents: (250_000, 420_000),
};

/// An amount that does not fit a 32-bit float.
static SALE: Business = Business {
    name: "Notary Trust Account",
    account: 1_000_002,
    purpose: "Sale of a house",
    category: "I.9",
    creditor: None,
    cents: (13_107_201, 13_107_201),
};

static DAILY_LIFE: [Business; 5] = [
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

/// Cents as the number that JSON carries. The way over the text is exact for every amount of at
/// most fifteen digits; dividing is not.
fn money(cents: i64) -> Json {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    let text = format!("{sign}{}.{:02}", cents / 100, cents % 100);
    text.parse::<f64>().unwrap_or_default().to_json()
}

impl Account {
    pub(super) fn belongs_to(&self, connection: &str) -> bool {
        self.connection.as_deref() == Some(connection)
    }

    fn json(&self) -> Json {
        object! {
            "id": self.id,
            "bank_connection_id": self.connection,
            "holder": self.holder,
            "iban": bank::iban(self.bank, self.number),
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

    fn balance_json(&self) -> Json {
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

    fn turnovers_json(&self, wanted: impl Fn(&Turnover) -> bool) -> Json {
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
    fn json(&self) -> Json {
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

impl World {
    pub(super) fn list_accounts(&self, user: &str, query: &Query) -> Outcome {
        let own: Vec<&Account> = self.accounts.values().filter(|a| a.user == user).collect();
        page("/v1/api/accounts", query, &own, |account| account.json())
    }

    pub(super) fn list_connection_accounts(
        &mut self,
        user: &str,
        connection: &str,
        query: &Query,
    ) -> Outcome {
        self.own_connection(user, connection)?;
        let accounts = self.accounts.values();
        let own: Vec<&Account> = accounts.filter(|a| a.belongs_to(connection)).collect();
        let path = format!("/v1/api/connections/{connection}/accounts");
        page(&path, query, &own, |account| account.json())
    }

    pub(super) fn get_account(&mut self, user: &str, id: &str) -> Outcome {
        Ok(Answer::json(200, self.own_account(user, id)?.json()))
    }

    pub(super) fn delete_account(&mut self, user: &str, id: &str) -> Outcome {
        self.own_account(user, id)?;
        self.accounts.shift_remove(id);
        Ok(Answer::acknowledged())
    }

    pub(super) fn get_account_balance(&mut self, user: &str, id: &str) -> Outcome {
        Ok(Answer::json(200, self.own_account(user, id)?.balance_json()))
    }

    pub(super) fn get_account_turnovers(&mut self, user: &str, id: &str, query: &Query) -> Outcome {
        let account = self.own_account(user, id)?;
        let (from, to) = (query.date("from")?, query.date("to")?);
        let only_new = query.flag("only_new")? || query.flag("onlyNew")?;
        let shown = account.turnovers_json(|turnover| {
            from.is_none_or(|from| turnover.day >= from)
                && to.is_none_or(|to| turnover.day <= to)
                && !(only_new && turnover.seen)
        });
        Ok(Answer::json(200, shown))
    }

    pub(super) fn mark_account_as_seen(&mut self, user: &str, id: &str, until: &str) -> Outcome {
        let account = self.own_account(user, id)?;
        let until = match until {
            "" => Date::MAX,
            text => text
                .parse()
                .map_err(|_| Refusal::invalid("The date must be a day as YYYY-MM-DD"))?,
        };
        for turnover in account.turnovers.iter_mut().filter(|t| t.day <= until) {
            turnover.seen = true;
        }
        Ok(Answer::acknowledged())
    }

    pub(super) fn get_account_report(
        &mut self,
        user: &str,
        id: &str,
        report: &str,
        query: &Query,
    ) -> Outcome {
        let account = self.own_account(user, id)?;
        let format = query.choice("format", &["json", "html", "pdf"])?;
        let locale = query.choice("locale", &["de", "en"])?;
        let sum = |keep: fn(i64) -> bool| -> i64 {
            let cents = account.turnovers.iter().map(|turnover| turnover.cents);
            cents.filter(|cents| keep(*cents)).sum()
        };
        let (income, expenses) = (sum(|cents| cents > 0), sum(|cents| cents < 0));
        let [title, income_label, expenses_label] = match locale {
            Some("de") => ["Bericht", "Einnahmen", "Ausgaben"],
            _ => ["Report", "Income", "Expenses"],
        };
        let lines = [
            format!("{title} {}", bank::iban(account.bank, account.number)),
            format!("{income_label} {} EUR", money(income)),
            format!("{expenses_label} {} EUR", money(expenses)),
        ];
        Ok(match format {
            Some("html") => {
                let lines = lines.map(|line| format!("<p>{line}</p>")).concat();
                let lang = locale.unwrap_or("en");
                Answer::raw(
                    200,
                    "text/html; charset=utf-8",
                    format!(
                        "<!doctype html><html lang=\"{lang}\"><title>{title}</title><body>{lines}</body></html>\n"
                    ),
                )
            }
            Some("pdf") => Answer::raw(200, "application/pdf", pdf(&lines)),
            _ => Answer::json(
                200,
                object! {
                    "report_id": report,
                    "account_id": account.id,
                    "income": money(income),
                    "expenses": money(expenses),
                    "currency": "EUR",
                    "turnovers": account.turnovers.len(),
                    "created_at": clock::local(account.fetched_at),
                },
            ),
        })
    }

    fn own_account(&mut self, user: &str, id: &str) -> Result<&mut Account, Refusal> {
        self.accounts
            .get_mut(id)
            .filter(|account| account.user == user)
            .ok_or_else(Refusal::not_found)
    }

    pub(super) fn open_account(&mut self, connection: &str, kind: AccountType) {
        let Some(owner) = self.connections.get(connection) else {
            return;
        };
        let (user, bank, days) = (owner.user.clone(), owner.bank, owner.days);
        let transaction = owner.transaction.clone();
        let holder = self.holder_name(&user);
        let now = self.now();
        let mut account = Account {
            id: self.new_id(),
            user,
            connection: Some(connection.to_owned()),
            kind,
            holder,
            number: self.random.u64(1_000_000..9_999_999),
            bank,
            created_at: now,
            fetched_at: now,
            days,
            cents: self.random.i64(50_000..500_000),
            turnovers: Vec::new(),
        };
        let today = clock::day(now);
        let history: &[(&'static Business, i64)] = match kind {
            AccountType::Giro => &[(&SALE, 60), (&SALARY, 31), (&SALARY, 1)],
            AccountType::CreditCard => &[],
            _ => &[(&SALARY, 30)],
        };
        let mut planned: Vec<(&'static Business, i64)> = history.to_vec();
        for _ in 0..6 {
            let business = &DAILY_LIFE[self.random.usize(..DAILY_LIFE.len())];
            planned.push((business, self.random.i64(0..90)));
        }
        planned.retain(|(_, ago)| *ago <= days);
        planned.sort_by_key(|(_, ago)| -ago);
        for (business, ago) in planned {
            let day = clock::days_from(today, -ago);
            let turnover = self.new_turnover(business, day, &transaction);
            account.cents += turnover.cents;
            account.turnovers.push(turnover);
        }
        self.accounts.insert(account.id.clone(), account);
    }

    /// A sync has fetched what is new: one to three turnovers on each account.
    pub(super) fn fetch_turnovers(&mut self, connection: &str) {
        let Some(transaction) = self.connections.get(connection).map(|c| c.transaction.clone())
        else {
            return;
        };
        let now = self.now();
        let accounts = self.accounts.values();
        let ids: Vec<String> = accounts
            .filter(|account| account.belongs_to(connection))
            .map(|account| account.id.clone())
            .collect();
        for id in ids {
            for _ in 0..self.random.usize(1..=3) {
                let business = &DAILY_LIFE[self.random.usize(..DAILY_LIFE.len())];
                let turnover = self.new_turnover(business, clock::day(now), &transaction);
                if let Some(account) = self.accounts.get_mut(&id) {
                    account.cents += turnover.cents;
                    account.turnovers.push(turnover);
                }
            }
            if let Some(account) = self.accounts.get_mut(&id) {
                account.fetched_at = now;
            }
        }
    }

    fn new_turnover(
        &mut self,
        business: &'static Business,
        day: Date,
        transaction: &str,
    ) -> Turnover {
        let (least, most) = business.cents;
        Turnover {
            id: self.new_id(),
            transaction: transaction.to_owned(),
            day,
            cents: self.random.i64(least..=most),
            business,
            number: self.random.u32(1_000..10_000),
            seen: false,
        }
    }
}

/// The smallest PDF that shows these lines.
fn pdf(lines: &[String]) -> Vec<u8> {
    let text: String = lines.iter().map(|line| format!("({line}) Tj T* ")).collect();
    let content = format!("BT /F1 12 Tf 14 TL 50 780 Td {text}ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut offsets = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        file += &format!("{} 0 obj\n{object}\nendobj\n", number + 1);
    }
    let table = file.len();
    file += &format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for offset in offsets {
        file += &format!("{offset:010} 00000 n \n");
    }
    file += &format!(
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n",
        objects.len() + 1
    );
    file.into_bytes()
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

    #[test]
    fn the_table_of_the_pdf_points_at_its_objects() {
        let file = String::from_utf8(pdf(&["Report".to_owned()])).unwrap();
        let table = file.rfind("xref\n0 6").unwrap();
        for (number, line) in file[table..].lines().skip(3).take(5).enumerate() {
            let offset: usize = line[..10].parse().unwrap();
            assert!(file[offset..].starts_with(&format!("{} 0 obj", number + 1)));
        }
    }
}
