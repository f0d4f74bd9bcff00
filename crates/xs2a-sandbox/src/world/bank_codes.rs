//! The calls about the directory of banks.

use super::model::bank::{self, Bank};
use crate::{
    answer::{Answer, Outcome, Refusal},
    pages::page,
    request::Query,
};

pub(super) fn get(query: &Query) -> Outcome {
    let code =
        query.text("bank_code").ok_or_else(|| Refusal::invalid("The bank_code is required"))?;
    let bank = bank::by_code(code).ok_or_else(Refusal::not_found)?;
    Ok(Answer::json(200, bank.json()))
}

pub(super) fn list(query: &Query) -> Outcome {
    let banks: Vec<&Bank> = bank::all().filter(|bank| is_in_country(bank, query)).collect();
    page("/v1/bankcodes/all", query, &banks, |bank| bank.json())
}

pub(super) fn autocomplete(query: &Query) -> Outcome {
    let typed = query.text("q").unwrap_or_default();
    let product = query.text("product");
    let is_wanted = |bank: &&Bank| {
        bank.matches(typed)
            && is_in_country(bank, query)
            && product.is_none_or(|product| bank.products().contains(&product))
    };
    let banks: Vec<&Bank> = bank::all().filter(is_wanted).collect();
    page("/v1/bankcodes/autocomplete", query, &banks, |bank| bank.json())
}

fn is_in_country(bank: &Bank, query: &Query) -> bool {
    query.text("country_id").is_none_or(|country| bank.country.eq_ignore_ascii_case(country))
}
