//! The banks of the sandbox, and what a bank asks for after a login.

use crate::json::{Json, object};

/// A bank in the directory of banks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bank {
    pub(crate) code: &'static str,
    pub(crate) bic: &'static str,
    pub(crate) name: &'static str,
    zipcode: &'static str,
    city: &'static str,
    pub(crate) country: &'static str,
    /// Whether the login form of the bank has two tabs.
    pub(crate) tabs: bool,
    /// Whether the forms of the bank have a hidden element that has to come back, a notice, and a
    /// button of their own.
    pub(crate) hidden_state: bool,
    pub(crate) supported: bool,
}

/// The test bank. A connection that was made without the wizard belongs to this bank.
pub(crate) static TEST_BANK: Bank = Bank {
    code: "88888888",
    bic: "TESTDE88XXX",
    name: "Testbank",
    zipcode: "80331",
    city: "Munich",
    country: "DE",
    tabs: false,
    hidden_state: false,
    supported: true,
};

static OTHERS: [Bank; 6] = [
    Bank {
        code: "88888889",
        bic: "TESTDE89XXX",
        name: "Testbank with two ways in",
        zipcode: "10115",
        city: "Berlin",
        country: "DE",
        tabs: true,
        hidden_state: false,
        supported: true,
    },
    Bank {
        code: "88888890",
        bic: "TESTDE90XXX",
        name: "Testbank with hidden fields",
        zipcode: "50667",
        city: "Cologne",
        country: "DE",
        tabs: false,
        hidden_state: true,
        supported: true,
    },
    Bank {
        code: "99999999",
        bic: "NONEDE99XXX",
        name: "Closed Savings Bank",
        zipcode: "20095",
        city: "Hamburg",
        country: "DE",
        tabs: false,
        hidden_state: false,
        supported: false,
    },
    Bank {
        code: "88888",
        bic: "TESTAT88XXX",
        name: "Testbank Austria",
        zipcode: "1010",
        city: "Vienna",
        country: "AT",
        tabs: false,
        hidden_state: false,
        supported: true,
    },
    Bank {
        code: "88881",
        bic: "TESTAT81XXX",
        name: "Testbank Tyrol",
        zipcode: "6020",
        city: "Innsbruck",
        country: "AT",
        tabs: false,
        hidden_state: false,
        supported: true,
    },
    Bank {
        code: "08888",
        bic: "TESTCH88XXX",
        name: "Testbank Switzerland",
        zipcode: "3011",
        city: "Bern",
        country: "CH",
        tabs: false,
        hidden_state: false,
        supported: true,
    },
];

/// Every bank, in the order of the directory.
pub(crate) fn all() -> impl Iterator<Item = &'static Bank> {
    std::iter::once(&TEST_BANK).chain(&OTHERS)
}

pub(crate) fn by_code(code: &str) -> Option<&'static Bank> {
    all().find(|bank| bank.code == code)
}

pub(crate) fn by_bic(bic: &str) -> Option<&'static Bank> {
    all().find(|bank| bank.bic.eq_ignore_ascii_case(bic))
}

impl Bank {
    pub(crate) fn json(&self) -> Json {
        object! {
            "bank_code": self.code,
            "bic": self.bic,
            "name": self.name,
            "short_name": self.name.split(' ').next(),
            "zipcode": self.zipcode,
            "city": self.city,
            "country_id": self.country,
            "testmode": true,
            "xs2a_products": self.products(),
            "xs2a_supported": self.supported,
        }
    }

    pub(crate) fn products(&self) -> &'static [&'static str] {
        if self.supported { &["xs2a_api"] } else { &[] }
    }

    /// Whether a search for `typed` finds the bank: in its name, its city or its BIC, or at the
    /// start of its code.
    pub(crate) fn matches(&self, typed: &str) -> bool {
        let typed = typed.to_lowercase();
        self.code.starts_with(&typed)
            || [self.name, self.city, self.bic]
                .iter()
                .any(|text| text.to_lowercase().contains(&typed))
    }
}

/// The PIN, TAN or captcha that the bank rejects. The bank accepts every other value.
pub(crate) const WRONG: &str = "000000";

/// What a bank can ask for after the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    Tan,
    Flicker,
    Captcha,
    Accounts,
    App,
    Redirect,
}

/// What the bank asks this user for. The words of the user name say it: with the name
/// `tan-accounts`, the bank asks for a TAN and then for the accounts. Other words mean nothing.
pub(crate) fn challenges(user_name: &str) -> Vec<Challenge> {
    user_name
        .split('-')
        .filter_map(|word| match word {
            "tan" => Some(Challenge::Tan),
            "flicker" => Some(Challenge::Flicker),
            "captcha" => Some(Challenge::Captcha),
            "accounts" => Some(Challenge::Accounts),
            "app" => Some(Challenge::App),
            "redirect" => Some(Challenge::Redirect),
            _ => None,
        })
        .collect()
}

/// Whether the user name has this word among its words, which are joined by `-`.
pub(crate) fn has_word(user_name: &str, word: &str) -> bool {
    user_name.split('-').any(|found| found == word)
}

/// An IBAN with valid check digits.
pub(crate) fn iban(bank: &Bank, number: u64) -> String {
    let bban = match bank.country {
        "AT" => format!("{}{number:011}", bank.code),
        "CH" => format!("{}{number:012}", bank.code),
        _ => format!("{}{number:010}", bank.code),
    };
    let remainder = modulo_97(&format!("{bban}{}00", bank.country));
    format!("{}{:02}{bban}", bank.country, 98 - remainder)
}

/// The remainder of the number that the text stands for: each digit for itself, `A` for 10, and so
/// on to `Z` for 35.
fn modulo_97(text: &str) -> u32 {
    let mut remainder = 0;
    for value in text.chars().filter_map(|character| character.to_digit(36)) {
        let shift = if value < 10 { 10 } else { 100 };
        remainder = (remainder * shift + value) % 97;
    }
    remainder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ibans_keep_the_rule_of_97() {
        let remainder = |iban: &str| modulo_97(&format!("{}{}", &iban[4..], &iban[..4]));
        // The German example of the IBAN registry, and the same with one other digit.
        assert_eq!(remainder("DE89370400440532013000"), 1);
        assert_ne!(remainder("DE89370400440532013001"), 1);
        for bank in all() {
            let iban = iban(bank, 1_234_567);
            assert_eq!(remainder(&iban), 1, "{iban}");
        }
    }

    #[test]
    fn the_words_of_a_user_name_are_what_the_bank_asks_for() {
        assert_eq!(challenges("abcdef"), []);
        assert_eq!(challenges("tan"), [Challenge::Tan]);
        assert_eq!(challenges("ada-app-accounts"), [Challenge::App, Challenge::Accounts]);
    }
}
