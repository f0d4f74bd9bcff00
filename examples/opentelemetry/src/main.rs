//! `cargo run -p opentelemetry-example` prints one trace: the program's span, the calls of a sync below
//! it, and below each call the server's side of its attempts. The sandbox loses the first answer.

use std::error::Error;

use opentelemetry::trace::{SpanId, SpanKind, TracerProvider};
use opentelemetry_example::{Propagate, ServerSpans, is_of_the_sandbox};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing::Instrument;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, registry};
use xs2a::UserClient;
use xs2a_sandbox::{ConnectionSeed, Fault, Sandbox, SyncMode};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // A program exports with opentelemetry-otlp; here the spans stay in memory, to be printed.
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let ours = tracing_opentelemetry::layer().with_tracer(provider.tracer("program"));
    let ours = ours.with_filter(filter_fn(|metadata| {
        metadata.is_span()
            && !is_of_the_sandbox(metadata)
            && !metadata.target().starts_with("hyper")
    }));
    let theirs = ServerSpans::new(provider.tracer("service"));
    let theirs = theirs.with_filter(filter_fn(is_of_the_sandbox));
    registry().with(ours).with(theirs).init();

    let sandbox = Sandbox::start().await?;
    let ada = sandbox.add_user("Ada");
    let id = sandbox.add_connection(&ada, ConnectionSeed::new(SyncMode::Full));
    sandbox.fault(Fault::ResetAfterActing).on("get_connection").next();
    let now = sandbox.now();
    let user = UserClient::builder(ada.token())
        .base_url(sandbox.base_url())
        .clock(move || now)
        .gate(Propagate::default())
        .build()?;
    let night = tracing::info_span!("night");
    let outcome = user.connections().sync(&id).into_future().instrument(night).await?;
    println!("{outcome}\n");

    provider.force_flush()?;
    let spans = exporter.get_finished_spans()?;
    let traces: std::collections::BTreeSet<_> =
        spans.iter().map(|span| span.span_context.trace_id().to_string()).collect();
    println!("traces: {}", traces.len());
    print(&spans, SpanId::INVALID, 0);
    Ok(())
}

/// Prints the spans below a span, in the order in which they began.
fn print(spans: &[SpanData], parent: SpanId, depth: usize) {
    let mut below: Vec<_> = spans.iter().filter(|span| span.parent_span_id == parent).collect();
    below.sort_by_key(|span| span.start_time);
    for span in below {
        let side = if span.span_kind == SpanKind::Server { "service" } else { "program" };
        println!("{:indent$}{side}: {}", "", span.name, indent = 2 * depth);
        print(spans, span.span_context.span_id(), depth + 1);
    }
}
