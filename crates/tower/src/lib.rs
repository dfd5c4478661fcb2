//! Portcullis guards for axum and tower applications
