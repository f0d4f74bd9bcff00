//! TLS is a choice of features. `.ci/run` runs this test with each choice alone, and with none.

use xs2a::{BuildError, UserClient, reqwest};

const HAS_TLS: bool =
    cfg!(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls"));

#[test]
fn an_https_address_without_tls_is_a_build_error_and_no_choice_of_tls_panics() {
    let built = match UserClient::builder("token").base_url("https://api.xs2a.com").build() {
        Ok(_) => true,
        Err(BuildError::NoTls) => false,
        Err(error) => panic!("{error}"),
    };
    assert_eq!(built, HAS_TLS);
}

#[test]
fn plain_http_to_this_machine_needs_no_tls() {
    UserClient::builder("token").base_url("http://127.0.0.1:4010").build().unwrap();
}

#[test]
fn whoever_brings_an_http_client_builder_answers_for_its_tls() {
    UserClient::builder("token").http_client_builder(reqwest::Client::builder()).build().unwrap();
}
