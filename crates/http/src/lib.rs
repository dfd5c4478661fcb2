//! The Portcullis HTTP API on axum, with its OpenAPI document
