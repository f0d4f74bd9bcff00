//! The report about an account, in its three formats.

use super::model::account::{Account, money};
use crate::{
    answer::{Answer, Outcome},
    clock,
    json::object,
    request::Query,
};

/// The report in the format and the language that the query asks for.
pub(super) fn report(account: &Account, id: &str, query: &Query) -> Outcome {
    let format = query.choice("format", &["json", "html", "pdf"])?;
    let locale = query.choice("locale", &["de", "en"])?;
    let (mut income, mut expenses) = (0, 0);
    for turnover in &account.turnovers {
        if turnover.cents > 0 {
            income += turnover.cents;
        } else {
            expenses += turnover.cents;
        }
    }
    let [title, income_label, expenses_label] = match locale {
        Some("de") => ["Bericht", "Einnahmen", "Ausgaben"],
        _ => ["Report", "Income", "Expenses"],
    };
    let lines = [
        format!("{title} {}", account.iban()),
        format!("{income_label} {} EUR", money(income)),
        format!("{expenses_label} {} EUR", money(expenses)),
    ];
    Ok(match format {
        Some("html") => Answer::raw(
            200,
            "text/html; charset=utf-8",
            html(locale.unwrap_or("en"), title, &lines),
        ),
        Some("pdf") => Answer::raw(200, "application/pdf", pdf(&lines)),
        _ => Answer::json(
            200,
            object! {
                "report_id": id,
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

fn html(language: &str, title: &str, lines: &[String]) -> String {
    let lines: String = lines.iter().map(|line| format!("<p>{line}</p>")).collect();
    format!(
        "<!doctype html><html lang=\"{language}\"><title>{title}</title><body>{lines}</body></html>\n"
    )
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
    fn the_table_of_the_pdf_points_at_its_objects() {
        let file = String::from_utf8(pdf(&["Report".to_owned()])).unwrap();
        let table = file.rfind("xref\n0 6").unwrap();
        for (number, line) in file[table..].lines().skip(3).take(5).enumerate() {
            let offset: usize = line[..10].parse().unwrap();
            assert!(file[offset..].starts_with(&format!("{} 0 obj", number + 1)));
        }
    }
}
