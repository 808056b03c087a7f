//! To the collector: OTLP, protobuf over HTTP, in batches, behind everything else.
//!
//! The address comes from our configuration; the other standard variables (headers, timeout, batches, sampling, the
//! service's name) are read by OpenTelemetry's own library. A batch that cannot be sent is lost and said so in the log.

use super::TARGET;
use crate::config::TelemetryConfig;
use async_trait::async_trait;
use axum::body::Bytes;
use opentelemetry::{Key, KeyValue, trace::TracerProvider};
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use reqwest::{Client, Url, redirect::Policy};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use std::{sync::Arc, time::Duration};
use tokio::runtime::Handle;
use tracing_subscriber::{Layer, Registry, filter::Targets};

/// What waits for the collector gets this long when the program ends.
const LAST_BATCH: Duration = Duration::from_secs(3);
/// One batch, from its first byte to the answer's last; the library's own deadline ends its waiting, not the request.
const REQUEST: Duration = Duration::from_secs(10);
/// Behind a base URL (OTLP specification, "OTLP/HTTP Request").
const TRACES_PATH: &str = "v1/traces";

/// Sends spans.
#[derive(Debug)]
pub struct Exporter {
    provider: SdkTracerProvider,
}

impl Exporter {
    /// `None` without an address. Within a runtime, which carries the requests.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn from_config(config: &TelemetryConfig) -> Result<Option<Self>, String> {
        let Some(url) = traces_url(config)? else {
            return Ok(None);
        };
        let cannot = |error: &dyn std::error::Error| format!("cannot export traces: {error}");
        let carrier = Carrier::to(&url)?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(carrier)
            .with_endpoint(url.as_str())
            .build()
            .map_err(|error| cannot(&error))?;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource())
            .build();
        Ok(Some(Self { provider }))
    }

    /// For the subscriber: takes our spans, and nothing else.
    pub fn layer(&self) -> Box<dyn Layer<Registry> + Send + Sync> {
        let only_ours = Targets::new().with_target(TARGET, tracing::Level::INFO);
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("parlance"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_target(false)
            .with_filter(only_ours)
            .boxed()
    }

    /// Sends what waits, and ends.
    pub async fn end(self) {
        let ending = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(LAST_BATCH));
        match ending.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "Some traces did not reach the collector"),
            Err(error) => tracing::warn!(%error, "The export of traces broke"),
        }
    }
}

/// Where traces go: the address for them alone as it is, else the base with the standard path behind it.
fn traces_url(config: &TelemetryConfig) -> Result<Option<Url>, String> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let (variable, text) = match (given(&config.otlp_traces_endpoint), given(&config.otlp_endpoint)) {
        (Some(whole), _) => ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", whole),
        (None, Some(base)) => (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            format!("{}/{TRACES_PATH}", base.trim().trim_end_matches('/')),
        ),
        (None, None) => return Ok(None),
    };
    match Url::parse(text.trim()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(Some(url)),
        // The text may hold a password.
        _ => Err(format!(
            "{variable} is not an address of a collector. It looks like http://localhost:4318 (OTLP over HTTP, not gRPC)."
        )),
    }
}

/// What the spans are of: the environment's word first (`OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`).
fn resource() -> Resource {
    let of_environment = Resource::builder().build();
    let name = of_environment.get(&Key::from_static_str("service.name"));
    let is_named = name.is_some_and(|name| !name.as_str().starts_with("unknown_service"));
    let builder =
        Resource::builder().with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    if is_named {
        builder.build()
    } else {
        builder.with_service_name("parlance").build()
    }
}

/// The exporter has a thread of its own without a runtime: its requests are made on ours.
#[derive(Debug)]
struct Carrier {
    client: Client,
    runtime: Handle,
}

impl Carrier {
    fn to(url: &Url) -> Result<Self, String> {
        let cannot = |error: &dyn std::error::Error| format!("cannot export traces: {error}");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| cannot(&error))?;
        // The machine's certificates are read only when they are needed: a small container may have none.
        let tls = if url.scheme() == "https" {
            tls.with_platform_verifier()
                .map_err(|error| cannot(&error))?
                .with_no_client_auth()
        } else {
            tls.with_root_certificates(RootCertStore::empty())
                .with_no_client_auth()
        };
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .timeout(REQUEST)
            .redirect(Policy::none())
            .build()
            .map_err(|error| cannot(&error))?;
        let runtime = Handle::current();
        Ok(Self { client, runtime })
    }
}

#[async_trait]
impl HttpClient for Carrier {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let request = request.try_into()?;
        let sending = self.runtime.spawn(async move {
            let answer = client
                .execute(request)
                .await
                .map_err(reqwest::Error::without_url)?;
            let mut response = Response::builder().status(answer.status());
            if let Some(headers) = response.headers_mut() {
                headers.clone_from(answer.headers());
            }
            let body = answer.bytes().await.map_err(reqwest::Error::without_url)?;
            Ok(response.body(body)?)
        });
        sending.await?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url_of(base: Option<&str>, whole: Option<&str>) -> Result<Option<String>, String> {
        let config = TelemetryConfig {
            metrics_token: None,
            otlp_endpoint: base.map(Into::into),
            otlp_traces_endpoint: whole.map(Into::into),
        };
        traces_url(&config).map(|url| url.map(Into::into))
    }

    #[test]
    fn the_standard_path_stands_behind_a_base_and_not_behind_a_whole_address() {
        let url = |base, whole| url_of(base, whole).unwrap().unwrap();
        assert_eq!(
            url(Some("http://localhost:4318"), None),
            "http://localhost:4318/v1/traces"
        );
        assert_eq!(
            url(Some("https://otel.example.org/in/"), None),
            "https://otel.example.org/in/v1/traces"
        );
        assert_eq!(
            url(Some("http://localhost:4318"), Some("http://traces:9/x")),
            "http://traces:9/x"
        );
    }

    #[test]
    fn without_an_address_nothing_is_exported() {
        assert_eq!(url_of(None, None), Ok(None));
        assert_eq!(url_of(Some(""), Some(" ")), Ok(None));
    }

    #[test]
    fn a_wrong_address_is_named_and_not_repeated() {
        let refused = url_of(Some("grpc://me:secret@collector:4317"), None).unwrap_err();
        assert!(refused.contains("OTEL_EXPORTER_OTLP_ENDPOINT"), "{refused}");
        assert!(!refused.contains("secret"), "{refused}");
    }
}
