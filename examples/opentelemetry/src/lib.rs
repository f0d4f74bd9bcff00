//! One trace across a program and the service, with the OpenTelemetry crates.
//!
//! - [`Propagate`] is the gate that a program adds to its client: it puts the trace context into the
//!   headers of each attempt.
//! - [`ServerSpans`] stands for the service's side. The service has its own; here the sandbox plays it.
//!
//! The spans of `xs2a` itself reach OpenTelemetry by the layer of `tracing-opentelemetry`.

use std::fmt::Debug;
use std::pin::Pin;

use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::{Span as _, SpanKind, Tracer};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, Span};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Metadata, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::layer;
use tracing_subscriber::registry::LookupSpan;
use xs2a::reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use xs2a::{Attempt, Gate, Pass};

/// Puts the context of the current span, which is that of the call, into the headers of each attempt.
#[derive(Debug, Default)]
pub struct Propagate(TraceContextPropagator);

impl Gate for Propagate {
    fn pass<'a>(&'a self, _: &'a Attempt) -> Pin<Box<dyn Future<Output = Pass> + Send + 'a>> {
        Box::pin(async { Pass::free() })
    }

    fn headers(&self, _: &Attempt, headers: &mut HeaderMap) {
        let context = tracing::Span::current().context();
        self.0.inject_context(&context, &mut Headers(headers));
    }
}

struct Headers<'a>(&'a mut HeaderMap);

impl Injector for Headers<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(key), Ok(value)) = (key.parse::<HeaderName>(), HeaderValue::try_from(value)) {
            self.0.insert(key, value);
        }
    }
}

/// Makes an OpenTelemetry span of each call that the sandbox answers, below the span that the request
/// names in its header `traceparent`.
#[derive(Debug)]
pub struct ServerSpans {
    tracer: SdkTracer,
    propagator: TraceContextPropagator,
}

/// Whether a span is one of the sandbox's calls. The layer of `tracing-opentelemetry` leaves them out.
pub fn is_of_the_sandbox(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("xs2a_sandbox")
}

impl ServerSpans {
    /// The spans go to this tracer.
    pub fn new(tracer: SdkTracer) -> Self {
        Self { tracer, propagator: TraceContextPropagator::new() }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for ServerSpans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: layer::Context<'_, S>) {
        let mut request = Request::default();
        attributes.record(&mut request);
        let Some(span) = context.span(id).filter(|_| !request.traceparent.is_empty()) else {
            return;
        };
        let parent = self.propagator.extract_with_context(&Context::new(), &request);
        let builder = self.tracer.span_builder(request.method.clone()).with_kind(SpanKind::Server);
        let started = self.tracer.build_with_context(builder, &parent);
        span.extensions_mut().insert(started);
    }

    fn on_close(&self, id: Id, context: layer::Context<'_, S>) {
        if let Some(span) = context.span(&id)
            && let Some(mut started) = span.extensions_mut().remove::<Span>()
        {
            started.end();
        }
    }
}

/// What the sandbox says of a request.
#[derive(Debug, Default)]
struct Request {
    traceparent: String,
    method: String,
}

impl Visit for Request {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "traceparent" => value.clone_into(&mut self.traceparent),
            "http.request.method" => value.clone_into(&mut self.method),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

impl Extractor for Request {
    fn get(&self, key: &str) -> Option<&str> {
        (key == "traceparent").then_some(&self.traceparent)
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}
