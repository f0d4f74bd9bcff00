//! The directory of banks.

use super::World;
use crate::{
    answer::{Answer, Outcome, Query, Refusal, page},
    bank::{self, Bank},
};

impl World {
    pub(super) fn get_bank_code(query: &Query) -> Outcome {
        let code =
            query.text("bank_code").ok_or_else(|| Refusal::invalid("The bank_code is required"))?;
        let bank = bank::by_code(code).ok_or_else(Refusal::not_found)?;
        Ok(Answer::json(200, bank.json()))
    }

    pub(super) fn list_bank_codes(query: &Query) -> Outcome {
        let banks: Vec<&Bank> = bank::all().filter(|bank| in_country(bank, query)).collect();
        page("/v1/bankcodes/all", query, &banks, |bank| bank.json())
    }

    pub(super) fn autocomplete_bank_codes(query: &Query) -> Outcome {
        let typed = query.text("q").unwrap_or_default();
        let product = query.text("product");
        let banks: Vec<&Bank> = bank::all()
            .filter(|bank| {
                bank.matches(typed)
                    && in_country(bank, query)
                    && product.is_none_or(|product| bank.products().contains(&product))
            })
            .collect();
        page("/v1/bankcodes/autocomplete", query, &banks, |bank| bank.json())
    }
}

fn in_country(bank: &Bank, query: &Query) -> bool {
    query.text("country_id").is_none_or(|country| bank.country.eq_ignore_ascii_case(country))
}
