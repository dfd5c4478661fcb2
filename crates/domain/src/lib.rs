//! Portcullis entities, their state machines and policies: what a grant is
