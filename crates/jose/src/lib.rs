//! JWT, JWK and JWKS for Portcullis: signing keys, verification pinned to the key, access keys, verified-token cache
